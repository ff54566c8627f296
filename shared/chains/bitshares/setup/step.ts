import type { MixEntry } from "../../../scenario/scenario.ts";
import type { Amount } from "../../surveying/summarise-stages.ts";
import type { EntryData } from "../chain-data.ts";
import type { Operation } from "./fee-table.ts";
import type { Party, Scene } from "./scene.ts";

/** A single thing that is made. */
export interface Step {
  /** Pays the fee, and signs. */
  readonly sender: Party;
  /** Null as long as an account or asset that it names is not there: an earlier stage makes it. */
  readonly operation: Operation | null;
  /** In smallest units of the core asset. */
  readonly fee: bigint;
  /** What it takes from the sender besides. */
  readonly spends: readonly Amount[];
}

/** Steps that may be taken all at once. */
export interface Stage {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** What an account will spend in the run itself beyond its even share, and so must have on top of its balance. */
export interface Reserve extends Amount {
  readonly party: Party;
}

export interface Provided {
  /** In their order; those without steps are left out. */
  readonly stages: readonly Stage[];
  readonly reserves: readonly Reserve[];
  /** What is there already of what the workload uses up. */
  readonly dealt?: Dealt;
}

/** By mix entry, as `resolve` deals it. */
export type Dealt = ReadonlyMap<MixEntry, EntryData>;

/**
 * One kind of thing that workloads need on the chain: says what of it is missing. A new kind is a file of its own in this
 * folder and a line in `survey-chain.ts`. Must count as `resolve` counts, so that it has nothing to refuse afterwards.
 */
export type Provision = (scene: Scene) => Promise<Provided>;

/** The account's id, or null where it is not there yet. */
export function idOf({ answer }: Party): string | null {
  return answer?.id ?? null;
}
