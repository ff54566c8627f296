import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { quantile } from "./truth/quantile.ts";

/** What the machine kept from a process that only sleeps: the delays for which nobody who is measured is to blame. */
export interface MachineNoise {
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly latestMicros: number;
}

/** Seldom enough not to be in the way, often enough for a 99th percentile of some seconds. */
const everyMicros = 2000;
const run = promisify(execFile);

/** Watches from one instant of the system clock to another, with the priority that `launcher` gives. */
export async function witnessMachine(
  fromMicros: number,
  untilMicros: number,
  launcher: readonly string[],
): Promise<MachineNoise> {
  const script = new URL("machine-witness-process.ts", import.meta.url).pathname;
  const times = [fromMicros, untilMicros, everyMicros].map(String);
  const [command = "", ...args] = [...launcher, process.execPath, "--import", "tsx", script, ...times];
  const { stdout } = await run(command, args, { maxBuffer: 16 * 1024 * 1024 });
  const sorted = Float64Array.from(JSON.parse(stdout) as number[]).sort();
  if (sorted.length === 0) throw new Error("the load was over before the witness had begun");
  return { p50Micros: quantile(sorted, 0.5), p99Micros: quantile(sorted, 0.99), latestMicros: quantile(sorted, 1) };
}
