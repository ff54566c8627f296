import type { MixEntry } from "../../scenario/scenario.ts";
import { dealObjects } from "../preparing/deal-objects.ts";
import type { PooledData, PooledOperation } from "./chain-data.ts";
import { htlcHash, preimageBytes } from "./htlc-preimage.ts";
import {
  type AccountAnswer,
  amountAnswer,
  dynamicPropertiesAnswer,
  type HtlcAnswer,
  htlcOptionsAnswer,
  htlcsAnswer,
  type ProposalAnswer,
  proposalsAnswer,
  type VestingBalanceAnswer,
  vestingBalancesAnswer,
} from "./node-answers.ts";
import { instanceOf } from "./object-id.ts";
import { parseHtlcExtend } from "./parameters.ts";
import type { RpcClient } from "./rpc-client.ts";

/** What expires sooner may be gone before it is its turn. */
const leastLifeMs = 3_600_000;
/** `api_limit_get_htlc_by` is 100 unless the node's operator has changed it. */
const htlcsPerCall = 100;
const sha256Algorithm = 2;

interface PooledSetting {
  readonly mix: readonly MixEntry[];
  readonly accounts: readonly AccountAnswer[];
}

interface PooledObject {
  readonly id: number;
  readonly owner: number;
  readonly columns: Readonly<Record<string, number | string>>;
  readonly cost?: number;
}

/**
 * The proposals, vesting balances and contracts of the accounts, dealt to the entries that use them up; fees are still 0.
 */
export async function findPooled(
  client: RpcClient,
  { mix, accounts }: PooledSetting,
): Promise<ReadonlyMap<MixEntry, PooledData>> {
  const named = (...operations: readonly PooledOperation[]): MixEntry[] =>
    mix.filter(({ template, operation }) => template === null && operations.some((one) => one === operation));
  const proposals = named("proposal_update", "proposal_delete");
  const vestingBalances = named("vesting_balance_withdraw");
  const htlcs = named("htlc_redeem", "htlc_extend");
  if (proposals.length + vestingBalances.length + htlcs.length === 0) return new Map();
  const search = {
    client,
    accounts,
    positions: new Map(accounts.map(({ id }, position) => [id, position])),
    nowMs: (await client.call("database", "get_dynamic_global_properties", [], dynamicPropertiesAnswer)).time,
  };
  return new Map([
    ...(await dealProposals(search, proposals)),
    ...(await dealVestingBalances(search, vestingBalances)),
    ...(await dealHtlcs(search, htlcs)),
  ]);
}

interface Search {
  readonly client: RpcClient;
  readonly accounts: readonly AccountAnswer[];
  /** Of the accounts, by id. */
  readonly positions: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

type Dealt = (readonly [MixEntry, PooledData])[];

function toPooled(
  entry: MixEntry,
  objects: readonly PooledObject[],
  settings: Readonly<Record<string, number>> = {},
): PooledData {
  const names = Object.keys(objects[0]?.columns ?? {});
  return {
    kind: "pooled",
    operation: entry.operation as PooledOperation,
    fee: 0,
    ids: objects.map(({ id }) => id),
    owners: objects.map(({ owner }) => owner),
    columns: Object.fromEntries(
      names.map((name) => [name, objects.map(({ columns }) => columns[name] as number | string)]),
    ),
    ...(objects.some(({ cost }) => cost !== undefined) && { costs: objects.map(({ cost }) => cost ?? 0) }),
    settings,
  };
}

/** Those that wait for the approval of one of the accounts, each once. */
async function dealProposals({ client, accounts, nowMs }: Search, entries: readonly MixEntry[]): Promise<Dealt> {
  if (entries.length === 0) return [];
  const listed = await Promise.all(
    accounts.map(({ id }) => client.call("database", "get_proposed_transactions", [id], proposalsAnswer)),
  );
  const found = new Map<string, PooledObject & { readonly isOpen: boolean }>();
  for (const [owner, proposals] of listed.entries()) {
    const { id } = accounts[owner] as AccountAnswer;
    for (const proposal of proposals) {
      const awaits =
        proposal.required_active_approvals.includes(id) && !proposal.available_active_approvals.includes(id);
      if (!awaits || found.has(proposal.id) || proposal.expiration_time < nowMs + leastLifeMs) continue;
      const { review_period_time: review } = proposal;
      found.set(proposal.id, {
        id: instanceOf(proposal.id),
        owner,
        columns: {},
        isOpen: review === undefined || review >= nowMs + leastLifeMs,
        cost: costOf(proposal, id),
      });
    }
  }
  const dealt = dealObjects(
    [...found.values()],
    entries,
    (entry, { isOpen }) => isOpen || entry.operation === "proposal_delete",
  );
  return [...dealt].map(([entry, objects]) => [
    entry,
    // Only what is approved is carried out.
    toPooled(entry, entry.operation === "proposal_update" ? objects : objects.map(({ cost: _, ...rest }) => rest)),
  ]);
}

/** Of the core asset, what the account pays when the proposal is carried out: fees, and what it transfers. */
function costOf({ proposed_transaction: { operations } }: ProposalAnswer, account: string): number {
  return operations.reduce((sum, [, body]) => {
    if (!Object.values(body).includes(account)) return sum;
    const paid = [body.fee, body.from === account ? body.amount : null].map((value) => {
      const { data } = amountAnswer.safeParse(value);
      return data?.asset_id === "1.3.0" ? data.amount : 0;
    });
    return sum + paid.reduce((a, b) => a + b, 0);
  }, 0);
}

async function dealVestingBalances({ client, accounts, nowMs }: Search, entries: readonly MixEntry[]): Promise<Dealt> {
  if (entries.length === 0) return [];
  const listed = await Promise.all(
    accounts.map(({ id }) => client.call("database", "get_vesting_balances", [id], vestingBalancesAnswer)),
  );
  const objects = listed.flatMap((balances, owner) =>
    balances.map((balance): PooledObject => {
      const amount = withdrawable(balance, nowMs / 1000);
      const columns = { amount, asset: instanceOf(balance.balance.asset_id) };
      return { id: instanceOf(balance.id), owner, columns };
    }),
  );
  const vested = objects.filter(({ columns }) => Number(columns.amount) > 0);
  const dealt = dealObjects(vested, entries, () => true);
  return [...dealt].map(([entry, share]) => [entry, toPooled(entry, share)]);
}

/** What the owner may take at that time at least: later it is no less. */
export function withdrawable({ balance, policy }: VestingBalanceAnswer, nowSeconds: number): number {
  const held = BigInt(balance.amount);
  if (policy[0] === 2) return balance.amount;
  if (policy[0] === 0) {
    const [, { begin_timestamp: begin, vesting_cliff_seconds: cliff, vesting_duration_seconds: duration, ...rest }] =
      policy;
    const elapsed = nowSeconds - begin / 1000;
    if (elapsed <= 0 || elapsed < cliff) return 0;
    const whole = rest.begin_balance;
    const vested = elapsed < duration ? (whole * BigInt(elapsed)) / BigInt(duration) : whole;
    return Number(vested - (whole - held));
  }
  const [, { start_claim: start, vesting_seconds, coin_seconds_earned: before, ...rest }] = policy;
  if (nowSeconds <= start / 1000) return 0;
  const seconds = BigInt(Math.max(vesting_seconds, 1));
  const earned = before + held * BigInt(nowSeconds - rest.coin_seconds_earned_last_update / 1000);
  return Number((earned < held * seconds ? earned : held * seconds) / seconds);
}

async function dealHtlcs(search: Search, entries: readonly MixEntry[]): Promise<Dealt> {
  if (entries.length === 0) return [];
  const { client, accounts, nowMs } = search;
  const { parameters } = await client.call("database", "get_global_properties", [], htlcOptionsAnswer);
  const most = parameters.extensions.updatable_htlc_options?.max_timeout_secs ?? 0;
  const listed = (await Promise.all(accounts.map(({ id }) => htlcsFrom(client, id)))).flat();
  const open = listed.filter(({ conditions }) => conditions.time_lock.expiration >= nowMs + leastLifeMs);
  const latestMs = nowMs + most * 1000;
  const dealt = dealObjects(open, entries, (entry, htlc) =>
    entry.operation === "htlc_redeem"
      ? opensWithOwnPreimage(htlc, search)
      : htlc.conditions.time_lock.expiration + parseHtlcExtend(entry.parameters).value.bySeconds * 1000 <= latestMs,
  );
  return [...dealt].map(([entry, htlcs]) => {
    const isRedeem = entry.operation === "htlc_redeem";
    const objects = htlcs.map((htlc) => toHtlcObject(htlc, isRedeem, search));
    return [entry, toPooled(entry, objects, isRedeem ? {} : { ...parseHtlcExtend(entry.parameters).value })];
  });
}

async function htlcsFrom(client: RpcClient, accountId: string): Promise<HtlcAnswer[]> {
  const htlcs: HtlcAnswer[] = [];
  for (let start = 0; ; ) {
    const args = [accountId, `1.16.${start}`, htlcsPerCall];
    const page = await client.call("database", "get_htlc_by_from", args, htlcsAnswer);
    htlcs.push(...page);
    if (page.length < htlcsPerCall) return htlcs;
    start = instanceOf((page.at(-1) as HtlcAnswer).id) + 1;
  }
}

/** Whether it is between two of the accounts, and was made as contracts of a run are made. */
function opensWithOwnPreimage({ transfer, conditions }: HtlcAnswer, { accounts, positions }: Search): boolean {
  const from = accounts[positions.get(transfer.from) ?? -1];
  const to = accounts[positions.get(transfer.to) ?? -1];
  const { preimage_hash: hash, preimage_size: size } = conditions.hash_lock;
  if (from === undefined || to === undefined || hash[0] !== sha256Algorithm || size !== preimageBytes) return false;
  return hash[1] === htlcHash(from.name, to.name, transfer.amount);
}

/** Opened by the one whom it is for, extended by the one whose it was. */
function toHtlcObject({ id, transfer }: HtlcAnswer, isRedeem: boolean, { accounts, positions }: Search): PooledObject {
  const from = positions.get(transfer.from) as number;
  if (!isRedeem) return { id: instanceOf(id), owner: from, columns: {} };
  const to = positions.get(transfer.to) as number;
  const columns = { from: (accounts[from] as AccountAnswer).name, amount: transfer.amount };
  return { id: instanceOf(id), owner: to, columns: { ...columns, to: (accounts[to] as AccountAnswer).name } };
}
