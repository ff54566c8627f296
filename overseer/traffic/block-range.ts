import type { NetworkDescription } from "../../shared/chains/driver.ts";
import { AppError, type Problem } from "../../shared/errors/app-error.ts";

/** Both ends included. */
export interface BlockRange {
  readonly first: number;
  readonly last: number;
}

/** More would be days of any network: a mistake rather than a wish. */
const mostBlocks = 1_000_000;
const tooMany = `expected at most ${mostBlocks.toLocaleString("en-US")} blocks`;
const expected = "expected a range of blocks such as 1000..2000, or last:1000";

/** `1000..2000`, or as many of the newest ones. */
export type WantedBlocks = BlockRange | { readonly newest: number };

/** Reads `1000..2000` or `last:1000`. What is wrong with a text that is not of this form, is empty or too long. */
export function parseWantedBlocks(text: string): WantedBlocks | Problem {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  const [, newest] = /^last:(\d+)$/.exec(text) ?? [];
  if (newest !== undefined) {
    if (Number(newest) < 1) return problemOf(text, "expected at least the last block, last:1");
    return Number(newest) > mostBlocks ? problemOf(text, tooMany) : { newest: Number(newest) };
  }
  if (from === undefined || to === undefined) return problemOf(text, expected);
  const [first, last] = [Number(from), Number(to)];
  if (first < 1) return problemOf(text, "expected blocks from 1 on");
  if (first > last) return problemOf(text, "is an empty range; expected the lower number first");
  return last - first + 1 > mostBlocks ? problemOf(text, tooMany) : { first, last };
}

/** The newest are those that are irreversible. Throws AppError USAGE: blocks that can still change or do not exist yet. */
export function blockRangeOf(
  wanted: WantedBlocks,
  { irreversibleNumber, headNumber }: Pick<NetworkDescription, "irreversibleNumber" | "headNumber">,
): BlockRange {
  if ("newest" in wanted) {
    return { first: Math.max(1, irreversibleNumber - wanted.newest + 1), last: irreversibleNumber };
  }
  const { first, last } = wanted;
  if (last <= irreversibleNumber) return wanted;
  const state = last > headNumber ? `the head is block ${headNumber}` : `block ${headNumber} is the head`;
  const problem = problemOf(`${first}..${last}`, `expected irreversible blocks, up to ${irreversibleNumber}; ${state}`);
  throw new AppError("USAGE", "there is no such range of blocks", { problems: [problem] });
}

function problemOf(value: string, problem: string): Problem {
  return { path: "--blocks", value, expected: problem };
}
