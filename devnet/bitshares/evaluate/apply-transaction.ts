import { checkAuthority } from "../chain/authority.ts";
import { assertion, ChainFailure, toFrame } from "../chain/failure.ts";
import type { State } from "../chain/state.ts";
import { toTimeText } from "../codec/json.ts";
import type { SignedTransaction } from "../codec/signed-transaction.ts";
import { createEvaluation, tryOperation } from "./apply-operation.ts";
import { nothing, type VirtualOperation } from "./evaluation.ts";
import { isTimed } from "./other.ts";

const file = "db_block.cpp";

export interface AppliedTransaction {
  readonly transaction: SignedTransaction;
  /** JSON of each operation's result. */
  readonly results: readonly string[];
  readonly virtual: readonly VirtualOperation[] | null;
  /** Whether it would have come out otherwise at another time: then it is tried again whenever the head is another one. */
  readonly isTimed: boolean;
}

/** What a transaction is checked against besides the state itself. */
export interface ChainView {
  readonly state: State;
  readonly headNumber: number;
  readonly headSeconds: number;
  readonly maximumTransactionBytes: number;
  readonly maximumLifetimeSeconds: number;
  readonly maximumProposalNesting: number;
  /** Whether the transaction is pending or in a block of this chain already. */
  isKnown(transaction: SignedTransaction): boolean;
  /** Bytes four to eight of the id of the latest block whose number ends in these 16 bits. */
  blockPrefix(refBlockNumber: number): number;
}

const oneNothing: readonly string[] = [nothing];

/** Applies all or nothing. `trusted` leaves out what every block's transactions have been through before. */
export function applyTransaction(
  transaction: SignedTransaction,
  view: ChainView,
  { trusted }: { readonly trusted: boolean },
): AppliedTransaction | ChainFailure {
  if (!trusted) {
    const refusal = checkAdmission(transaction, view);
    if (refusal !== null) return captured(refusal, transaction);
  }
  const mark = view.state.journal.length;
  const { operations } = transaction;
  const evaluation = createEvaluation(view.state, {
    headSeconds: view.headSeconds,
    headNumber: view.headNumber,
    nestingLeft: view.maximumProposalNesting,
  });
  const results: string[] = [];
  for (let index = 0; index < operations.length; index += 1) {
    const result = tryOperation(operations[index]!, index, evaluation, () => operationOf(transaction, index));
    if (typeof result !== "string") {
      view.state.journal.rollBack(mark);
      return captured(result, transaction);
    }
    results.push(result);
  }
  return {
    transaction,
    results: results.length === 1 && results[0] === nothing ? oneNothing : results,
    virtual: evaluation.virtual.length === 0 ? null : evaluation.virtual,
    isTimed: operations.some(({ kind, type }) => kind === "other" && isTimed(type)),
  };
}

function captured(failure: ChainFailure, { json }: SignedTransaction): ChainFailure {
  return failure.capture(file, 782, "_apply_transaction", `{"trx":${json}}}`);
}

function checkAdmission(transaction: SignedTransaction, view: ChainView): ChainFailure | null {
  const method = "_apply_transaction";
  if (view.isKnown(transaction)) return duplicate(transaction.id);
  const missing = checkAuthority(transaction, view.state);
  if (missing !== null) return missing;
  if (transaction.packedBytes > view.maximumTransactionBytes) {
    return assertion(
      { file, line: 727, method },
      {
        format:
          "trx.get_packed_size() <= chain_parameters.maximum_transaction_size: Transaction exceeds maximum transaction size.",
      },
    );
  }
  if (view.headNumber === 0) return null;
  if (transaction.refBlockPrefix !== view.blockPrefix(transaction.refBlockNumber)) {
    return assertion(
      { file, line: 740, method },
      { format: "trx.ref_block_prefix == tapos_block_summary.block_id._hash[1].value(): " },
    );
  }
  const now = view.headSeconds;
  if (transaction.expirationSeconds > now + view.maximumLifetimeSeconds) {
    return assertion(
      { file, line: 745, method },
      {
        format: "trx.expiration <= now + chain_parameters.maximum_time_until_expiration: ",
        data: JSON.stringify({
          "trx.expiration": toTimeText(transaction.expirationSeconds),
          now: toTimeText(now),
          max_til_exp: view.maximumLifetimeSeconds,
        }),
      },
    );
  }
  if (now > transaction.expirationSeconds) {
    return assertion(
      { file, line: 747, method },
      {
        format: "now <= trx.expiration: ",
        data: JSON.stringify({ now: toTimeText(now), "trx.exp": toTimeText(transaction.expirationSeconds) }),
      },
    );
  }
  return null;
}

function duplicate(txid: string): ChainFailure {
  const frame = toFrame(
    { file, line: 708, method: "_apply_transaction" },
    {
      format: "Transaction '{txid}' is already in the database",
      text: `Transaction '${txid}' is already in the database`,
      data: JSON.stringify({ txid }),
    },
  );
  return new ChainFailure(3030001, "duplicate_transaction", "duplicate transaction", [frame]);
}

/** Only refusals echo operations, so their JSON is read again instead of being kept. */
function operationOf({ json }: SignedTransaction, index: number): readonly [number, unknown] {
  return (JSON.parse(`${json}}`) as { readonly operations: readonly (readonly [number, unknown])[] }).operations[
    index
  ]!;
}
