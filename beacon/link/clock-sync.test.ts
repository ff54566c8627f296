import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { estimateClock } from "./clock-sync.ts";

const signal = new AbortController().signal;

test("the true offset lies within the uncertainty, however unequal the ways there and back are", async () => {
  const delays = fc.array(fc.tuple(fc.nat(5000), fc.nat(5000)), { minLength: 1, maxLength: 24 });
  await fc.assert(
    fc.asyncProperty(delays, fc.integer({ min: -1e9, max: 1e9 }), async (ways, offset) => {
      const clock = new VirtualClock(1e6);
      let asked = 0;
      const estimate = await estimateClock(
        { exchanges: ways.length, signal },
        {
          clock,
          askOverseer: () => {
            const [there, back] = ways[asked++] as [number, number];
            clock.micros += there;
            const theirs = clock.micros + offset;
            clock.micros += back;
            return Promise.resolve(theirs);
          },
        },
      );
      expect(Math.abs(estimate.offsetMicros - offset)).toBeLessThanOrEqual(estimate.uncertaintyMicros);
      expect(estimate.uncertaintyMicros).toBe(Math.min(...ways.map(([there, back]) => (there + back) / 2)));
      expect(estimate.exchanges).toBe(ways.length);
    }),
  );
});

test("an overseer that does not answer is told as it is", async () => {
  const askOverseer = (): Promise<number> => Promise.reject(new Error("operation has timed out"));
  await expect(estimateClock({ exchanges: 16, signal }, { clock: new VirtualClock(), askOverseer })).rejects.toThrow(
    "timed out",
  );
});
