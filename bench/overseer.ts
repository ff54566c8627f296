import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitUntil } from "../shared/time/wait.ts";
import type { BenchResult } from "./bench-result.ts";
import type { OverseerMeasure, OverseerNews, OverseerOrder } from "./overseer-load.ts";

const few = 50;
const many = 500;
/** More sockets in one process of clients would make the clients the bottleneck. */
const beaconsPerProcess = 125;
const warmUpSeconds = 5;
const seconds = 15;
const rounds = 2;
const joinTimeoutMs = 60_000;

/** What a beacon costs the overseer, with few and with many; and whether any heartbeat is missed with many. */
export async function benchOverseer(): Promise<BenchResult[]> {
  const costs = { few: [] as number[], many: [] as number[] };
  let last: OverseerMeasure | null = null;
  let missed = 0;
  for (let round = 0; round < rounds; round++) {
    costs.few.push(costOf(await measure(few), few));
    last = await measure(many);
    missed += last.missed + last.lost;
    costs.many.push(costOf(last, many));
  }
  // The better of each: what others do on the machine only adds.
  const cost = { few: Math.min(...costs.few), many: Math.min(...costs.many) };
  const { loopDelayP99Ms, loopDelayMaximumMs, statuses, rows, disconnections } = last as OverseerMeasure;
  const micros = (value: number): string => `${(value * 1e6).toFixed(0)} µs`;
  const detail = `${micros(cost.few)} of processor time for each beacon and second with ${few}, ${micros(cost.many)} with ${many}; ${statuses} statuses and ${rows} ledger rows in ${seconds} s, ${missed} heartbeats missed in ${rounds} rounds, ${disconnections} connections broken in the last, event loop late by ${loopDelayP99Ms.toFixed(1)} ms in p99, ${loopDelayMaximumMs.toFixed(1)} ms at most`;
  return [
    {
      name: `overseer: one core against what ${many} beacons take of it`,
      ratio: 1 / (cost.many * many),
      goal: 1,
      detail,
    },
    { name: `overseer: cost of a beacon with ${few} against ${many}`, ratio: cost.few / cost.many, goal: 0.9, detail },
    {
      name: `overseer: heartbeats of ${many} beacons that were not missed`,
      ratio: 1 - missed / (many * seconds * rounds),
      goal: 1,
      detail,
    },
  ];
}

function costOf({ cpuSeconds, seconds: measured }: OverseerMeasure, beacons: number): number {
  return cpuSeconds / measured / beacons;
}

async function measure(beacons: number): Promise<OverseerMeasure> {
  const folder = await mkdtemp(join(tmpdir(), "bench-overseer-"));
  const children: ChildProcess[] = [];
  const start = (name: string, args: readonly string[]): ChildProcess => {
    const child = fork(new URL(name, import.meta.url), args);
    children.push(child);
    return child;
  };
  try {
    const news: Partial<{ [K in OverseerNews["kind"]]: Extract<OverseerNews, { kind: K }> }> = {};
    const overseer = start("./overseer-process.js", [String(beacons), folder]);
    overseer.on("message", (message: OverseerNews) => Object.assign(news, { [message.kind]: message }));
    const told = (kind: OverseerNews["kind"]): Promise<void> =>
      waitUntil(() => news[kind] !== undefined, {
        timeoutMs: joinTimeoutMs,
        onTimeout: () => new Error(`the overseer did not come to be "${kind}"`),
      });
    const order = (what: OverseerOrder): void => void overseer.send(what);
    await told("listening");
    for (let first = 0; first < beacons; first += beaconsPerProcess) {
      const count = Math.min(beaconsPerProcess, beacons - first);
      start("./overseer-clients.js", [news.listening?.url as string, String(count), String(first)]);
    }
    await told("complete");
    await secondsPass(warmUpSeconds);
    order("start");
    await secondsPass(seconds);
    order("stop");
    await told("measured");
    return (news.measured as Extract<OverseerNews, { kind: "measured" }>).measure;
  } finally {
    await Promise.all(children.map(end));
    await rm(folder, { recursive: true, force: true });
  }
}

/** Its processes end when their parent lets go of them. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, "exit");
  child.disconnect();
  await exited;
}

function secondsPass(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1000));
}
