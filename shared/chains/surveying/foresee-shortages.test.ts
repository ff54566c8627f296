import { expect, test } from "@jest/globals";
import { type ForeseenLine, foreseeShortages, wholeAmount } from "./foresee-shortages.ts";

const names = ["ann", "bob", "cid"];
const bts = { symbol: "BTS", precision: 5 };

function line(change: Partial<ForeseenLine>): ForeseenLine {
  return {
    ...{ asset: "BTS", precision: 5, setting: "balance", valueFor: (units: bigint) => wholeAmount(units, bts) },
    ...{ needed: [0n, 0n, 0n], available: [0n, 0n, 0n], beyond: [0n, 0n, 0n] },
    ...change,
  };
}

test("accounts that have what they need, or have no limit, lack nothing", () => {
  const enough = line({ needed: [5n, 5n, 9_000_000n], available: [5n, 6n, null] });
  expect(foreseeShortages(names, [enough])).toEqual({ shortages: [], remedies: [] });
});

test("each account that lacks something is named with what it has and needs, and the neediest says what would do", () => {
  const short = line({ needed: [1_000_000n, 300_001n, 200_000n], available: [300_000n, 300_000n, 300_000n] });
  expect(foreseeShortages(names, [short])).toEqual({
    shortages: [
      { account: "ann", asset: "BTS", precision: 5, available: "300000", needed: "1000000" },
      { account: "bob", asset: "BTS", precision: 5, available: "300000", needed: "300001" },
    ],
    remedies: [{ setting: "balance", value: "10 BTS" }],
  });
});

test("what an account has beyond the setting need not be set", () => {
  const short = line({
    needed: [1_000_000n, 900_000n, 0n],
    available: [800_000n, 300_000n, 300_000n],
    beyond: [500_000n, 0n, 0n],
  });
  expect(foreseeShortages(names, [short]).remedies).toEqual([{ setting: "balance", value: "9 BTS" }]);
});

test("amounts are whole ones that are enough", () => {
  expect(wholeAmount(100_000n, bts)).toBe("1 BTS");
  expect(wholeAmount(100_001n, bts)).toBe("2 BTS");
});
