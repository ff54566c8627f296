import { expect, test } from "@jest/globals";
import { drawDelayMs } from "./draw-delay.ts";
import { createRandom, shuffle } from "./random.ts";

function draw(count: number, delay: Parameters<typeof drawDelayMs>[0], seed = 1): number[] {
  const random = createRandom(seed, "test");
  return Array.from({ length: count }, () => drawDelayMs(delay, random));
}

test("a fixed delay is always the same", () => {
  expect(draw(3, { kind: "fixed", ms: 7 })).toEqual([7, 7, 7]);
});

test("points come as often as their weights say", () => {
  const drawn = draw(20_000, { kind: "points", ms: [1, 10, 100], weights: [70, 29, 1] });
  const share = (ms: number) => drawn.filter((value) => value === ms).length / drawn.length;
  expect(share(1)).toBeCloseTo(0.7, 1);
  expect(share(10)).toBeCloseTo(0.29, 1);
  expect(share(100)).toBeCloseTo(0.01, 2);
});

test("a log-normal delay has its median in the middle", () => {
  const drawn = draw(20_001, { kind: "log-normal", medianMs: 50, sigma: 0.5 }).sort((a, b) => a - b);
  expect(drawn[10_000]! / 50).toBeCloseTo(1, 1);
  expect(drawn[16_822]! / drawn[10_000]!).toBeCloseTo(Math.exp(0.5), 1);
});

test("the same seed and purpose give the same draws, another purpose others", () => {
  const delay = { kind: "log-normal", medianMs: 50, sigma: 1 } as const;
  expect(draw(10, delay)).toEqual(draw(10, delay));
  expect(draw(10, delay, 2)).not.toEqual(draw(10, delay));
  expect(createRandom(1, "a")()).not.toBe(createRandom(1, "b")());
});

test("shuffling keeps every item", () => {
  const items = Array.from({ length: 50 }, (_, index) => index);
  const shuffled = shuffle(items, createRandom(3, "order"));
  expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  expect(shuffled).not.toEqual(items);
});
