import { Worker } from "node:worker_threads";
import { workerLocation } from "../../beacon/worker-location.ts";
import { quantile } from "./truth/quantile.ts";

/** What the machine kept from a thread that only sleeps: the share of all delays for which nobody who is measured is to blame. */
export interface MachineNoise {
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly latestMicros: number;
}

/** Seldom enough not to be in the way, often enough for a 99th percentile of some seconds. */
const everyMicros = 2000;

/** Watches until an instant of the system clock. */
export async function witnessMachine(untilMicros: number): Promise<MachineNoise> {
  const { filename, execArgv } = workerLocation("machine-witness-worker", import.meta.url);
  const worker = new Worker(new URL(filename), { workerData: { everyMicros, untilMicros }, execArgv });
  const lateMicros = await new Promise<number[]>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  const sorted = Float64Array.from(lateMicros).sort();
  if (sorted.length === 0) return { p50Micros: 0, p99Micros: 0, latestMicros: 0 };
  return { p50Micros: quantile(sorted, 0.5), p99Micros: quantile(sorted, 0.99), latestMicros: quantile(sorted, 1) };
}
