import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { createDueCursor } from "../../shared/scenario/load-profile.ts";
import type { RateSegment } from "../../shared/scenario/scenario.ts";
import { type DatedBlock, dateInclusions, type ReadyGroup, valueAt } from "./inclusion-dating.ts";

const stepMicros = 50_000;
const lagMicros = 7000;

interface Chain {
  readonly readyMicros: readonly number[];
  readonly intervalMicros: number;
  /** When the first block is made. */
  readonly firstMicros: number;
  readonly perBlock?: number;
  readonly makesNone?: (madeMicros: number) => boolean;
}

/** The truth: blocks at even intervals take what is ready when they are made, first come first served. */
function includedUntil({
  readyMicros,
  intervalMicros,
  firstMicros,
  perBlock = 1e9,
  makesNone,
}: Chain): (micros: number) => number {
  const blocks: DatedBlock[] = [];
  const groups = new Map<string, ReadyGroup>();
  let next = 0;
  for (let made = firstMicros, number = 1; next < readyMicros.length; made += intervalMicros, number++) {
    if (makesNone?.(made) === true) continue;
    blocks.push({ number, seenMicros: made + lagMicros });
    for (let taken = 0; taken < perBlock && (readyMicros[next] ?? Number.POSITIVE_INFINITY) <= made; taken++, next++) {
      const step = Math.floor((readyMicros[next] as number) / stepMicros);
      const key = `${number}:${step}`;
      groups.set(key, { block: number, step, count: (groups.get(key)?.count ?? 0) + 1 });
    }
  }
  const ready = [...groups.values()];
  const sums = dateInclusions({ blocks, ready, blockIntervalMicros: intervalMicros, lagMicros, stepMicros });
  return (micros) => valueAt(sums, micros / stepMicros);
}

function dueIn(segments: readonly RateSegment[]): number[] {
  const cursor = createDueCursor(segments);
  return Array.from({ length: cursor.transactions }, (_, i) => cursor.dueOffsetMicros(i));
}

const interval = fc.constantFrom(500_000, 1_000_000, 3_000_000);
const share = fc.double({ min: 0, max: 1, noNaN: true });

test("what is ready in time is included when it was due, on any profile, over any stretch, wherever blocks fall", () => {
  const rate = fc.double({ min: 10, max: 300, noNaN: true });
  const segment = fc.record({
    durationMicros: fc.integer({ min: 200_000, max: 9e6 }),
    fromPerSecond: rate,
    toPerSecond: rate,
  });
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 1, maxLength: 3 }),
      interval,
      share,
      share,
      share,
      (segments, intervalMicros, offset, one, other) => {
        const due = dueIn(segments);
        const until = includedUntil({ readyMicros: due, intervalMicros, firstMicros: offset * intervalMicros });
        const length = segments.reduce((sum, { durationMicros }) => sum + durationMicros, 0);
        const [from, to] = [Math.min(one, other) * length, Math.max(one, other) * length];
        const truth = due.filter((micros) => micros >= from && micros < to).length;
        // At each edge a step's transactions, 300 a second at most, are spread over it; at each boundary of blocks as well.
        const stepful = (300 * stepMicros) / 1e6 + 1;
        expect(Math.abs(until(to) - until(from) - truth)).toBeLessThan(2 * stepful);
      },
    ),
  );
});

test("a ramp from 0 to 170 a second over 8 s is 85 a second, and its two halves are 42.5 and 127.5", () => {
  const due = dueIn([{ durationMicros: 8e6, fromPerSecond: 0, toPerSecond: 170 }]);
  for (const firstMicros of [100_000, 400_000, 900_000]) {
    const until = includedUntil({ readyMicros: due, intervalMicros: 1e6, firstMicros });
    expect(Math.abs(until(8e6) / 8 - 85)).toBeLessThan(0.5);
    expect(Math.abs(until(4e6) / 4 - 42.5)).toBeLessThan(0.5);
    expect(Math.abs((until(8e6) - until(4e6)) / 4 - 127.5)).toBeLessThan(1);
  }
});

test("full blocks are the network's capacity, over any stretch of the time in which they were full", () => {
  fc.assert(
    fc.property(interval, share, share, share, (intervalMicros, offset, one, other) => {
      const capacity = 80;
      const due = dueIn([{ durationMicros: 20e6, fromPerSecond: 200, toPerSecond: 200 }]);
      const perBlock = (capacity * intervalMicros) / 1e6;
      const until = includedUntil({ readyMicros: due, intervalMicros, firstMicros: offset * intervalMicros, perBlock });
      // From the third block on every one is full of what had been waiting, long beyond the end of the load.
      const begin = 3 * intervalMicros;
      const [from, to] = [begin + Math.min(one, other) * 30e6, begin + Math.max(one, other) * 30e6];
      expect(Math.abs(until(to) - until(from) - (capacity * (to - from)) / 1e6)).toBeLessThan(2);
    }),
  );
});

test("adjoining stretches add up to all that was included", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5e6 }), { minLength: 1, maxLength: 200 }),
      share,
      (ready, offset) => {
        const readyMicros = ready.sort((a, b) => a - b);
        const until = includedUntil({ readyMicros, intervalMicros: 1e6, firstMicros: offset * 1e6, perBlock: 30 });
        expect(until(0)).toBe(0);
        expect(until(1e9)).toBeCloseTo(ready.length, 6);
      },
    ),
  );
});

test("a network that makes no blocks for 4 s includes nothing meanwhile, and all of it in the next block's interval", () => {
  const due = dueIn([{ durationMicros: 10e6, fromPerSecond: 100, toPerSecond: 100 }]);
  const makesNone = (made: number): boolean => made > 3.5e6 && made < 7.5e6;
  const until = includedUntil({ readyMicros: due, intervalMicros: 1e6, firstMicros: 500_000, makesNone });
  expect(until(6.5e6) - until(3.6e6)).toBeCloseTo(0, 6);
  expect(Math.abs(until(7.5e6) - 750)).toBeLessThan(2);
});

test("a day of half-second blocks is dated as any other", () => {
  const blocks = Array.from({ length: 172_800 }, (_, i) => ({ number: i + 1, seenMicros: (i + 1) * 500_000 }));
  const ready = [{ block: 172_800, step: 172_800 * 10 - 5, count: 7 }];
  const sums = dateInclusions({ blocks, ready, blockIntervalMicros: 500_000, lagMicros: 0, stepMicros });
  expect(valueAt(sums, (172_799 * 500_000) / stepMicros)).toBeCloseTo(0, 9);
  expect(valueAt(sums, 1e9)).toBeCloseTo(7, 9);
});

test("blocks that come in a bunch, an interval late, include no more than there was", () => {
  const blocks = [1, 2, 3].map((number) => ({ number, seenMicros: 3e6 }));
  const ready = blocks.map(({ number }) => ({ block: number, step: number * 20 - 10, count: 10 }));
  const sums = dateInclusions({ blocks, ready, blockIntervalMicros: 1e6, lagMicros: 0, stepMicros });
  expect(valueAt(sums, 1e9)).toBeCloseTo(30, 9);
  expect(valueAt(sums, (2e6 - 1) / stepMicros)).toBeCloseTo(0, 6);
});
