import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { MatchIndex } from "./match-index.ts";

test("finds exactly what was added, however little room was expected", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 300 }),
      fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 50 }),
      (ours, others) => {
        const index = new MatchIndex(1);
        index.addAll(
          BigUint64Array.from(ours),
          Uint32Array.from(ours, (_, i) => i),
        );
        expect(index.size).toBe(ours.length);
        expect([...index.findAll(BigUint64Array.from(ours))]).toEqual(ours.map((_, i) => i));
        const strangers = others.filter((key) => !ours.includes(key));
        expect(index.findAll(BigUint64Array.from(strangers))).toHaveLength(0);
      },
    ),
  );
});

test("a key that comes twice keeps its first sequence number", () => {
  const index = new MatchIndex(4);
  index.addAll(BigUint64Array.of(5n, 5n), Uint32Array.of(1, 2));
  index.addAll(BigUint64Array.of(5n), Uint32Array.of(3));
  expect(index.size).toBe(1);
  expect([...index.findAll(BigUint64Array.of(5n))]).toEqual([1]);
});
