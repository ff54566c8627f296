import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { InFlightRing } from "./in-flight-ring.ts";

test("every token comes back once, in whatever order answers arrive and however many are out", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(null), fc.nat(40)), { maxLength: 400 }), (steps) => {
      const ring = new InFlightRing(4);
      const out = new Map<number, number>();
      let next = 1000;
      for (const step of steps) {
        if (step === null) {
          out.set(ring.add(next), next);
          next += 7;
          continue;
        }
        const expected = out.get(step) ?? -1;
        expect(ring.take(step)).toBe(expected);
        expect(ring.take(step)).toBe(-1);
        out.delete(step);
        expect(ring.count).toBe(out.size);
      }
      const left: number[] = [];
      ring.takeAll((token) => left.push(token));
      expect(left).toEqual([...out.values()]);
      expect(ring.count).toBe(0);
    }),
  );
});

test("numbers that were never sent, or are none, give nothing", () => {
  const ring = new InFlightRing();
  ring.add(5);
  expect([ring.take(1), ring.take(-1), ring.take(Number.NaN)]).toEqual([-1, -1, -1]);
});
