import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { codeOfOutcome } from "../shared/chains/outcome.ts";
import { transactionsIn } from "../shared/scenario/load-profile.ts";
import type { BenchResult } from "./bench-result.ts";
import { LocalRun, startSink } from "./local-run.ts";

const rates = [1000, 5000, 10_000];
const medianLimitMicros = 500;
const p99LimitMicros = 1000;
/** Seldom enough not to be in the way, often enough for a 99th percentile. */
const sleeperIntervalMicros = 2000;

/**
 * How exactly a beacon keeps its schedule: the number sent, and how late each was. A thread beside it that only sleeps
 * shows what the machine itself keeps from anybody: on an idle core some 0.1 ms, on a busy machine many milliseconds.
 */
export async function benchPacing({ seconds = 20 }: { readonly seconds?: number } = {}): Promise<BenchResult[]> {
  const sink = await startSink();
  try {
    const results: BenchResult[] = [];
    for (const perSecond of rates) results.push(...(await benchRate(sink.endpoint, perSecond, seconds)));
    return results;
  } finally {
    sink.close();
  }
}

async function benchRate(endpoint: string, perSecond: number, seconds: number): Promise<BenchResult[]> {
  const durationMicros = seconds * 1e6;
  const segments = [{ durationMicros, fromPerSecond: perSecond, toPerSecond: perSecond }];
  const transactions = transactionsIn(segments);
  const sleeper = new Sleeper();
  const { outcomes, cpuCores } = await LocalRun.perform({
    endpoint,
    load: { kind: "paced", arrivals: { kind: "even" }, segments },
    durationMicros,
    transactions,
    signingThreads: 2,
    onSending: () => sleeper.start(),
    onDrained: () => sleeper.stop(),
  });
  const sleeperP99 = await sleeper.p99Micros;
  const accepted = codeOfOutcome("accepted");
  const lateness: number[] = [];
  for (const { outcome, due, sent } of outcomes) {
    for (let i = 0; i < outcome.length; i++) {
      if (outcome[i] === accepted) lateness.push((sent[i] as number) - (due[i] as number));
    }
  }
  lateness.sort((a, b) => a - b);
  const at = (share: number): number =>
    lateness[Math.min(lateness.length - 1, Math.floor(lateness.length * share))] ?? Number.NaN;
  const detail = `${lateness.length} of ${transactions} sent, lateness median ${at(0.5).toFixed(0)} µs, p99 ${at(0.99).toFixed(0)} µs, greatest ${at(1).toFixed(0)} µs; ${cpuCores.toFixed(2)} cores; a thread that only sleeps woke ${sleeperP99.toFixed(0)} µs late in p99`;
  const name = `pacing at ${perSecond} tx/s for ${seconds} s`;
  return [
    { name: `${name}: sent and answered`, ratio: lateness.length / transactions, goal: 1, detail },
    { name: `${name}: limit of 0.5 ms to median lateness`, ratio: medianLimitMicros / at(0.5), goal: 1, detail },
    {
      name: `${name}: limit of 1 ms to p99 lateness (twice the sleeper's on a busy machine)`,
      ratio: Math.max(p99LimitMicros, sleeperP99 * 2) / at(0.99),
      goal: 1,
      detail,
    },
  ];
}

/** Sleeps while transactions are sent, and only then: signing takes every core. */
class Sleeper {
  readonly p99Micros: Promise<number>;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  #settle: (micros: number) => void = () => undefined;

  constructor() {
    this.p99Micros = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  start(): void {
    const worker = new Worker(new URL(`./sleeper-worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: { everyMicros: sleeperIntervalMicros, stop: this.#stop.buffer },
    });
    worker.once("message", this.#settle);
  }

  stop(): void {
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
  }
}
