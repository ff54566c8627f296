import { expect, test } from "@jest/globals";
import { ExpiryIndex } from "./expiry-index.ts";

function indexOf(expirations: readonly (readonly [instance: number, seconds: number])[]) {
  const index = new ExpiryIndex();
  const current = new Map<number, number>();
  const put = (instance: number, seconds: number): void => {
    current.set(instance, seconds);
    index.add(seconds, instance);
  };
  for (const [instance, seconds] of expirations) put(instance, seconds);
  return { index, current, put, due: (seconds: number) => index.due(seconds, (one) => current.get(one) ?? null) };
}

test("what is due comes in the order of its time, then of its number", () => {
  const { index, due } = indexOf([
    [4, 20],
    [3, 10],
    [2, 20],
    [1, 30],
  ]);
  expect(index.hasDue(9)).toBe(false);
  expect(due(9)).toEqual([]);
  expect(index.hasDue(20)).toBe(true);
  expect(due(20)).toEqual([3, 2, 4]);
});

test("what was put off comes once, at the time that it expires now", () => {
  const { due, put } = indexOf([
    [1, 10],
    [2, 11],
  ]);
  put(1, 12);
  expect(due(11)).toEqual([2]);
  expect(due(12)).toEqual([2, 1]);
});

test("what is gone does not come, and nothing is due once all of it is forgotten", () => {
  const { index, current, due } = indexOf([
    [1, 10],
    [2, 10],
  ]);
  current.delete(1);
  expect(due(10)).toEqual([2]);
  current.delete(2);
  expect(due(10)).toEqual([]);
  expect(index.hasDue(10)).toBe(false);
});

test("what is not taken out stays due, and comes once although it was told of twice", () => {
  const { due, put } = indexOf([[1, 10]]);
  put(1, 10);
  expect(due(10)).toEqual([1]);
  expect(due(15)).toEqual([1]);
});
