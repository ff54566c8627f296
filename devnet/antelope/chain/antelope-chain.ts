import type { ChainKinds } from "../../network/chain-kinds.ts";
import { ChainNode, type NewBlock, type Selection } from "../../network/chain-node.ts";
import type { Journal } from "../../network/journal.ts";
import { prepareTransaction, type SignedTransaction } from "../codec/signed-transaction.ts";
import { applyTransaction } from "../evaluate/apply-transaction.ts";
import type { ChainView } from "../evaluate/chain-view.ts";
import type { AppliedTransaction } from "./applied-transaction.ts";
import type { Block } from "./block.ts";
import type { BlockStore } from "./block-store.ts";
import type { ChainParameters } from "./chain-parameters.ts";
import { type ChainFailure, fail, kinds, unexpected } from "./failure.ts";
import { produceBlock } from "./produce-block.ts";
import { type GenesisState, State } from "./state.ts";

export interface AntelopeKinds extends ChainKinds<AntelopeKinds> {
  readonly transaction: SignedTransaction;
  readonly applied: AppliedTransaction;
  readonly block: Block;
  readonly failure: ChainFailure;
}

/** What became of a transaction, as `get_transaction_status` tells it. */
export type TransactionFate =
  | { readonly state: "LOCALLY_APPLIED"; readonly expirationSeconds: number }
  | { readonly state: "IN_BLOCK" | "IRREVERSIBLE" | "FORKED_OUT"; readonly block: Block; readonly index: number };

export interface AntelopeChainDependencies {
  readonly genesis: GenesisState;
  readonly parameters: ChainParameters;
  readonly store: BlockStore;
  /** Whether two thirds of the network's producers have the block. */
  readonly hasQuorum: (block: Block) => boolean;
}

/** One node's Antelope chain. */
export class AntelopeChain extends ChainNode<AntelopeKinds> implements ChainView {
  readonly state: State;
  readonly parameters: ChainParameters;
  readonly #store: BlockStore;
  readonly #hasQuorum: (block: Block) => boolean;

  constructor({ genesis, parameters, store, hasQuorum }: AntelopeChainDependencies) {
    super(parameters.origin);
    this.state = new State(genesis);
    this.parameters = parameters;
    this.#store = store;
    this.#hasQuorum = hasQuorum;
  }

  /** Time of the block that is to follow the head if no slot is missed. */
  get pendingMillis(): number {
    return this.head.timestampMillis + this.parameters.blockIntervalMs;
  }

  get irreversible(): Block {
    return this.block(this.head.lastIrreversible) ?? this.parameters.origin;
  }

  referredBlock(refBlockNumber: number): { readonly id: string; readonly prefix: number } {
    const back = (this.head.number - refBlockNumber) & 0xffff;
    return this.block(this.head.number - back) ?? this.parameters.origin;
  }

  /** Null for a transaction that nobody knows, or no longer: one that expired before it was included. */
  fateOf(id: string): TransactionFate | null {
    const pending = this.pending(id);
    if (pending !== undefined) return { state: "LOCALLY_APPLIED", expirationSeconds: pending.expirationSeconds };
    const found = this.#store.find(id, (block) => this.has(block));
    if (found !== null) {
      const isFinal = found.block.number <= this.head.lastIrreversible;
      return { state: isFinal ? "IRREVERSIBLE" : "IN_BLOCK", ...found };
    }
    const elsewhere = this.#store.find(id, () => true);
    return elsewhere === null ? null : { state: "FORKED_OUT", ...elsewhere };
  }

  prepare(given: unknown): SignedTransaction | ChainFailure {
    return prepareTransaction(given, this.parameters.chainId);
  }

  refused(failure: ChainFailure): ChainFailure {
    return failure;
  }

  refusedOnPurpose(): ChainFailure {
    return fail(
      kinds.unspecified,
      { file: "producer_plugin.cpp", line: 895, method: "process_incoming_transaction_async" },
      "refused on purpose: this devnet's node has a rejectShare",
    );
  }

  unexpected(error: unknown): ChainFailure {
    return unexpected(error);
  }

  protected get journal(): Journal {
    return this.state.journal;
  }

  protected apply(
    transaction: SignedTransaction,
    options: { readonly trusted: boolean },
  ): AppliedTransaction | ChainFailure {
    return applyTransaction(transaction, this, options);
  }

  protected isIncluded({ id }: SignedTransaction): boolean {
    return this.#store.find(id, (block) => this.has(block)) !== null;
  }

  /**
   * Transactions in order of arrival until one does not fit any more: it and what follows wait for the next block. What
   * expires before the block's time is passed over.
   */
  protected select(pending: readonly AppliedTransaction[], slot: number): Selection<AppliedTransaction> {
    const { maximumBlockCpuMicros, maximumBlockBytes } = this.parameters;
    const timestampSeconds = this.timestampOf(slot);
    const selected: AppliedTransaction[] = [];
    let cpuMicros = 0;
    let netBytes = 0;
    let isPrefix = true;
    for (const applied of pending) {
      if (applied.transaction.expirationSeconds < timestampSeconds) {
        isPrefix = false;
        continue;
      }
      cpuMicros += applied.cpuMicros;
      netBytes += applied.netWords * 8;
      if (cpuMicros > maximumBlockCpuMicros || netBytes > maximumBlockBytes) break;
      selected.push(applied);
    }
    return { selected, isPrefix };
  }

  protected hasWorkDue(): boolean {
    return false;
  }

  protected doWorkDue(): void {
    // Nothing happens at a block's time by itself: limits are worked out when somebody asks.
  }

  protected seal({ parent, slot, applied }: NewBlock<AntelopeKinds>): Block {
    const { parameters } = this;
    const draft = { parent, slot, applied, serial: this.#store.nextSerial, hasQuorum: this.#hasQuorum };
    const block = produceBlock(draft, parameters);
    this.#store.add(block, applied);
    return block;
  }

  protected timestampOf(slot: number): number {
    return (this.parameters.genesisMillis + slot * this.parameters.blockIntervalMs) / 1000;
  }

  protected isOutdated({ transaction, isTimed, trace }: AppliedTransaction): boolean {
    return (
      (isTimed && trace.blockMillis !== this.pendingMillis) ||
      transaction.expirationSeconds * 1000 < this.pendingMillis ||
      transaction.refBlockPrefix !== this.referredBlock(transaction.refBlockNumber).prefix
    );
  }

  /** What is irreversible elsewhere counts most, what two thirds support next, and only then the longer chain. */
  protected override isBetter(block: Block, head: Block): boolean {
    if (block.lastIrreversible !== head.lastIrreversible) return block.lastIrreversible > head.lastIrreversible;
    if (this.parameters.finality === "savanna" && block.supported !== head.supported)
      return block.supported > head.supported;
    return block.number > head.number;
  }
}
