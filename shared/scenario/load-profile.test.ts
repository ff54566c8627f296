import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createDueCursor, dueOffsetMicros, durationMicrosOf, ratePerSecondAt, transactionsIn } from "./load-profile.ts";
import type { RateSegment } from "./scenario.ts";
import { equalShares, sequencesInShare } from "./share.ts";

const second = 1e6;

function constant(perSecond: number, seconds: number): RateSegment {
  return { durationMicros: seconds * second, fromPerSecond: perSecond, toPerSecond: perSecond };
}

function ramp(from: number, to: number, seconds: number): RateSegment {
  return { durationMicros: seconds * second, fromPerSecond: from, toPerSecond: to };
}

/** The integral of the rate, summed from the front: independent of how the inverse is worked out. */
function integral(segments: readonly RateSegment[], offsetMicros: number): number {
  let sum = 0;
  let start = 0;
  for (const { durationMicros, fromPerSecond, toPerSecond } of segments) {
    const into = Math.min(Math.max(offsetMicros - start, 0), durationMicros) / second;
    sum += fromPerSecond * into + ((toPerSecond - fromPerSecond) * into * into) / (2 * (durationMicros / second));
    start += durationMicros;
  }
  return sum;
}

const segment = fc.record({
  durationMicros: fc.integer({ min: 1000, max: 600 * second }),
  fromPerSecond: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 500_000 }).map((n) => n / 100),
  ),
  toPerSecond: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 500_000 }).map((n) => n / 100),
  ),
});
const segments = fc.array(segment, { minLength: 1, maxLength: 6 });

describe("a constant rate", () => {
  test("spaces transactions evenly from the start", () => {
    const cursor = createDueCursor([constant(50, 5)]);
    expect(cursor.transactions).toBe(250);
    expect([0, 1, 2, 249].map((i) => cursor.dueOffsetMicros(i))).toEqual([0, 20_000, 40_000, 4_980_000]);
  });

  test("does not drift after ten million transactions", () => {
    const cursor = createDueCursor([constant(3000, 4000)]);
    expect(cursor.transactions).toBe(12_000_000);
    expect(Math.abs(cursor.dueOffsetMicros(10_000_001) - (10_000_001 / 3000) * second)).toBeLessThan(1e-5);
  });
});

test.each([
  [[constant(0.1, 30)], 3],
  [[constant(0.7, 10)], 7],
  [[constant(1.1, 10)], 11],
  [[constant(33.3, 10)], 333],
  [[constant(33.33, 10)], 334],
  [[constant(0.3, 10), constant(0.7, 10)], 10],
  [[ramp(0.1, 0.3, 10)], 2],
  [[ramp(100, 2000, 60)], 63_000],
  [[ramp(0, 100, 1), ramp(100, 0, 1)], 100],
  [[constant(1e-7, 1)], 1],
  [[constant(0, 60)], 0],
  [[], 0],
] as const)("counts are exact for decimal rates: %j", (profile, expected) => {
  expect(transactionsIn(profile)).toBe(expected);
  expect(createDueCursor(profile).transactions).toBe(expected);
});

test("a ramp's transactions are due at the roots of its integral", () => {
  const up = [ramp(0, 100, 2)];
  expect(dueOffsetMicros(up, 0)).toBe(0);
  expect(dueOffsetMicros(up, 25)).toBeCloseTo(second, 6);
  const down = [ramp(100, 0, 2)];
  expect(dueOffsetMicros(down, 75)).toBeCloseTo(second, 6);
});

test("a long ramp down to zero keeps its precision to the last transaction", () => {
  const down = [ramp(1000, 0, 3600)];
  // One transaction before the end: 1 = (1000 / 3600) / 2 × s², s before the end.
  const last = transactionsIn(down) - 1;
  expect(Math.abs(dueOffsetMicros(down, last) - (3600 - Math.sqrt(7.2)) * second)).toBeLessThan(0.01);
});

test("a pause in the middle of a phase has no transactions", () => {
  const profile = [constant(10, 1), constant(0, 5), constant(10, 1)];
  const cursor = createDueCursor(profile);
  expect(cursor.transactions).toBe(20);
  expect(cursor.dueOffsetMicros(9)).toBeCloseTo(900_000, 6);
  expect(cursor.dueOffsetMicros(10)).toBe(6 * second);
});

test("steps keep a fraction of a transaction from one step to the next", () => {
  const cursor = createDueCursor([constant(0.5, 1), constant(0.5, 1), constant(0.5, 1)]);
  expect(cursor.transactions).toBe(2);
  expect(cursor.dueOffsetMicros(1)).toBe(2 * second);
});

test("a transaction that is not due in the phase has no due time", () => {
  const cursor = createDueCursor([constant(10, 1)]);
  for (const index of [-1, 10, Number.NaN]) expect(() => cursor.dueOffsetMicros(index)).toThrow(RangeError);
});

test("due times never go backwards and never leave the phase", () => {
  fc.assert(
    fc.property(segments, fc.double({ min: 0, max: 1, noNaN: true }), (profile, where) => {
      const cursor = createDueCursor(profile);
      fc.pre(cursor.transactions > 0);
      const start = Math.floor(where * Math.max(0, cursor.transactions - 300));
      const due = new Float64Array(Math.min(300, cursor.transactions));
      cursor.fill(due, start);
      expect(due.findIndex((at, i) => i > 0 && at <= (due[i - 1] as number))).toBe(-1);
      expect(due[0]).toBeGreaterThanOrEqual(0);
      expect(due.at(-1)).toBeLessThan(durationMicrosOf(profile));
      expect(cursor.dueOffsetMicros(cursor.transactions - 1)).toBeLessThan(durationMicrosOf(profile));
    }),
    { numRuns: 200 },
  );
});

test("the due time is the inverse of the integral of the rate within a microsecond", () => {
  fc.assert(
    fc.property(segments, fc.double({ min: 0, max: 1, noNaN: true }), (profile, where) => {
      const cursor = createDueCursor(profile);
      fc.pre(cursor.transactions > 0);
      const index = Math.floor(where * (cursor.transactions - 1));
      const due = cursor.dueOffsetMicros(index);
      // The reference integral itself is only good to the rounding of its sums.
      const slack = 1e-9 * (1 + index);
      expect(integral(profile, due - 1)).toBeLessThanOrEqual(index + slack);
      expect(integral(profile, due + 1)).toBeGreaterThanOrEqual(index - slack);
    }),
    { numRuns: 500 },
  );
});

test("the number of transactions is the integral over the phase, rounded up", () => {
  fc.assert(
    fc.property(segments, (profile) => {
      const total = integral(profile, durationMicrosOf(profile));
      const count = transactionsIn(profile);
      expect(count).toBeGreaterThanOrEqual(total - 1e-6 * (1 + total));
      expect(count).toBeLessThan(total + 1 + 1e-6 * (1 + total));
    }),
  );
});

test("the shares of several beacons, merged, are the whole schedule", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 1000 }), (beacons, firstSequence) => {
      const profile = [ramp(10, 200, 2), constant(77.7, 1)];
      const whole = createDueCursor(profile);
      const end = firstSequence + whole.transactions;
      const merged = equalShares(beacons).flatMap((share) => {
        const own = createDueCursor(profile);
        return [...sequencesInShare(share, firstSequence, end)].map((sequence) => ({
          sequence,
          due: own.dueOffsetMicros(sequence - firstSequence),
        }));
      });
      merged.sort((a, b) => a.sequence - b.sequence);
      const expected = new Float64Array(whole.transactions);
      whole.fill(expected, 0);
      expect(merged.map((row) => row.sequence)).toEqual(Array.from(expected, (_, i) => firstSequence + i));
      expect(merged.map((row) => row.due)).toEqual([...expected]);
    }),
  );
});

test("a strided fill gives every n-th due time, also backwards over segments", () => {
  const cursor = createDueCursor([constant(10, 1), constant(20, 1)]);
  cursor.dueOffsetMicros(29);
  const target = new Float64Array(10);
  cursor.fill(target, 1, 3);
  expect([...target]).toEqual([1, 4, 7, 10, 13, 16, 19, 22, 25, 28].map((i) => cursor.dueOffsetMicros(i)));
});

test("the offered rate can be read at any instant", () => {
  const profile = [ramp(0, 100, 10), constant(40, 10)];
  expect([0, 5, 10, 19.9, 20, 25].map((at) => ratePerSecondAt(profile, at * second))).toEqual([0, 50, 40, 40, 0, 0]);
});
