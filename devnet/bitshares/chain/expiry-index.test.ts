import { expect, test } from "@jest/globals";
import { ExpiryIndex } from "./expiry-index.ts";

function indexOf(expirations: readonly (readonly [instance: number, seconds: number])[]): ExpiryIndex {
  const index = new ExpiryIndex();
  for (const [instance, seconds] of expirations) index.move(instance, null, seconds);
  return index;
}

test("what is due comes in the order of its time, then of its number", () => {
  const index = indexOf([
    [4, 20],
    [3, 10],
    [2, 20],
    [1, 30],
  ]);
  expect(index.hasDue(9)).toBe(false);
  expect(index.due(9)).toEqual([]);
  expect(index.hasDue(20)).toBe(true);
  expect(index.due(20)).toEqual([3, 2, 4]);
});

test("what was put off comes once, at the time that it expires now", () => {
  const index = indexOf([
    [1, 10],
    [2, 11],
  ]);
  index.move(1, 10, 12);
  expect(index.due(11)).toEqual([2]);
  expect(index.due(12)).toEqual([2, 1]);
});

test("what is gone does not come, but its time is kept until it has been dealt with", () => {
  const index = indexOf([
    [1, 10],
    [2, 10],
    [3, 11],
  ]);
  for (const instance of [1, 2]) index.move(instance, 10, null);
  // It may come back, if it went with a transaction that is taken back.
  expect(index.hasDue(10)).toBe(true);
  expect(index.due(10)).toEqual([]);
  expect(index.hasDue(10)).toBe(true);
  index.forget(10);
  expect(index.hasDue(10)).toBe(false);
  expect(index.hasDue(11)).toBe(true);
  index.move(1, null, 10);
  expect(index.due(11)).toEqual([1, 3]);
});

test("what is not taken out stays due, and comes once although it was told of twice", () => {
  const index = indexOf([[1, 10]]);
  index.move(1, null, 10);
  expect(index.due(10)).toEqual([1]);
  expect(index.due(15)).toEqual([1]);
});
