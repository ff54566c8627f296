import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { carriedAt, fitScalability, type ScalabilityLaw } from "./scalability-fit.ts";

const rates = [50, 100, 200, 300, 400, 800];

function loadsOf(law: ScalabilityLaw, noise: (i: number) => number = () => 0) {
  return rates.map((offered, i) => ({ offered, carried: carriedAt(law, offered) * (1 + noise(i)) }));
}

test("finds the law that points were made of", () => {
  const laws = fc.record({
    unitPerSecond: fc.constant(50),
    lambda: fc.double({ min: 10, max: 50, noNaN: true }),
    sigma: fc.double({ min: 0.01, max: 0.9, noNaN: true }),
    kappa: fc.double({ min: 0.001, max: 0.1, noNaN: true }),
  });
  fc.assert(
    fc.property(laws, (law) => {
      const fit = fitScalability(loadsOf(law), 1);
      expect(fit?.law.lambda).toBeCloseTo(law.lambda, 4);
      expect(fit?.law.sigma).toBeCloseTo(law.sigma, 4);
      expect(fit?.law.kappa).toBeCloseTo(law.kappa, 4);
      expect(fit?.relativeError).toBeLessThan(1e-6);
    }),
    { numRuns: 20 },
  );
});

test("a network that takes all it is offered has no knee, and its forecast is the straight line", () => {
  const fit = fitScalability(loadsOf({ unitPerSecond: 50, lambda: 50, sigma: 0, kappa: 0 }), 1);
  const last = fit?.curve.at(-1);
  expect(last).toMatchObject({ offered: 1600, beyondMeasured: true });
  expect(last?.carried.value).toBeCloseTo(1600, 3);
});

test("parameters never become negative, ranges hold the value, and nothing carries more than it is offered", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: 6, maxLength: 6 }), (noise) => {
      const law = { unitPerSecond: 50, lambda: 50, sigma: 0.02, kappa: 0.001 };
      const fit = fitScalability(
        loadsOf(law, (i) => noise[i] as number),
        7,
      );
      expect(fit).not.toBeNull();
      expect(fit?.law.sigma).toBeGreaterThanOrEqual(0);
      expect(fit?.law.kappa).toBeGreaterThanOrEqual(0);
      for (const { offered, carried } of fit?.curve ?? []) {
        expect(carried.high).toBeLessThanOrEqual(offered * (1 + 1e-9));
        expect(carried.low).toBeLessThanOrEqual(carried.value);
        expect(carried.high).toBeGreaterThanOrEqual(carried.value);
      }
    }),
    { numRuns: 20 },
  );
});

test("refits that lack the lowest rate carry no more than is offered there either", () => {
  const law = { unitPerSecond: 50, lambda: 50, sigma: 0.02, kappa: 0.001 };
  const fit = fitScalability(
    loadsOf(law, (i) => (i === 1 ? 0.02 : 0)),
    7,
  );
  const first = fit?.curve[0];
  expect(first).toMatchObject({ offered: 50 });
  expect(first?.carried.high).toBeLessThanOrEqual(50 * (1 + 1e-6));
});

test("has nothing to say about fewer than four rates", () => {
  expect(fitScalability(loadsOf({ unitPerSecond: 50, lambda: 50, sigma: 0.1, kappa: 0 }).slice(0, 3), 1)).toBeNull();
});
