import { expect, test } from "@jest/globals";
import { isAppError } from "../../shared/errors/app-error.ts";
import { parseBlockRange } from "./block-range.ts";

const network = { headNumber: 120, irreversibleNumber: 100 };

test("a range has both its ends, and the newest blocks are those that are irreversible", () => {
  expect(parseBlockRange("10..20", network)).toEqual({ first: 10, last: 20 });
  expect(parseBlockRange("last:30", network)).toEqual({ first: 71, last: 100 });
  expect(parseBlockRange("last:500", network)).toEqual({ first: 1, last: 100 });
});

test.each(["", "5", "10-20", "20..10", "0..5", "90..101", "90..200", "last:0", "last:-1", "1..9999999"])(
  "%p is no range that can be read",
  (text) => {
    let thrown: unknown;
    try {
      parseBlockRange(text, network);
    } catch (error) {
      thrown = error;
    }
    expect(isAppError(thrown) && thrown.code).toBe("USAGE");
  },
);
