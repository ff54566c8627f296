import type { MixEntry } from "../../../scenario/scenario.ts";
import { dealObjects } from "../../preparing/deal-objects.ts";
import type { PooledData, PooledOperation } from "../chain-data.ts";
import { parseHtlcExtend, parseOrderCancel, parseOrderUpdate } from "../parameters.ts";
import { dealtByPopularity, missingObjects } from "./missing-objects.ts";
import { isNamed, type Party, type Scene } from "./scene.ts";
import type { Dealt } from "./step.ts";

/** Operations that use up the same objects. */
const families: readonly (readonly string[])[] = [
  ["limit_order_cancel", "limit_order_update"],
  ["proposal_update", "proposal_delete"],
  ["vesting_balance_withdraw"],
  ["htlc_redeem", "htlc_extend"],
];

interface ForeseenObject {
  /** Position of the account whose object it is. */
  readonly owner: number;
  /** The entry that it was found or is made for. */
  readonly entry: MixEntry;
  /** In the core asset, besides the fee. */
  readonly cost: number;
}

/**
 * What there will be for the entries to use up once all is made, dealt as `resolve` will deal it: whose it is decides who
 * pays. Fees are still 0.
 */
export function foreseePools(scene: Scene, dealt: Dealt, transferFee: number): ReadonlyMap<MixEntry, PooledData> {
  const { mix } = scene.options.workload;
  return new Map(
    families.flatMap((family): [MixEntry, PooledData][] => {
      const entries = mix.filter((entry) => isNamed(entry, family));
      if (entries.length === 0) return [];
      const found = entries.flatMap((entry) => foundFor(scene, entry, dealt));
      const made = madeFor(scene, family, dealt, transferFee);
      // Looked for account by account.
      const objects = [...found, ...made].sort((a, b) => a.owner - b.owner);
      const shares = dealObjects(objects, entries, (entry, object) => suits(entry, object.entry));
      return [...shares]
        .filter(([{ operation }]) => operation !== "limit_order_cancel")
        .map(([entry, share]) => [entry, toPooled(scene, entry, share)]);
    }),
  );
}

function foundFor({ accounts }: Scene, entry: MixEntry, dealt: Dealt): ForeseenObject[] {
  const data = dealt.get(entry);
  if (data?.kind !== "pooled" && data?.kind !== "limit_order_cancel") return [];
  // Positions were counted among the accounts that are there already.
  const present = [...accounts.keys()].filter((i) => accounts[i]?.answer !== null);
  const costs = data.kind === "pooled" ? data.costs : undefined;
  return data.owners.map((owner, i) => {
    const position = present[owner] as number;
    // Contracts lie with whoever has made them, before the one who opens them.
    const isNext = entry.operation === "htlc_redeem";
    const holder = isNext ? (position + accounts.length - 1) % accounts.length : position;
    return { owner: holder, entry, cost: costs?.[i] ?? 0 };
  });
}

/** As `placeOrders` and `holdObjects` make them. */
function madeFor(scene: Scene, family: readonly string[], dealt: Dealt, transferFee: number): ForeseenObject[] {
  const positions = new Map(scene.accounts.map((party, i) => [party, i]));
  const lacking = missingObjects(scene, family, dealt);
  const toObject =
    (entry: MixEntry) =>
    ({ party }: { readonly party: Party }): ForeseenObject => ({
      ...{ owner: positions.get(party) as number, entry, cost: transferFee },
    });
  if (family.includes("limit_order_cancel")) {
    return lacking.flatMap(({ entry, missing }) => dealtByPopularity(scene, missing).map(toObject(entry)));
  }
  const [first] = lacking;
  const missing = lacking.reduce((sum, one) => sum + one.missing, 0);
  return first === undefined ? [] : dealtByPopularity(scene, missing).map(toObject(first.entry));
}

/** Orders are of a market; all else suits every entry. */
function suits(entry: MixEntry, made: MixEntry): boolean {
  const [own, others] = [marketOf(entry), marketOf(made)];
  return own === null || (others !== null && own.every((symbol) => others.includes(symbol)));
}

function marketOf({ operation, parameters }: MixEntry): readonly string[] | null {
  if (operation === "limit_order_cancel") return parseOrderCancel(parameters).value.market;
  return operation === "limit_order_update" ? parseOrderUpdate(parameters).value.market : null;
}

function toPooled({ accounts }: Scene, entry: MixEntry, objects: readonly ForeseenObject[]): PooledData {
  const operation = entry.operation as PooledOperation;
  const isNext = operation === "htlc_redeem";
  return {
    ...{ kind: "pooled", operation, fee: 0, columns: {}, settings: settingsOf(entry) },
    ids: objects.map((_, i) => i),
    owners: objects.map(({ owner }) => (isNext ? (owner + 1) % accounts.length : owner)),
    ...(operation === "proposal_update" && { costs: objects.map(({ cost }) => cost) }),
  };
}

function settingsOf({ operation, parameters }: MixEntry): PooledData["settings"] {
  if (operation === "htlc_extend") return { bySeconds: parseHtlcExtend(parameters).value.bySeconds };
  if (operation !== "limit_order_update") return {};
  const { price, expiresAfterSeconds } = parseOrderUpdate(parameters).value;
  return { leastPrice: Number(price.minimum), mostPrice: Number(price.maximum), expiresAfterSeconds };
}
