import type { Refusal } from "./refusal.ts";

/** What the network needs to know of a block, whatever the chain. */
export interface ChainBlock {
  readonly number: number;
  readonly id: string;
  /** Slots since genesis, missed ones included. */
  readonly slot: number;
  readonly timestampSeconds: number;
  readonly lastIrreversible: number;
  readonly transactionCount: number;
}

/** The types of one chain; `Kinds` is the interface that extends this one. */
export interface ChainKinds<Kinds extends ChainKinds<Kinds>> {
  /** A transaction as all nodes share it: read, checked and its keys recovered once, however many nodes see it. */
  readonly transaction: { readonly id: string };
  /** What came of applying it. */
  readonly applied: { readonly transaction: Kinds["transaction"] };
  readonly block: ChainBlock & {
    readonly previous: Kinds["block"] | null;
    /** Dropped once no node can fork away from the block any more. */
    applied: readonly Kinds["applied"][] | null;
  };
  readonly failure: Refusal;
}
