import yargs from "yargs";
import { messageOf } from "../../shared/errors/app-error.ts";
import { exitCodes } from "../../shared/errors/exit-codes.ts";
import { DelayRelay } from "./delay-relay.ts";

/** A link between two nodes of a network that is not this process's own, made slow. */
async function main(): Promise<void> {
  const options = await yargs(process.argv.slice(2))
    .scriptName("relay")
    .usage("$0 --listen PORT --to HOST:PORT --delay-ms MS\n\nA TCP connection that takes longer, each way.")
    .option("listen", { type: "number", demandOption: true, describe: "Port on all addresses of this host" })
    .option("to", { type: "string", demandOption: true, describe: "Where connections lead" })
    .option("delay-ms", { type: "number", demandOption: true, describe: "Each way" })
    .strict()
    .parseAsync();
  const at = options.to.lastIndexOf(":");
  const relay = new DelayRelay({
    listen: { host: "0.0.0.0", port: options.listen },
    to: { host: options.to.slice(0, at), port: Number(options.to.slice(at + 1)) },
    delayMs: options.delayMs,
  });
  const port = await relay.start();
  process.stdout.write(`${JSON.stringify({ event: "ready", port, to: options.to, delayMs: options.delayMs })}\n`);
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  await relay.stop();
}

main().then(
  () => process.exit(exitCodes.passed),
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(exitCodes.network);
  },
);
