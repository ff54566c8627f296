import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { arrivalsSeed, dueCursorOf } from "./arrivals.ts";
import { createDueCursor, type DueCursor, ProfileInverse } from "./load-profile.ts";
import type { RateSegment } from "./scenario.ts";
import { equalShares, sequencesInShare } from "./share.ts";

const second = 1e6;

function constant(perSecond: number, seconds: number): RateSegment {
  return { durationMicros: seconds * second, fromPerSecond: perSecond, toPerSecond: perSecond };
}

function ramp(from: number, to: number, seconds: number): RateSegment {
  return { durationMicros: seconds * second, fromPerSecond: from, toPerSecond: to };
}

function poisson(segments: readonly RateSegment[], seed: number): DueCursor {
  return dueCursorOf({ kind: "paced", segments, arrivals: { kind: "poisson", seed } }) as DueCursor;
}

function allOf(cursor: DueCursor): Float64Array {
  const due = new Float64Array(cursor.transactions);
  cursor.fill(due, 0);
  return due;
}

/** Greatest distance between the sample's distribution and the law's, times the root of its size. */
function kolmogorovSmirnov(sample: readonly number[], law: (x: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const distances = sorted.map((x, i) =>
    Math.max(Math.abs(law(x) - i / sorted.length), Math.abs(law(x) - (i + 1) / sorted.length)),
  );
  return Math.max(...distances) * Math.sqrt(sorted.length);
}

/** Exceeded by one sample in a thousand that follows the law: √(−ln(0.0005) / 2). */
const critical = 1.95;

test("even arrivals are those of the profile, and an unlimited phase has none", () => {
  const segments = [ramp(10, 200, 3), constant(50, 2)];
  const even = dueCursorOf({ kind: "paced", segments, arrivals: { kind: "even" } });
  expect(even && allOf(even)).toEqual(allOf(createDueCursor(segments)));
  expect(dueCursorOf({ kind: "unlimited", inFlight: 5 })).toBeNull();
});

describe("Poisson arrivals", () => {
  test("are as many as even ones, in order, within the phase and never in a pause", () => {
    const rate = fc.oneof(
      fc.constant(0),
      fc.integer({ min: 1, max: 50_000 }).map((n) => n / 100),
    );
    const segment = fc.record({
      durationMicros: fc.integer({ min: 1000, max: 30 * second }),
      fromPerSecond: rate,
      toPerSecond: rate,
    });
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), fc.nat(), (segments, seed) => {
        const cursor = poisson(segments, seed);
        expect(cursor.transactions).toBe(createDueCursor(segments).transactions);
        const due = allOf(cursor);
        expect(due.findIndex((at, i) => at < (due[i - 1] ?? 0) || at >= cursor.durationMicros)).toBe(-1);
        let start = 0;
        for (const { durationMicros, fromPerSecond, toPerSecond } of segments) {
          const [from, end] = [start, start + durationMicros];
          if (fromPerSecond + toPerSecond === 0) expect(due.some((at) => at > from && at < end)).toBe(false);
          start = end;
        }
      }),
      { numRuns: 60 },
    );
  });

  test("have gaps that are exponential, also across the pieces they are made in", () => {
    for (const seed of [1, 2, 3]) {
      const due = allOf(poisson([constant(100, 200)], seed));
      const gaps = Array.from(due.subarray(1), (at, i) => (at - (due[i] as number)) / second);
      expect(kolmogorovSmirnov(gaps, (x) => 1 - Math.exp(-100 * x))).toBeLessThan(critical);
    }
  });

  test("are not merely even with some noise: even ones fail the same test", () => {
    const due = allOf(createDueCursor([constant(100, 200)]));
    const gaps = Array.from(due.subarray(1), (at, i) => (at - (due[i] as number)) / second);
    expect(kolmogorovSmirnov(gaps, (x) => 1 - Math.exp(-100 * x))).toBeGreaterThan(10 * critical);
  });

  test("have gaps that know nothing of the gap before", () => {
    const due = allOf(poisson([constant(100, 300)], 5));
    const gaps = Array.from(due.subarray(1), (at, i) => at - (due[i] as number));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const moment = (lag: number): number =>
      gaps.slice(lag).reduce((sum, gap, i) => sum + (gap - mean) * ((gaps[i] as number) - mean), 0);
    for (const lag of [1, 2, 128]) expect(Math.abs(moment(lag) / moment(0)) * Math.sqrt(gaps.length)).toBeLessThan(3.5);
  });

  test("come in counts per second whose variance is their mean", () => {
    const seconds = 2000;
    const counts = new Float64Array(seconds);
    for (const at of allOf(poisson([constant(50, seconds)], 9))) {
      const slot = Math.floor(at / second);
      counts[slot] = (counts[slot] as number) + 1;
    }
    const variance = counts.reduce((sum, count) => sum + (count - 50) ** 2, 0) / (seconds - 1);
    // The ratio of a Poisson variable has a standard deviation of √(2 / n), here 3.2 %.
    expect(variance / 50).toBeGreaterThan(1 - 4 * Math.sqrt(2 / seconds));
    expect(variance / 50).toBeLessThan(1 + 4 * Math.sqrt(2 / seconds));
  });

  test.each([
    ["a ramp", [ramp(0, 400, 60)]],
    ["a ramp down", [ramp(300, 10, 60)]],
    ["steps with a pause", [constant(20, 30), constant(0, 10), constant(200, 30)]],
  ])("of %s follow the integral of its rate", (_, segments) => {
    const inverse = new ProfileInverse(segments);
    // Through the integral, the arrivals are uniform: compared with where even ones of a fine grid lie.
    const grid = Float64Array.from({ length: 20_000 }, (_, i) => inverse.offsetMicros((i / 20_000) * inverse.expected));
    const law = (at: number): number => {
      let low = 0;
      let high = grid.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((grid[middle] as number) <= at) low = middle + 1;
        else high = middle;
      }
      return low / grid.length;
    };
    for (const seed of [1, 2, 3]) {
      expect(kolmogorovSmirnov([...allOf(poisson(segments, seed))], law)).toBeLessThan(critical);
    }
  });

  test("are the same in any order of asking", () => {
    const segments = [ramp(10, 300, 20)];
    const whole = allOf(poisson(segments, 4));
    const cursor = poisson(segments, 4);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (index) => {
        expect(cursor.dueOffsetMicros(index)).toBe(whole[index]);
      }),
      { numRuns: 300 },
    );
    for (const index of [-1, whole.length, Number.NaN]) expect(() => cursor.dueOffsetMicros(index)).toThrow(RangeError);
  });

  test("of several beacons, merged, are the whole schedule", () => {
    const segments = [ramp(10, 200, 4), constant(77.7, 1)];
    const whole = allOf(poisson(segments, 8));
    for (const beacons of [1, 2, 7]) {
      const merged = equalShares(beacons).flatMap((share) => {
        const own = poisson(segments, 8);
        return [...sequencesInShare(share, 0, whole.length)].map((i) => [i, own.dueOffsetMicros(i)] as const);
      });
      merged.sort(([a], [b]) => a - b);
      expect(merged.map(([, due]) => due)).toEqual([...whole]);
    }
  });

  test("differ from phase to phase and from seed to seed", () => {
    const seeds = [0, 1].flatMap((phase) => [arrivalsSeed(1, phase), arrivalsSeed(2, phase)]);
    expect(new Set(seeds).size).toBe(4);
    const first = seeds.map((seed) => poisson([constant(10, 10)], seed).dueOffsetMicros(0));
    expect(new Set(first).size).toBe(4);
  });
});
