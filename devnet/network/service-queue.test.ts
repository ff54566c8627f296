import { expect, test } from "@jest/globals";
import { VirtualScheduler } from "./scheduler.ts";
import { ServiceQueue } from "./service-queue.ts";

function record(scheduler: VirtualScheduler, queue: ServiceQueue, jobs: number): number[] {
  const doneAt: number[] = [];
  for (let index = 0; index < jobs; index += 1) queue.add(() => doneAt.push(scheduler.nowMicros()));
  return doneAt;
}

test("without a capacity jobs are served at once", () => {
  const scheduler = new VirtualScheduler();
  expect(record(scheduler, new ServiceQueue(scheduler, null), 3)).toEqual([0, 0, 0]);
});

test("with a capacity of C per second job i of a burst is done after exactly i/C", () => {
  const scheduler = new VirtualScheduler();
  const doneAt = record(scheduler, new ServiceQueue(scheduler, 400), 1000);
  scheduler.advanceTo(10e6);
  expect(doneAt).toEqual(Array.from({ length: 1000 }, (_, index) => (index + 1) * 2500));
});

test("a server that was idle does not save up capacity", () => {
  const scheduler = new VirtualScheduler();
  const queue = new ServiceQueue(scheduler, 1000);
  scheduler.advanceTo(5e6);
  const doneAt = record(scheduler, queue, 2);
  scheduler.advanceTo(6e6);
  expect(doneAt).toEqual([5_001_000, 5_002_000]);
});

test("a process that wakes up late serves what is due and keeps the schedule", () => {
  const scheduler = new VirtualScheduler();
  const queue = new ServiceQueue(scheduler, 1000);
  const served: number[] = [];
  const doneAt: number[] = [];
  for (let index = 0; index < 10; index += 1) {
    queue.add((doneMicros) => {
      served.push(index);
      doneAt.push(doneMicros);
      // Busy for 4.5 ms: four more jobs fall due meanwhile.
      if (index === 0) scheduler.advanceTo(scheduler.nowMicros() + 4500);
    });
  }
  scheduler.advanceTo(5500);
  expect(served).toEqual([0, 1, 2, 3, 4]);
  expect(doneAt).toEqual([1000, 2000, 3000, 4000, 5000]);
  scheduler.advanceTo(6000);
  expect(served).toEqual([0, 1, 2, 3, 4, 5]);
});

test("a pause moves everything behind it by exactly its length", () => {
  const scheduler = new VirtualScheduler();
  const queue = new ServiceQueue(scheduler, 1000);
  const doneAt = record(scheduler, queue, 4);
  scheduler.at(1500, () => queue.pause());
  scheduler.at(11_500, () => queue.resume());
  scheduler.advanceTo(20_000);
  expect(doneAt).toEqual([1000, 12_000, 13_000, 14_000]);
});

test("a job that comes during a pause is served one service time after it", () => {
  const scheduler = new VirtualScheduler();
  const queue = new ServiceQueue(scheduler, 1000);
  queue.pause();
  scheduler.advanceTo(3000);
  const doneAt = record(scheduler, queue, 2);
  scheduler.at(10_000, () => queue.resume());
  scheduler.advanceTo(20_000);
  expect(doneAt).toEqual([11_000, 12_000]);
});

test("without a capacity a pause holds jobs until its end", () => {
  const scheduler = new VirtualScheduler();
  const queue = new ServiceQueue(scheduler, null);
  queue.pause();
  const doneAt = record(scheduler, queue, 2);
  scheduler.at(10_000, () => queue.resume());
  scheduler.advanceTo(20_000);
  expect(doneAt).toEqual([10_000, 10_000]);
});

test("a changed capacity holds for what is left of the job in service and for all behind it", () => {
  const scheduler = new VirtualScheduler();
  const queue = new ServiceQueue(scheduler, 1000);
  const doneAt = record(scheduler, queue, 3);
  scheduler.at(500, () => queue.setCapacity(100));
  scheduler.advanceTo(100_000);
  expect(doneAt).toEqual([5500, 15_500, 25_500]);
});

test("a capacity that is lifted lets everything through", () => {
  const scheduler = new VirtualScheduler();
  const queue = new ServiceQueue(scheduler, 10);
  const doneAt = record(scheduler, queue, 3);
  scheduler.at(500, () => queue.setCapacity(null));
  scheduler.advanceTo(100_000);
  expect(doneAt).toEqual([500, 500, 500]);
  expect(queue.length).toBe(0);
});
