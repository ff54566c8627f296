import { expect, test } from "@jest/globals";
import { fitLengths, lengthText } from "./fit-lengths.ts";

test("evenly spread lengths are one range", () => {
  const lengths = Array.from({ length: 96 }, (_, i) => i + 5);
  expect(fitLengths(lengths)).toEqual([{ share: 1, minimum: 5, maximum: 100 }]);
});

test("lengths with a long tail are three ranges that keep their mean", () => {
  const lengths = Array.from({ length: 1000 }, (_, i) => Math.ceil(10 * -Math.log(1 - i / 1000)) + 1);
  const ranges = fitLengths(lengths);
  expect(ranges.map(({ share }) => share)).toEqual([0.5, 0.4, 0.1]);
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const fitted = ranges.reduce((sum, { share, minimum, maximum }) => sum + (share * (minimum + maximum)) / 2, 0);
  expect(Math.abs(fitted - mean) / mean).toBeLessThan(0.35);
  const [only] = [(Math.min(...lengths) + Math.max(...lengths)) / 2];
  expect(Math.abs(fitted - mean)).toBeLessThan(Math.abs(only - mean) / 4);
});

test("where only the shortest that a length may be is known, the range reaches to the longest", () => {
  expect(fitLengths([1, 12, 28], (length) => (length === 1 ? 11 : length + 15))).toEqual([
    { share: 1, minimum: 1, maximum: 43 },
  ]);
});

test("a range of one is written as a number", () => {
  expect(lengthText({ share: 1, minimum: 12, maximum: 12 })).toBe(12);
  expect(lengthText({ share: 1, minimum: 5, maximum: 200 })).toBe("5..200");
});
