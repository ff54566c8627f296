import { systemClock } from "../../shared/time/clock.ts";

/** Sleeps until instants on a schedule of its own, does nothing else, and says at the end how late it woke each time. */
const [fromMicros = 0, untilMicros = 0, everyMicros = 0] = process.argv.slice(2).map(Number);
const lock = new Int32Array(new SharedArrayBuffer(4));
const lateMicros: number[] = [];
for (let due = Math.max(fromMicros, systemClock.nowMicros()); due < untilMicros; due += everyMicros) {
  const left = due - systemClock.nowMicros();
  if (left > 0) Atomics.wait(lock, 0, 0, left / 1000);
  lateMicros.push(systemClock.nowMicros() - due);
}
process.stdout.write(JSON.stringify(lateMicros));
