import { expect, test } from "@jest/globals";
import type { TrafficOperation, TrafficValue } from "../traffic.ts";
import { fitFields, withCounter } from "./fit-fields.ts";

function samplesOf(...fields: readonly TrafficValue[]): TrafficOperation[] {
  return fields.map((value) => ({ kind: "any", accounts: ["a", "b"], size: 0, fields: value }));
}

test("what is always the same stays, and what varies becomes a placeholder with the range that was seen", () => {
  const { template, foreign } = fitFields(
    samplesOf(
      { from: { $account: 0 }, to: { $account: 1 }, level: 3, count: 5, mode: "a", flag: true },
      { from: { $account: 0 }, to: { $account: 2 }, level: 3, count: 9, mode: "a", flag: false },
    ),
  );
  expect(foreign).toEqual([]);
  expect(template).toEqual({
    from: { $account: "sender" },
    to: { $account: "other" },
    level: 3,
    count: { $integer: [5, 9] },
    mode: "a",
    flag: { $choice: [true, false] },
  });
});

test("amounts are of the commonest asset, between the fifth and the ninety-fifth of a hundred", () => {
  const amounts = Array.from({ length: 101 }, (_, i) => ({ amount: { $amount: `${i}.50 BTS` } }));
  const { template } = fitFields(samplesOf({ amount: { $amount: "7 USD" } }, ...amounts));
  expect(template).toEqual({ amount: { $asset: "5.50..95.50 BTS" } });
});

test("free text and data keep their lengths, and nothing else", () => {
  const lengths = [4, 4, 4, 10, 10];
  const { template } = fitFields(
    samplesOf(...lengths.map((length) => ({ memo: { $text: length }, data: { $hex: 8 } }))),
  );
  expect(template).toEqual({ memo: { $choice: [{ $text: 4 }, { $text: 10 }] }, data: { $hex: 8 } });
});

test("lists of several lengths and records of several forms are chosen among, the commonest first", () => {
  const { template } = fitFields(samplesOf({ list: [1, 2] }, { list: [] }, { list: [3, 2] }));
  expect(template).toEqual({ list: { $choice: [[{ $integer: [1, 3] }, 2], []] } });
});

test("what exists on the other network only is named", () => {
  const { foreign } = fitFields(samplesOf({ pool: { $foreign: "1.19.x" } }, { pool: { $foreign: "1.19.x" } }));
  expect(foreign).toEqual(["1.19.x"]);
});

test("a counter takes the place of the first text or data", () => {
  expect(withCounter({ a: 1, inner: { url: { $text: 5 } }, data: { $hex: 4 } })).toEqual({
    a: 1,
    inner: { url: { $counter: "text" } },
    data: { $hex: 4 },
  });
  expect(withCounter({ a: 1 })).toBeNull();
});
