import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { AppError } from "../../shared/errors/app-error.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import { SystemScheduler, VirtualScheduler } from "./scheduler.ts";

test("tasks run in order of their instants, and of asking where those are equal", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 }), (instants) => {
      const scheduler = new VirtualScheduler();
      const ran: (readonly [number, number])[] = [];
      for (const [index, instant] of instants.entries()) scheduler.at(instant, () => ran.push([instant, index]));
      scheduler.advanceTo(100);
      const expected = instants
        .map((instant, index) => [instant, index] as const)
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      expect(ran).toEqual(expected);
    }),
  );
});

test("a cancelled task does not run", () => {
  const scheduler = new VirtualScheduler();
  let ran = 0;
  const appointment = scheduler.at(10, () => {
    ran += 1;
  });
  scheduler.at(20, () => {
    ran += 10;
  });
  appointment.cancel();
  scheduler.advanceTo(30);
  expect(ran).toBe(10);
});

test("a running scheduler is never early and does not let delays add up", async () => {
  const scheduler = new SystemScheduler();
  const startMicros = scheduler.nowMicros();
  const lateness: number[] = [];
  for (let index = 1; index <= 100; index += 1) {
    const dueMicros = startMicros + index * 1700;
    scheduler.at(dueMicros, () => lateness.push(scheduler.nowMicros() - dueMicros));
  }
  await waitUntil(() => lateness.length === 100, {
    timeoutMs: 5000,
    onTimeout: () => new AppError("INTERNAL", "tasks are missing"),
  });
  expect(Math.min(...lateness)).toBeGreaterThanOrEqual(0);
  // Every one of the second half would be more than fifty timer errors late if each were counted from the one before;
  // a busy machine makes some of them late, not all.
  expect(Math.min(...lateness.slice(50))).toBeLessThan(20_000);
  scheduler.close();
});

test("in a process that is late, what follows from a task still comes before what was due after it", async () => {
  const scheduler = new SystemScheduler();
  const order: string[] = [];
  const startMicros = scheduler.nowMicros() + 1000;
  scheduler.at(startMicros, () => {
    order.push("block");
    scheduler.at(scheduler.instantMicros() + 5000, () => order.push("arrival"));
  });
  scheduler.at(startMicros + 10_000, () => order.push("next block"));
  const busyUntil = performance.now() + 40;
  while (performance.now() < busyUntil) scheduler.nowMicros();
  await waitUntil(() => order.length === 3, {
    timeoutMs: 5000,
    onTimeout: () => new AppError("INTERNAL", "tasks are missing"),
  });
  expect(order).toEqual(["block", "arrival", "next block"]);
  scheduler.close();
});
