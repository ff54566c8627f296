import type { NetworkDescription } from "../../shared/chains/driver.ts";
import { AppError } from "../../shared/errors/app-error.ts";

/** Both ends included. */
export interface BlockRange {
  readonly first: number;
  readonly last: number;
}

/** More would be days of any network: a mistake rather than a wish. */
const mostBlocks = 1_000_000;
const expected = "expected a range of blocks such as 1000..2000, or last:1000";

/**
 * Reads `1000..2000` or `last:1000`, the newest ones that are irreversible. Throws AppError USAGE: not of this form,
 * empty, too long, or blocks that can still change or do not exist yet.
 */
export function parseBlockRange(
  text: string,
  { irreversibleNumber, headNumber }: Pick<NetworkDescription, "irreversibleNumber" | "headNumber">,
): BlockRange {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  const [, newest] = /^last:(\d+)$/.exec(text) ?? [];
  if (from === undefined && newest === undefined) throw refused(text, expected);
  const last = to === undefined ? irreversibleNumber : Number(to);
  const first = from === undefined ? Math.max(1, last - Number(newest) + 1) : Number(from);
  if (first < 1) throw refused(text, "expected blocks from 1 on");
  if (first > last) throw refused(text, "is an empty range; expected the lower number first");
  if (last - first + 1 > mostBlocks)
    throw refused(text, `expected at most ${mostBlocks.toLocaleString("en-US")} blocks`);
  if (last > irreversibleNumber) {
    const state = last > headNumber ? `the head is block ${headNumber}` : `block ${headNumber} is the head`;
    throw refused(text, `expected irreversible blocks, up to ${irreversibleNumber}; ${state}`);
  }
  return { first, last };
}

function refused(value: string, problem: string): AppError {
  return new AppError("USAGE", "there is no such range of blocks", {
    problems: [{ path: "--blocks", value, expected: problem }],
  });
}
