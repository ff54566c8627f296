import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { fromSkewed, type Skew, skewedClock, toSkewed } from "./skewed-clock.ts";

test("a skewed clock is off by its offset at the anchor and by its drift more every second after", () => {
  let now = 1e9;
  const base = { nowMicros: () => now, wallMillis: () => now / 1000 };
  const clock = skewedClock(base, { offsetMicros: -3e6, driftPpm: 200, anchorMicros: 1e9 });
  expect(clock.nowMicros() - now).toBe(-3e6);
  now += 10e6;
  expect(clock.nowMicros() - now).toBeCloseTo(-3e6 + 2000, 3);
  expect(clock.wallMillis() - now / 1000).toBeCloseTo(-2998, 3);
});

test("there and back again is where it was", () => {
  const skews = fc.record<Skew>({
    offsetMicros: fc.integer({ min: -3e6, max: 3e6 }),
    driftPpm: fc.integer({ min: -200, max: 200 }),
    anchorMicros: fc.integer({ min: 0, max: 1e12 }),
  });
  fc.assert(
    fc.property(skews, fc.integer({ min: 0, max: 1e10 }), (skew, after) => {
      const micros = skew.anchorMicros + after;
      expect(Math.abs(fromSkewed(skew, toSkewed(skew, micros)) - micros)).toBeLessThan(0.01);
    }),
  );
});
