import { expect, test } from "@jest/globals";
import { blockRangeOf, parseWantedBlocks, type WantedBlocks } from "./block-range.ts";

const network = { headNumber: 120, irreversibleNumber: 100 };

test("a range has both its ends, and the newest blocks are those that are irreversible", () => {
  for (const [text, range] of [
    ["10..20", { first: 10, last: 20 }],
    ["last:30", { first: 71, last: 100 }],
    ["last:500", { first: 1, last: 100 }],
  ] as const) {
    expect(blockRangeOf(parseWantedBlocks(text) as WantedBlocks, network)).toEqual(range);
  }
});

test.each(["", "5", "10-20", "20..10", "0..5", "last:0", "last:-1", "last:9999999", "1..9999999"])(
  "%p is no range of blocks, whatever the network",
  (text) => {
    expect(parseWantedBlocks(text)).toMatchObject({ path: "--blocks", value: text, expected: expect.any(String) });
  },
);

test.each(["90..101", "90..200"])("%p can still change, or does not exist yet", (text) => {
  expect(() => blockRangeOf(parseWantedBlocks(text) as WantedBlocks, network)).toThrow(
    expect.objectContaining({ code: "USAGE", problems: [expect.objectContaining({ value: text })] }),
  );
});
