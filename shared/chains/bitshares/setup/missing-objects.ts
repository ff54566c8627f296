import { AccountPopularity } from "../../../workload/popularity.ts";
import { poolOf } from "../chain-data.ts";
import type { AccountAnswer } from "../node-answers.ts";
import type { KnownAsset } from "../operation-definition.ts";
import { isNamed, type Party, type Scene } from "./scene.ts";
import type { Dealt } from "./step.ts";

type Entry = Scene["options"]["workload"]["mix"][number];

/**
 * How many objects each entry of these operations lacks. Objects are dealt evenly to the entries that they suit, so each
 * must find as many as the neediest.
 */
export function missingObjects(
  { options: { workload, poolNeeds } }: Scene,
  operations: readonly string[],
  dealt: Dealt,
): { readonly entry: Entry; readonly missing: number }[] {
  const entries = workload.mix.filter((entry) => isNamed(entry, operations));
  const neediest = Math.max(0, ...workload.mix.map((entry, i) => (entries.includes(entry) ? (poolNeeds[i] ?? 0) : 0)));
  return entries.map((entry) => {
    const data = dealt.get(entry);
    return { entry, missing: Math.max(0, neediest - (data === undefined ? 0 : (poolOf(data) ?? 0))) };
  });
}

/** Who gets how many: each of the accounts as many as it is popular, and the next one in a ring beside it. */
export function dealtByPopularity(
  { accounts, options }: Scene,
  count: number,
): { readonly party: Party; readonly neighbour: Party }[] {
  const popularity = new AccountPopularity(options.workload.popularity, accounts.length);
  const turns = accounts.flatMap((party, i) => {
    const neighbour = accounts[(i + 1) % accounts.length] as Party;
    return new Array<{ party: Party; neighbour: Party }>(Math.ceil(count * popularity.shareOf(i))).fill({
      party,
      neighbour,
    });
  });
  return turns.slice(0, count);
}

/** Accounts that are there, which is where objects can be. */
export function answersOf({ accounts }: Scene): AccountAnswer[] {
  return accounts.flatMap(({ answer }) => (answer === null ? [] : [answer]));
}

/** The core asset or one of the workload's; null as long as it is not there. */
export function assetOf({ core, assets }: Scene, symbol: string): KnownAsset | null {
  return symbol === core.symbol ? core : (assets.get(symbol) ?? null);
}
