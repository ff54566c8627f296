import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../shared/time/clock.ts";

/**
 * A thread that does nothing but sleep until instants on a schedule, and tells at the end how late it woke: what the
 * machine does to anybody who waits.
 */
const { everyMicros, stop } = workerData as { readonly everyMicros: number; readonly stop: SharedArrayBuffer };
const stopped = new Int32Array(stop);
const lateMicros: number[] = [];
for (let due = systemClock.nowMicros() + everyMicros; Atomics.load(stopped, 0) === 0; due += everyMicros) {
  const left = due - systemClock.nowMicros();
  if (left > 0) Atomics.wait(stopped, 0, 0, left / 1000);
  lateMicros.push(systemClock.nowMicros() - due);
}
lateMicros.sort((a, b) => a - b);
parentPort?.postMessage(lateMicros[Math.floor(lateMicros.length * 0.99)] ?? 0);
