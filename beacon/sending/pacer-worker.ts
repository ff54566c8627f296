import { parentPort, workerData } from "node:worker_threads";
import { endDeadline, noDeadline, type PacerMemory } from "./pacer.ts";

const memory = workerData as PacerMemory;
const deadlineNanos = new BigInt64Array(memory.deadlineNanos);
const version = new Int32Array(memory.version);

/** Sleeps until the deadline of `seen`; false when another was set meanwhile. */
function sleepUntil(deadline: bigint, seen: number): boolean {
  for (;;) {
    const leftNanos = deadline - process.hrtime.bigint();
    if (leftNanos <= 0n) return true;
    // A whole day at most: beyond 2³¹ ms a time-out is taken for none.
    const leftMs = Math.min(Number(leftNanos) / 1e6, 86_400_000);
    if (Atomics.wait(version, 0, seen, leftMs) !== "timed-out" || Atomics.load(version, 0) !== seen) return false;
  }
}

for (;;) {
  const seen = Atomics.load(version, 0);
  const deadline = Atomics.load(deadlineNanos, 0);
  if (deadline === endDeadline) break;
  if (deadline === noDeadline) {
    Atomics.wait(version, 0, seen);
  } else if (sleepUntil(deadline, seen)) {
    parentPort?.postMessage(null);
    Atomics.wait(version, 0, seen);
  }
}
