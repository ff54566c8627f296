/**
 * The part of the port that reads what users of a network really send, for `overseer learn` and `overseer capture`. A
 * chain without it can be put under load all the same.
 */
export interface ChainTraffic {
  /** Core asset of every embedded network of this chain; null where an embedded network takes the one it is given. */
  readonly embeddedSymbol: string | null;
  /** Throws AppError NETWORK_UNREACHABLE. */
  open(options: TrafficOptions): Promise<TrafficSource>;
  /**
   * Entries of a mix that imitate the operations of one kind, of which these are examples, or why there are none. What
   * they have in common comes from the chain; nothing is asked of a network. Pure.
   */
  imitate(kind: string, samples: readonly TrafficOperation[]): Imitation;
}

export interface TrafficOptions {
  readonly endpoint: string;
  /** For connecting and for each call. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** One node whose blocks are read; nothing is ever sent to it but questions. */
export interface TrafficSource {
  /** Null where the node does not have the block. Throws AppError RPC_FAILED or NETWORK_UNREACHABLE. */
  fetchBlock(number: number): Promise<TrafficBlock | null>;
  close(): Promise<void>;
}

export interface TrafficBlock {
  readonly number: number;
  readonly timestampMs: number;
  /** Those that took effect, in the block's order. */
  readonly transactions: readonly TrafficTransaction[];
}

export interface TrafficTransaction {
  readonly operations: readonly TrafficOperation[];
}

export interface TrafficOperation {
  /** Such as `transfer` or `eosio.token::transfer`; names the same kind wherever it was read. */
  readonly kind: string;
  /** Who pays and signs, and then everybody else that it names, each once and in the order of its fields. */
  readonly accounts: readonly string[];
  /** Length of its text, or of its data where it has no text: characters or bytes. 0 where it has neither. */
  readonly size: number;
  /** Its fields without what only that network knows. */
  readonly fields: TrafficValue;
}

/**
 * A field as JSON. What cannot be said on another network is an object with one key that starts with `$`:
 *
 *     {$account: 1}            position in `TrafficOperation.accounts`
 *     {$amount: "1.00000 BTS"} an amount with its asset
 *     {$text: 12}, {$hex: 32}  free text or data, of which only the length is kept
 *     {$time: 3600}            seconds after the block
 *     {$foreign: "1.19.x"}     something that exists on that network only
 */
export type TrafficValue =
  | string
  | number
  | boolean
  | null
  | readonly TrafficValue[]
  | { readonly [field: string]: TrafficValue };

export type Imitation =
  | {
      readonly kind: "entries";
      /** In a mix; the weights add up to 1. */
      readonly entries: readonly ImitatedEntry[];
      /** What the network must have besides what every network has, such as a contract; null: nothing. */
      readonly needs: string | null;
    }
  | { readonly kind: "impossible"; readonly reason: string };

/** As in a mix. */
export interface ImitatedEntry {
  readonly name: string;
  readonly weight: number;
  readonly operation: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly template: Readonly<Record<string, unknown>> | null;
}

export type ReplayedKind =
  | { readonly kind: "entry"; readonly operation: string; readonly parameters: Readonly<Record<string, unknown>> }
  | { readonly kind: "left-out"; readonly reason: string };
