import type { Outlook, Shortage } from "../provisioning.ts";

/** What a run takes of the accounts of one asset or resource, against what they will have. */
export interface ForeseenLine {
  readonly asset: string;
  readonly precision: number;
  /** By account, smallest units. */
  readonly needed: readonly bigint[];
  /** By account; null: no limit, or one that is not known yet. */
  readonly available: readonly (bigint | null)[];
  /** The field of the scenario that decides it. */
  readonly setting: string;
  /** By account, what it will have beyond what that field says. */
  readonly beyond: readonly bigint[];
  /** The field's value that gives so many smallest units, or more. */
  valueFor(units: bigint): string;
}

export const noShortages: Outlook = { shortages: [], remedies: [] };

/** Which accounts will have too little, and the least values of the scenario's fields with which all have enough. */
export function foreseeShortages(accounts: readonly string[], lines: readonly ForeseenLine[]): Outlook {
  const found = lines.map((line) => ({ line, short: shortIn(line) })).filter(({ short }) => short.length > 0);
  return {
    shortages: accounts.flatMap((account, i) =>
      found.filter(({ short }) => short.includes(i)).map(({ line }) => shortageOf(account, i, line)),
    ),
    remedies: found.map(({ line, short }) => {
      const enough = short.map((i) => (line.needed[i] as bigint) - (line.beyond[i] ?? 0n));
      return {
        setting: line.setting,
        value: line.valueFor(enough.reduce((most, units) => (units > most ? units : most))),
      };
    }),
  };
}

/** Positions of the accounts that have too little. */
function shortIn({ needed, available }: ForeseenLine): number[] {
  return [...needed.keys()].filter((i) => {
    const there = available[i] ?? null;
    return there !== null && there < (needed[i] as bigint);
  });
}

function shortageOf(account: string, i: number, { asset, precision, needed, available }: ForeseenLine): Shortage {
  return { account, asset, precision, available: String(available[i]), needed: String(needed[i]) };
}

/** An amount for `accounts.create`: whole ones, rounded up. */
export function wholeAmount(units: bigint, { symbol, precision }: { symbol: string; precision: number }): string {
  const one = 10n ** BigInt(precision);
  return `${(units + one - 1n) / one} ${symbol}`;
}
