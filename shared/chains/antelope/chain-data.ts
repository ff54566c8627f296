import type { TemplateNode } from "../../workload/placeholders.ts";

/**
 * What `resolve` finds out and `createPreparer` builds on: this chain's `ResolvedChain.data`. JSON-safe.
 *
 * The body that a preparer writes is the whole body of an HTTP POST to `/v1/chain/<broadcastCall>`: JSON in ASCII, as it
 * goes over the wire. `ResolvedAccount.id` is the account's name, and only entries that delete permissions consume a pool.
 */
export interface AntelopeData {
  readonly broadcastCall: BroadcastCall;
  readonly coreToken: Token;
  /** Every token that the workload names (`tokensOf` in workload-needs.ts), and the core token. */
  readonly tokens: readonly Token[];
  /** ABI of each contract whose actions the workload uses (`contractsOf`), by the contract's account. */
  readonly abis: Readonly<Record<string, ContractAbi>>;
  /** By position in `ResolvedChain.accounts`. */
  readonly accounts: readonly AccountData[];
  readonly parameters: ChainParameters;
  /** By mix entry, from `toEntries`. */
  readonly entries: readonly EntryData[];
}

/**
 * - `send_transaction2`: `{"return_failure_trace":false,"retry_trx":false,"transaction":T}`; with `true` a failed
 *   one would be answered like a good one, with a trace many times the size of the error
 * - `send_transaction`, `push_transaction`: `T`
 *
 * with `T` = `{"signatures":[…],"compression":0,"packed_context_free_data":"","packed_trx":"…"}`.
 */
export type BroadcastCall = "send_transaction2" | "send_transaction" | "push_transaction";

/** Account that holds the token's contract, such as eosio.token; symbol such as EOS; decimal places. */
export interface Token {
  readonly contract: string;
  readonly symbol: string;
  readonly precision: number;
}

export interface ContractAbi {
  /** Hexadecimal bytes of the ABI, as a contract's account keeps it (`get_raw_abi`, decoded from base64). */
  readonly raw: string;
}

export interface AccountData {
  /** The permission that the account's key satisfies alone: `active` wherever that is so. */
  readonly permission: string;
  /** What the account may still use up; null: no limit. */
  readonly cpuMicros: number | null;
  readonly netBytes: number | null;
  readonly ramBytes: number | null;
  /** What it has staked for itself, in smallest units of the core token. */
  readonly stakedCpu?: number;
  readonly stakedNet?: number;
}

/** Of `get_consensus_parameters`' chain_config, or nodeos's defaults where a node lacks that call. */
export interface ChainParameters {
  /** `min_transaction_cpu_usage`: billed even when the work took less. Default 100. */
  readonly minimumTransactionCpuMicros: number;
  /** `base_per_transaction_net_usage`. Default 12. */
  readonly baseTransactionNetBytes: number;
  /** `max_transaction_net_usage`. Default 524,288. */
  readonly maximumTransactionNetBytes: number;
}

/** Amounts are in smallest units. */
export type EntryData = TransferData | ActionData;

/** `transfer` of a token contract. */
export interface TransferData {
  readonly kind: "transfer";
  readonly token: Token;
  readonly minimum: number;
  readonly maximum: number;
  /** Characters, both ends included. */
  readonly minimumMemo: number;
  readonly maximumMemo: number;
}

/** Any action of any contract. */
export interface ActionData {
  readonly kind: "action";
  readonly contract: string;
  readonly action: string;
  /** One of the run's accounts; null: the transaction's sender. */
  readonly actor: string | null;
  /** Null: the one in `AccountData`. */
  readonly permission: string | null;
  /** The action's data. */
  readonly node: TemplateNode;
  /** Every token whose amounts stand in the data. */
  readonly tokens: readonly Token[];
  /** Each use deletes a permission whose name begins so. */
  readonly deletes?: string;
  /** Those, as far as they are there. */
  readonly owned?: OwnedPermissions;
}

/** Permissions and, beside them, the positions of the accounts whose they are. */
export interface OwnedPermissions {
  readonly owners: readonly number[];
  readonly names: readonly string[];
}

/** How many objects an entry can use up; null where it needs none. */
export function poolOf(entry: EntryData): number | null {
  if (entry.kind !== "action" || entry.deletes === undefined) return null;
  return entry.owned?.owners.length ?? 0;
}
