#!/usr/bin/env node
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { cpus, hostname, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { AppError, exitNameOf, isAppError, messageOf } from "../shared/errors/app-error.ts";
import { type ExitName, exitCodes } from "../shared/errors/exit-codes.ts";
import { metricsOptions, metricsRequestOf } from "../shared/metrics/metrics-request.ts";
import { MetricsServer } from "../shared/metrics/metrics-server.ts";
import { type Hello, protocolVersion } from "../shared/protocol/messages.ts";
import { release } from "../shared/release.ts";
import { labelKeyPattern, labelValuePattern } from "../shared/scenario/labels.ts";
import { Beacon } from "./beacon.ts";
import { clockWith, faultsVariable, noFaults, parseFaults } from "./faults.ts";
import { loadLinkTls } from "./link/load-link-tls.ts";
import { OverseerLink } from "./link/overseer-link.ts";
import { handInLeftovers } from "./measuring/leftovers.ts";
import { Sampler } from "./measuring/sampler.ts";
import { diskFiles } from "./measuring/spool.ts";
import { beaconMetrics } from "./metrics/beacon-metrics.ts";
import { Run } from "./run.ts";
import { SenderThread } from "./sending/sender-thread.ts";
import { signShare } from "./signing/sign-pool.ts";

/** To each node; a node that is further away than this is of no use as a target. */
const nodeConnectTimeoutMs = 10_000;

/** For one chunk, which the link itself gives up sooner. */
const leftoverTimeoutMs = 30_000;

const args = await yargs(hideBin(process.argv))
  .scriptName("beacon")
  .usage("$0 --overseer URL\n\nGenerates load for an overseer, which tells it everything else.")
  .option("overseer", { type: "string", demandOption: true, describe: "https://host:port of the overseer, or http://" })
  .option("name", {
    type: "string",
    default: hostname(),
    defaultDescription: "the host's",
    describe: "name of this beacon, unique at the overseer",
  })
  .option("token-file", { type: "string", describe: "file with the overseer's token; otherwise LOADSTONE_TOKEN" })
  .option("label", {
    type: "string",
    array: true,
    default: [] as string[],
    describe: "key=value, such as region=eu; again for more",
  })
  .option("spool", {
    type: "string",
    default: join(tmpdir(), "loadstone-spool"),
    describe: "directory for results until the overseer has acknowledged them",
  })
  .option("ca", { type: "string", describe: "PEM file of the authority behind the overseer's certificate" })
  .option("tls-cert", {
    type: "string",
    describe: "PEM file of this beacon's certificate, where the overseer wants one",
  })
  .option("tls-key", { type: "string", describe: "PEM file of its key" })
  .option("connect-timeout", {
    type: "number",
    default: 60,
    describe: "seconds to reach the overseer for the first time",
  })
  .options(metricsOptions)
  .option("watch-stdin", { type: "boolean", default: false, describe: "end when standard input is closed" })
  .option("log-level", {
    choices: ["trace", "debug", "info", "warn", "error", "silent"] as const,
    default: "info" as const,
    describe: "one JSON line on standard error for each entry",
  })
  .strict()
  .fail((message, error) => {
    process.stderr.write(`${message ?? messageOf(error)}\n\nbeacon --help lists the options.\n`);
    process.exit(exitCodes.usage);
  })
  .parseAsync();

const faults = readFaults();
const clock = clockWith(faults);
const logger = pino({ name: args.name, level: args["log-level"] }, pino.destination({ dest: 2, sync: true }));

// Not just the code: a name that is still being looked up would keep the process alive for seconds.
process.exit(exitCodes[await main()]);

async function main(): Promise<ExitName> {
  const ending = new AbortController();
  const end = (error: AppError | null): void => ending.abort(error);
  try {
    const hello = await createHello();
    const metricsRequest = await metricsRequestOf(args, [hello.token]);
    warnOfPlainLink();
    await tellLeftovers();
    const link = new OverseerLink(
      {
        url: args.overseer,
        hello,
        connectTimeoutMs: args["connect-timeout"] * 1000,
        tls: await loadLinkTls({ authority: args.ca, certificate: args["tls-cert"], key: args["tls-key"] }),
      },
      {
        onConnected: () => {
          logger.info({ overseer: args.overseer }, "connected");
          beacon.onConnected();
        },
        onDisconnected: (why) => logger.warn({ why }, "connection to the overseer lost"),
        onFailed: (why) => logger.debug({ why }, "no connection to the overseer yet"),
        onRefused: end,
      },
    );
    const sampler = new Sampler({ clock });
    const beacon = createBeacon(link, sampler, () => end(null));
    const metrics =
      metricsRequest === null
        ? null
        : await MetricsServer.start(metricsRequest, () => beaconMetrics(args.name, beacon.figures()));
    if (metrics !== null) logger.info({ metrics: metrics.url }, "serves metrics");
    watchForTheEnd(end);
    try {
      beacon.start();
      await link.connect(ending.signal);
      await aborted(ending.signal);
    } catch (error) {
      if (!ending.signal.aborted) end(toAppError(error));
    }
    return await shutDown({ beacon, link, sampler, metrics }, ending.signal.reason as AppError | null);
  } catch (error) {
    return report(error);
  }
}

function parseOverseerUrl(): URL {
  const url = URL.canParse(args.overseer) ? new URL(args.overseer) : null;
  if (url !== null && /^(https?|wss?):$/.test(url.protocol)) return url;
  throw new AppError("USAGE", `--overseer ${args.overseer}: expected a URL such as https://overseer.example:7411`);
}

/** On this host nobody else listens; anywhere else the token, and the keys of accounts, are seen on the way. */
function warnOfPlainLink(): void {
  const { protocol, hostname: host } = parseOverseerUrl();
  const isHere = host === "localhost" || host === "[::1]" || host.startsWith("127.");
  if (isHere || protocol === "https:" || protocol === "wss:") return;
  logger.warn(
    { overseer: args.overseer },
    "the link is not encrypted: the token and the accounts' keys can be read on it",
  );
}

interface Parts {
  readonly beacon: Beacon;
  readonly link: OverseerLink;
  readonly sampler: Sampler;
  readonly metrics: MetricsServer | null;
}

async function shutDown({ beacon, link, sampler, metrics }: Parts, why: AppError | null): Promise<ExitName> {
  try {
    await beacon.close();
  } finally {
    await metrics?.close();
    link.close();
    sampler.close();
    // An input that is still open would keep the process alive.
    process.stdin.destroy();
    // A pipe that is still read keeps the process alive.
    if (args["watch-stdin"]) process.stdin.destroy();
  }
  return why === null ? "passed" : report(why);
}

function createBeacon(link: OverseerLink, sampler: Sampler, onShutdown: () => void): Beacon {
  return new Beacon({
    clock,
    logger,
    link,
    sampler,
    onShutdown,
    handInLeftovers: (runId) =>
      handInLeftovers(spoolDirectory(), runId, (bytes) =>
        link.sendChunk(runId, bytes, AbortSignal.timeout(leftoverTimeoutMs)),
      ),
    createRun: (configure, handlers) =>
      new Run({ configure, spoolDirectory: spoolDirectory() }, handlers, {
        clock,
        files: diskFiles,
        sign: signShare,
        sendChunk: (bytes, signal) => link.sendChunk(configure.runId, bytes, signal),
        isConnected: () => link.connected,
        openSender: ({ chain, network, connectionsPerNode, resolved, underWay }, senderHandlers) =>
          new SenderThread(
            {
              chain,
              nodes: network.nodes.map(({ name, endpoint }) => ({ name, endpoint })),
              connectionsPerNode,
              connectTimeoutMs: nodeConnectTimeoutMs,
              needsAllNodes: !underWay,
              data: resolved.data,
              faults,
            },
            senderHandlers,
          ),
      }),
  });
}

function watchForTheEnd(end: (error: AppError | null) => void): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => end(new AppError("STOPPED", `stopped by ${signal}`)));
  }
  if (!args["watch-stdin"]) return;
  process.stdin.on("end", () => end(new AppError("STOPPED", "the process that started this beacon has gone")));
  process.stdin.on("error", () => end(new AppError("STOPPED", "standard input broke")));
  process.stdin.resume();
}

async function createHello(): Promise<Hello> {
  const token =
    args["token-file"] === undefined
      ? (process.env.LOADSTONE_TOKEN ?? "")
      : (await readText(args["token-file"], "--token-file")).trim();
  const processors = cpus();
  return {
    protocolVersion,
    role: "beacon",
    token,
    name: args.name,
    instance: randomUUID(),
    labels: {
      ...Object.fromEntries(args.label.map(toLabel)),
      ...(faults === noFaults ? {} : { faults: "put in on purpose" }),
    },
    host: {
      hostname: hostname(),
      platform: `${process.platform} ${process.arch}`,
      cpuModel: processors[0]?.model ?? "unknown",
      cpus: processors.length,
      memoryBytes: totalmem(),
      node: process.version,
      version: release,
      pid: process.pid,
    },
  };
}

function readFaults(): ReturnType<typeof parseFaults> {
  try {
    return parseFaults(process.env[faultsVariable]);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(exitCodes.usage);
  }
}

function toLabel(text: string): [string, string] {
  const at = text.indexOf("=");
  const [key, value] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
  if (labelKeyPattern.test(key) && labelValuePattern.test(value)) return [key, value];
  throw new AppError("USAGE", `--label ${text}: expected key=value, such as region=eu`);
}

async function readText(path: string, option: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code === "EACCES";
    throw new AppError("USAGE", `${option} ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
      ...(denied && { hint: `its owner is to start the beacon; a container's with: --user "$(id -u):$(id -g)"` }),
    });
  }
}

/** Results of a run that ended before the overseer had them all. */
async function tellLeftovers(): Promise<void> {
  const names = await readdir(spoolDirectory()).catch(() => []);
  for (const name of names) logger.warn({ directory: join(spoolDirectory(), name) }, "results of an unfinished run");
}

/** Of this beacon alone: others of this host may have the same `--spool`. */
function spoolDirectory(): string {
  return join(args.spool, args.name);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function report(error: unknown): ExitName {
  if (isAppError(error)) {
    // Somebody who starts it by hand reads this one, and nobody's log has begun.
    if (error.code === "USAGE") process.stderr.write(`error: ${error.message}\n`);
    if (error.code === "USAGE" && error.hint !== undefined) process.stderr.write(`hint: ${error.hint}\n`);
    if (error.code !== "USAGE") logger.error({ code: error.code, hint: error.hint }, error.message);
    return exitNameOf(error);
  }
  logger.fatal({ err: error }, "defect");
  return "internal-error";
}

function toAppError(error: unknown): AppError {
  return isAppError(error) ? error : new AppError("INTERNAL", messageOf(error), { cause: error });
}
