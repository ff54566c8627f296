import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../shared/time/clock.ts";

/** Sleeps until instants on a schedule of its own, and does nothing else. */
const { everyMicros, untilMicros } = workerData as { readonly everyMicros: number; readonly untilMicros: number };
const lock = new Int32Array(new SharedArrayBuffer(4));
const lateMicros: number[] = [];
for (let due = systemClock.nowMicros() + everyMicros; due < untilMicros; due += everyMicros) {
  const left = due - systemClock.nowMicros();
  if (left > 0) Atomics.wait(lock, 0, 0, left / 1000);
  lateMicros.push(systemClock.nowMicros() - due);
}
parentPort?.postMessage(lateMicros);
