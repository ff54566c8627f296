import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import { labelsText } from "../../../shared/scenario/labels.ts";
import { formatBytes } from "../../reporting/figures-text.ts";
import type { OperatorClient } from "../../serve/operator-client.ts";
import type { BeaconView, RunView } from "../../serve/operator-protocol.ts";
import type { CliIo } from "../io.ts";
import { type Column, textTable } from "../text-table.ts";
import type { StopArguments } from "./operate-commands.ts";
import { type OverseerArguments, operatorClientOf } from "./overseer-options.ts";

export async function listBeacons(args: OverseerArguments, io: CliIo): Promise<ExitName> {
  return asking(args, async (client) => {
    const beacons = await client.beacons();
    io.out(args.json ? json(beacons) : beaconsText(beacons, io.columns));
  });
}

export async function listRuns(args: OverseerArguments, io: CliIo): Promise<ExitName> {
  return asking(args, async (client) => {
    const runs = await client.runs();
    io.out(args.json ? json(runs) : runsText(runs));
  });
}

/** Returns as soon as the overseer has been told; whoever started the run sees its end. */
export async function stopRun(args: StopArguments, io: CliIo): Promise<ExitName> {
  return asking(args, async (client) => {
    const run = await client.stop(args.run, args.force);
    io.out(args.json ? json(run) : `${run.id} is ${run.state}\n`);
  });
}

async function asking(args: OverseerArguments, ask: (client: OperatorClient) => Promise<void>): Promise<ExitName> {
  const client = await operatorClientOf(args);
  try {
    await client.status();
    await ask(client);
    return "passed";
  } finally {
    await client.close();
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function beaconsText(beacons: readonly BeaconView[], columns: number): string {
  if (beacons.length === 0) return "No beacon has joined yet.\n";
  const rows = beacons.map((beacon) => [
    beacon.name,
    beacon.connected ? beacon.state : "away",
    labelsText(beacon.labels),
    beacon.hostname,
    String(beacon.cpus),
    formatBytes(beacon.memoryBytes),
    beacon.release,
  ]);
  return linesOf(["Beacon", "State", "Labels", "Host", ">Cores", ">Memory", "Release"], rows, columns);
}

function runsText(runs: readonly RunView[]): string {
  if (runs.length === 0) return "No run yet.\n";
  const rows = runs.map(({ id, state, exit }) => [id, state, exit === null ? "" : `${exit.code} ${exit.name}`]);
  // An id is there to be copied, so nothing is cut.
  return linesOf(["Run", "State", "Exit"], rows, Number.POSITIVE_INFINITY);
}

/** A heading that begins with `>` stands on the right. */
function linesOf(headings: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  const columns = headings.map((text): Column => {
    return { heading: text.replace(/^>/, ""), align: text.startsWith(">") ? "right" : "left" };
  });
  return textTable(columns, rows, width)
    .map((line) => `${line}\n`)
    .join("");
}
