import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import { loadScenario, readScenario } from "../../../shared/scenario/load-scenario.ts";
import type { Scenario } from "../../../shared/scenario/scenario.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { conductSearch, type SearchResult } from "../../capacity/conduct-search.ts";
import { readSearchRecord, type SearchRecord, writeSearchRecord } from "../../capacity/search-record.ts";
import { engineAddressOf } from "../../deploy/engine-address.ts";
import { type CapacitySummary, summariseSearch } from "../../reporting/capacity/capacity-summary.ts";
import { writeCapacityReport } from "../../reporting/capacity/write-capacity-report.ts";
import { createRunId } from "../../run/run-id.ts";
import type { BeaconsRequest } from "../../run/run-request.ts";
import type { RunWatch } from "../../run/run-watch.ts";
import { urlOf } from "../../server/door.ts";
import { joinCommands } from "../../server/join-command.ts";
import type { CliIo } from "../io.ts";
import { PointProgress } from "../progress/point-progress.ts";
import { ownBeaconsOf, progressOf, type RunContext, remoteBeaconsOf } from "../run/run-handler.ts";
import { tokensOf, withMetrics } from "../with-metrics.ts";
import type { CapacityArguments } from "./capacity-command.ts";
import { pointText, searchResultText } from "./capacity-text.ts";

interface Begun {
  readonly scenario: Scenario;
  readonly beacons: BeaconsRequest;
  readonly folder: string;
  readonly record: SearchRecord;
}

/** Searches the limit, writes the report of the search, says what was found. Throws what kept it from beginning. */
export async function capacity(args: CapacityArguments, context: RunContext): Promise<ExitName> {
  const remote = args.expect === undefined ? null : await remoteOf({ ...args, expect: args.expect }, context);
  return withMetrics({ args, otherTokens: remote === null ? [] : tokensOf(remote) }, async (watch, metricsUrl) => {
    const begun = await begin(args, context, remote);
    if (!args.quiet && !args.json) tellBeginning(begun, metricsUrl, context.io);
    return search(args, context, begun, watch);
  });
}

async function search(args: CapacityArguments, context: RunContext, begun: Begun, watch: RunWatch): Promise<ExitName> {
  const { io, signals, command, tool } = context;
  const { scenario, beacons, folder, record } = begun;
  const point = new PointProgress(io);
  const progress = args.json || args.quiet ? progressOf({ json: args.json, quiet: true }, io) : point;
  const result = await conductSearch(
    {
      ...{ scenario, beacons, folder, record, command, tool, ...signals },
      allowedMainNetwork: args.allowMainNetwork ?? null,
      environment: io.env,
      engine: engineAddressOf(args, io.env),
    },
    {
      driver: context.driverOf(scenario.chain),
      clock: systemClock,
      watch,
      progress,
      head: progress === point ? { fact: (label, text) => io.err(`${label.padEnd(10)}${text}\n`) } : progress,
      onPoint: (measured) => {
        point.clear();
        if (args.json) io.out(`${JSON.stringify({ type: "point", ...measured })}\n`);
        else if (!args.quiet) io.err(pointText(measured, io));
      },
    },
  );
  point.clear();
  for (const leftover of result.leftovers) io.err(`warning: could not clear up: ${leftover}\n`);
  if (result.points.length === 0) {
    // A search that has measured nothing leaves nothing behind.
    if (args.resume === undefined) await rm(folder, { recursive: true, force: true });
    throw result.error as Error;
  }
  const summary = summariseSearch(scenario, result);
  await writeCapacityReport(summary, folder);
  show(summary, folder, args, io);
  if (result.error === null) return exitNameOf(result);
  const again = optionsAgain(args, beacons);
  io.err(`Go on with: overseer capacity --resume ${folder}${again}\n`);
  throw result.error as Error;
}

/** What the folder of a search does not say about how to go on with it. */
function optionsAgain({ listen, engine }: CapacityArguments, beacons: BeaconsRequest): string {
  if (beacons.kind === "remote") return ` --expect ${beacons.count}, and the options of the door as before`;
  return listen === undefined && engine === undefined ? "" : ", with --engine and the options of the door as before";
}

type RemoteRequest = Extract<BeaconsRequest, { kind: "remote" }>;

async function begin(args: CapacityArguments, context: RunContext, remote: RemoteRequest | null): Promise<Begun> {
  const { chains } = context;
  if (args.resume !== undefined) {
    if (args.file !== undefined || args.beacons !== undefined) {
      throw new AppError("USAGE", "--resume goes on with the scenario and beacons of the search: give neither");
    }
    const record = await readSearchRecord(args.resume);
    const scenario = await readScenario(record.scenarioText, record.scenarioPath, chains);
    if (record.remote !== (remote !== null) || (remote !== null && remote.count !== record.beacons)) {
      const expected = record.remote ? `give --expect ${record.beacons} again` : "leave --expect out";
      throw new AppError("USAGE", `--resume goes on with the beacons of the search: ${expected}`);
    }
    const beacons = remote ?? (await ownBeaconsOf(args, record.beacons, scenario, context.io));
    return { scenario, beacons, folder: args.resume, record: { ...record, points: withoutVoidEnd(record.points) } };
  }
  if (args.file === undefined) throw new AppError("USAGE", "which scenario? Give a file, or --resume FOLDER");
  const { scenario, text } = await loadScenario(args.file, chains);
  const beacons = remote ?? (await ownBeaconsOf(args, args.beacons ?? scenario.beacons.count, scenario, context.io));
  const now = new Date(systemClock.wallMillis());
  const folder = join(args.reports, `${createRunId(scenario.name, now)}-capacity`);
  await mkdir(folder, { recursive: true });
  const record: SearchRecord = {
    schemaVersion: 1,
    startedAt: now.toISOString(),
    scenarioPath: args.file,
    scenarioText: text,
    beacons: beacons.count,
    remote: beacons.kind === "remote",
    points: [],
  };
  await writeSearchRecord(folder, record);
  return { scenario, beacons, folder, record };
}

/** Each point is a run with a door of its own; beacons come back to it under the same address. */
async function remoteOf(args: CapacityArguments & { readonly expect: number }, context: RunContext) {
  const beacons = { kind: "remote", ...(await remoteBeaconsOf(args, context)) } as const;
  if (beacons.door.port === 0) {
    throw new AppError("USAGE", "--listen needs a port of its own: beacons come back to it for each point");
  }
  return beacons;
}

/** Where beacons were the limit, another machine or hour may do better: these points are measured again. */
function withoutVoidEnd(points: SearchRecord["points"]): SearchRecord["points"] {
  return points.slice(0, points.findLastIndex(({ verdict }) => verdict !== "generator-bound") + 1);
}

function tellBeginning({ scenario, beacons, folder, record }: Begun, metricsUrl: string | null, io: CliIo): void {
  io.err(`Question  ${scenario.question}\nSearch    ${folder}\n`);
  if (metricsUrl !== null) io.err(`Metrics   ${metricsUrl}\n`);
  if (beacons.kind === "remote") {
    const { count, door } = beacons;
    io.err(`Waiting   for ${count} ${count === 1 ? "beacon" : "beacons"} at each point; join one with\n`);
    for (const { label, command } of joinCommands(urlOf(door.tls, door.host, door.port), door))
      io.err(`${label.padEnd(10)}${command}\n`);
  }
  for (const point of record.points) io.err(pointText(point, io));
}

function show(summary: CapacitySummary, folder: string, args: CapacityArguments, io: CliIo): void {
  const report = join(folder, "report.html");
  if (args.json) io.out(`${JSON.stringify({ type: "result", ...summary, report })}\n`);
  else io.out(searchResultText(summary, report, io));
}

function exitNameOf({ outcome }: SearchResult): ExitName {
  switch (outcome?.kind) {
    case "confirmed":
    case "ceiling":
      return "passed";
    case "generator-bound":
      return "generator-bound";
    default:
      return "thresholds-failed";
  }
}
