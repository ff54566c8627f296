import type { AntelopeDevnetConfig } from "../../../shared/devnet/config.ts";
import type { Block } from "./block.ts";

export type Finality = AntelopeDevnetConfig["finality"];

/** What a block adds to what its ancestors say about irreversibility. */
export type FinalityStep = Pick<Block, "lastIrreversible" | "supported" | "builtOn" | "proposed">;

export interface FinalityOptions {
  readonly finality: Finality;
  /** Index of the new block's producer. */
  readonly producer: number;
  /** Whether two thirds of the producers have the block. */
  readonly hasQuorum: (block: Block) => boolean;
}

export function followFinality(parent: Block, options: FinalityOptions): FinalityStep {
  return options.finality === "savanna" ? followSavanna(parent, options) : followDpos(parent, options);
}

/**
 * A block carries the latest certificate there is: for its parent, or for the ancestor that two thirds of the
 * finalizers had in time. What the certified block itself carried a certificate for is irreversible then.
 */
function followSavanna(parent: Block, { hasQuorum }: FinalityOptions): FinalityStep {
  let certified: Block = parent;
  while (certified.number > parent.supported && certified.previous !== null && !hasQuorum(certified)) {
    certified = certified.previous;
  }
  return {
    supported: certified.number,
    lastIrreversible: Math.max(parent.lastIrreversible, certified.supported),
    builtOn: parent.builtOn,
    proposed: parent.proposed,
  };
}

/** A block is proposed when two thirds of the producers have built on it, and irreversible when as many know that. */
function followDpos(parent: Block, { producer }: FinalityOptions): FinalityStep {
  const builtOn = parent.builtOn.with(producer, parent.number);
  const supported = sharedByTwoThirds(builtOn);
  const proposed = parent.proposed.with(producer, supported);
  return {
    builtOn,
    proposed,
    supported,
    lastIrreversible: Math.max(parent.lastIrreversible, sharedByTwoThirds(proposed)),
  };
}

/** The highest number that more than two thirds have reached. */
function sharedByTwoThirds(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 3)] ?? 0;
}

/** How many of the producers make up more than two thirds. */
export function quorumOf(producers: number): number {
  return Math.floor((producers * 2) / 3) + 1;
}
