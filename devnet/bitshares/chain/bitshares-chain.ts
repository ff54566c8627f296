import type { ChainKinds } from "../../network/chain-kinds.ts";
import { ChainNode, type NewBlock, type Selection } from "../../network/chain-node.ts";
import type { Journal } from "../../network/journal.ts";
import type { Json } from "../codec/json.ts";
import { prepareTransaction, type SignedTransaction } from "../codec/signed-transaction.ts";
import { createEvaluation } from "../evaluate/apply-operation.ts";
import { type AppliedTransaction, applyTransaction, type ChainView } from "../evaluate/apply-transaction.ts";
import { expireFeed } from "../evaluate/bitasset.ts";
import type { VirtualOperation } from "../evaluate/evaluation.ts";
import { refundHtlc } from "../evaluate/htlc.ts";
import { cancelOrder } from "../evaluate/limit-order-cancel.ts";
import { expireProposal } from "../evaluate/proposal.ts";
import type { Block } from "./block.ts";
import type { BlockStore } from "./block-store.ts";
import type { ChainParameters } from "./chain-parameters.ts";
import { assertion, ChainFailure, unexpected } from "./failure.ts";
import { headerBytes, produceBlock } from "./produce-block.ts";
import { type GenesisState, State } from "./state.ts";

export interface BitsharesKinds extends ChainKinds<BitsharesKinds> {
  readonly transaction: SignedTransaction;
  readonly applied: AppliedTransaction;
  readonly block: Block;
  readonly failure: ChainFailure;
}

/** Whatever the chain's parameters allow, a node takes no larger transaction. */
const hardTransactionBytes = 1024 * 1024;

/** One node's BitShares chain. */
export class BitsharesChain extends ChainNode<BitsharesKinds> implements ChainView {
  readonly state: State;
  readonly parameters: ChainParameters;
  readonly #store: BlockStore;

  constructor(genesis: GenesisState, parameters: ChainParameters, store: BlockStore) {
    super(parameters.origin);
    this.state = new State(genesis);
    this.parameters = parameters;
    this.#store = store;
  }

  get maximumTransactionBytes(): number {
    return this.parameters.maximumTransactionBytes;
  }

  get maximumLifetimeSeconds(): number {
    return this.parameters.maximumLifetimeSeconds;
  }

  /** As nodes do, twice as many as there are witnesses. */
  get maximumProposalNesting(): number {
    return 2 * this.parameters.witnesses.length;
  }

  blockPrefix(refBlockNumber: number): number {
    const back = (this.head.number - refBlockNumber) & 0xffff;
    return this.block(this.head.number - back)?.prefix ?? 0;
  }

  prepare(given: unknown): SignedTransaction | ChainFailure {
    const transaction = prepareTransaction(given as Json | undefined, this.parameters.chainId);
    if (transaction instanceof ChainFailure || transaction.packedBytes < hardTransactionBytes) return transaction;
    return this.refused(tooLarge(), transaction);
  }

  refused(failure: ChainFailure, { json }: SignedTransaction): ChainFailure {
    return failure.capture("db_block.cpp", 280, "push_transaction", `{"trx":${json}}}`);
  }

  refusedOnPurpose(): ChainFailure {
    return assertion(
      { file: "db_block.cpp", line: 280, method: "push_transaction" },
      { format: "false: refused on purpose: this devnet's node has a rejectShare" },
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

  /** Transactions in order of arrival while there is room; one that could never fit is passed over, as nodes do. */
  protected select(pending: readonly AppliedTransaction[]): Selection<AppliedTransaction> {
    const room = this.parameters.maximumBlockBytes;
    const selected: AppliedTransaction[] = [];
    let bytes = headerBytes;
    let isPrefix = true;
    for (const applied of pending) {
      const { packedBytes } = applied.transaction;
      if (headerBytes + packedBytes + 1 >= room) {
        isPrefix = false;
        continue;
      }
      if (bytes + packedBytes + 1 >= room) break;
      bytes += packedBytes + 1;
      selected.push(applied);
    }
    return { selected, isPrefix };
  }

  protected hasWorkDue(timestampSeconds: number): boolean {
    return this.state.hasExpired(timestampSeconds);
  }

  protected doWorkDue(block: Block): void {
    this.#expire(block.timestampSeconds);
  }

  protected seal(block: NewBlock<BitsharesKinds>): Block {
    const endVirtual = this.#expire(this.timestampOf(block.slot));
    return produceBlock({ ...block, endVirtual }, this.parameters, this.#store);
  }

  protected timestampOf(slot: number): number {
    return this.parameters.genesisSeconds + slot * this.parameters.blockIntervalSeconds;
  }

  protected isOutdated({ transaction, isTimed }: AppliedTransaction): boolean {
    return (
      isTimed ||
      transaction.expirationSeconds < this.headSeconds ||
      transaction.refBlockPrefix !== this.blockPrefix(transaction.refBlockNumber)
    );
  }

  /** In the order of a node: proposals, orders, what was held back until somebody shows a preimage, prices. */
  #expire(seconds: number): readonly VirtualOperation[] {
    const { state } = this;
    const evaluation = createEvaluation(state, {
      headSeconds: seconds,
      headNumber: this.head.number + 1,
      nestingLeft: this.maximumProposalNesting,
    });
    for (const instance of state.expiredProposals(seconds)) {
      // One that is carried out may carry out or withdraw another whose time has come as well.
      const proposal = state.proposals.get(instance);
      if (proposal !== undefined) expireProposal(proposal, evaluation);
    }
    for (const instance of state.expiredOrders(seconds)) {
      cancelOrder(state.orders.get(instance)!, evaluation, -1, { deferredFeeBack: true });
    }
    for (const instance of state.expiredHtlcs(seconds)) refundHtlc(state.htlcs.get(instance)!, evaluation);
    for (const asset of state.expiredFeeds(seconds)) expireFeed(state.bitassets.get(asset)!, evaluation);
    state.forgetExpired(seconds);
    return evaluation.virtual;
  }
}

function tooLarge(): ChainFailure {
  return assertion(
    { file: "db_block.cpp", line: 273, method: "push_transaction" },
    { format: "fc::raw::pack_size( trx ) < (1024 * 1024): Transaction exceeds maximum transaction size." },
  );
}
