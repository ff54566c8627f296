import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { ClockEstimate } from "../../shared/protocol/messages.ts";
import { clockCorrectionOf } from "./beacon-clock.ts";

function estimate(offsetMicros: number, uncertaintyMicros: number, atMicros: number): ClockEstimate {
  return { offsetMicros, uncertaintyMicros, atMicros, exchanges: 24 };
}

test("a difference within the uncertainties is no drift, and widens them", () => {
  const correction = clockCorrectionOf({ clock: estimate(1000, 200, -2e6), clockAtEnd: estimate(1250, 100, 18e6) });
  expect(correction).toEqual({ rate: 0, fromMicros: 0, uncertaintyMicros: 350 });
});

test("a clock that was compared once, or never, is not corrected", () => {
  expect(clockCorrectionOf({ clock: estimate(1000, 200, 0), clockAtEnd: null }).uncertaintyMicros).toBe(200);
  expect(clockCorrectionOf({ clock: null, clockAtEnd: null }).uncertaintyMicros).toBeNull();
});

test("whatever the drift, a corrected instant is right within the uncertainty at all times between", () => {
  const wrongBy = fc.integer({ min: -300, max: 300 });
  fc.assert(
    fc.property(fc.integer({ min: -300, max: 300 }), wrongBy, wrongBy, fc.nat(100), (ppm, atArm, atEnd, percent) => {
      const begin = -2e6;
      const end = 28e6;
      // The true offset at an instant is what must be added to the beacon's clock then.
      const offsetAt = (micros: number): number => 5e6 - (ppm * micros) / 1e6;
      const clock = estimate(offsetAt(begin) + atArm, 300, begin);
      const clockAtEnd = estimate(offsetAt(end) + atEnd, 300, end);
      const { rate, fromMicros, uncertaintyMicros } = clockCorrectionOf({ clock, clockAtEnd });
      const truly = begin + ((end - begin) * percent) / 100;
      const told = truly + clock.offsetMicros - offsetAt(truly);
      const corrected = told + rate * (told - fromMicros);
      // The rate itself is applied to the told instant, which differs from the true one by far less than it matters.
      expect(Math.abs(corrected - truly)).toBeLessThanOrEqual((uncertaintyMicros ?? 0) + 10);
    }),
  );
});
