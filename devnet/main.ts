#!/usr/bin/env node
import yargs from "yargs";
import { AppError, exitNameOf, isAppError, messageOf } from "../shared/errors/app-error.ts";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import { developmentKey } from "./default-config.ts";
import { startDevnet } from "./devnet.ts";
import { loadConfig } from "./load-config.ts";

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function explain(error: unknown): void {
  if (!isAppError(error)) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return;
  }
  say(error.message);
  for (const { path, value, expected } of error.problems) {
    say(`  ${path}${value === undefined ? "" : ` is ${value}`}: ${expected}`);
  }
  if (error.hint !== undefined) say(error.hint);
}

async function main(): Promise<void> {
  const options = await yargs(process.argv.slice(2))
    .scriptName("devnet")
    .usage("$0 [options]\n\nAn embedded network of several nodes behind real sockets.")
    .option("config", {
      type: "string",
      requiresArg: true,
      describe: "Configuration file (JSON), or - for the first line of stdin",
    })
    .option("chain", {
      choices: ["bitshares", "antelope"] as const,
      default: "bitshares" as const,
      describe: "Chain of the network that starts without --config",
    })
    .option("watch-stdin", { type: "boolean", default: false, describe: "End when stdin closes" })
    .strict()
    .fail((message, error) => {
      throw error ?? new AppError("USAGE", message, { hint: "See devnet --help." });
    })
    .parseAsync();

  const config = await loadConfig(options.config, options.chain, process.stdin);
  const ended = new AbortController();
  const end = (): void => ended.abort();
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  const devnet = await startDevnet(config, end);
  if (options.watchStdin) process.stdin.on("end", end).on("close", end).on("error", end).resume();
  process.stdout.write(`${JSON.stringify(devnet.ready)}\n`);
  if (options.config === undefined) {
    say(`A network of ${devnet.ready.nodes.length} nodes: ${devnet.ready.nodes.map(({ url }) => url).join("  ")}`);
    const names = config.genesis.accounts.map(({ name }) => name);
    say(`Accounts ${names[0]} to ${names.at(-1)}, all with the published development key ${developmentKey.privateKey}`);
    say(`Inside view and faults: ${devnet.ready.control}/state   Ctrl-C ends it.`);
  }
  if (!ended.signal.aborted) {
    await new Promise<void>((resolve) => {
      ended.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
  await devnet.stop();
}

main().then(
  () => process.exit(exitCodes.passed),
  (error: unknown) => {
    explain(error);
    if (messageOf(error) === "") say("The devnet failed.");
    process.exit(exitCodes[exitNameOf(error)]);
  },
);
