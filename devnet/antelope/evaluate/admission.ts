import { findPermission } from "../chain/authority.ts";
import { type ChainFailure, fail, kinds } from "../chain/failure.ts";
import type { FailureFrame } from "../chain/failure-description.ts";
import type { State } from "../chain/state.ts";
import type { SignedTransaction } from "../codec/signed-transaction.ts";
import { toMillisText, toSecondsText } from "../codec/time-text.ts";
import type { Action } from "../codec/transaction.ts";
import type { ChainView } from "./chain-view.ts";

const queueSource = { file: "producer_plugin.cpp", method: "process_incoming_transaction_async" };
const controller = { file: "controller.cpp" };
const context = { file: "transaction_context.cpp", method: "validate_referenced_accounts" };

/** What a node looks at before it so much as tries a transaction. */
export function checkQueue(transaction: SignedTransaction, view: ChainView): ChainFailure | null {
  const { id, expirationSeconds } = transaction;
  const expirationMillis = expirationSeconds * 1000;
  if (expirationMillis < view.pendingMillis) {
    return fail(
      kinds.expired,
      { ...queueSource, line: 877 },
      "expired transaction {id}, expiration {e}, block time {bt}",
      { id, e: toMillisText(expirationMillis), bt: toMillisText(view.pendingMillis) },
    );
  }
  if (view.isKnown(transaction)) {
    return fail(kinds.duplicate, { ...queueSource, line: 885 }, "duplicate transaction {id}", { id });
  }
  return null;
}

/** Expiration, reference block, and whether everybody exists whom the actions name. */
export function checkHeader(transaction: SignedTransaction, view: ChainView): ChainFailure | null {
  return (
    checkExpiration(transaction, view) ??
    checkReference(transaction, view) ??
    checkAccounts(transaction, view.state) ??
    checkDelay(transaction)
  );
}

function checkExpiration(transaction: SignedTransaction, view: ChainView): ChainFailure | null {
  const { expirationSeconds } = transaction;
  const { maximumLifetimeSeconds } = view.parameters;
  if (expirationSeconds * 1000 <= view.pendingMillis + maximumLifetimeSeconds * 1000) return null;
  const source = { ...controller, line: 3487, method: "validate_expiration" };
  return fail(
    kinds.expirationTooFar,
    source,
    "Transaction expiration is too far in the future relative to the reference time of {reference_time}, expiration is {trx.expiration} and the maximum transaction lifetime is {max_til_exp} seconds",
    {
      "trx.expiration": toSecondsText(expirationSeconds),
      reference_time: toMillisText(view.pendingMillis),
      max_til_exp: maximumLifetimeSeconds,
    },
  ).capture({ ...source, line: 3493 }, "", { trx: describe(transaction) });
}

/** As the node tells a transaction whose contracts it does not ask. */
function describe(transaction: SignedTransaction): FailureFrame["data"] {
  const describeAction = ({ account, name, authorization, data }: Action): FailureFrame["data"] => ({
    account,
    name,
    authorization: authorization.map(({ actor, permission }) => ({ actor, permission })),
    data: data.toString("hex"),
  });
  return {
    expiration: toSecondsText(transaction.expirationSeconds),
    ref_block_num: transaction.refBlockNumber,
    ref_block_prefix: transaction.refBlockPrefix,
    max_net_usage_words: transaction.maximumNetWords,
    max_cpu_usage_ms: transaction.maximumCpuMillis,
    delay_sec: transaction.delaySeconds,
    context_free_actions: transaction.contextFreeActions.map(describeAction),
    actions: transaction.actions.map(describeAction),
    transaction_extensions: transaction.extensions.map(([type, data]) => [type, data.toString("hex")]),
  };
}

function checkReference(transaction: SignedTransaction, view: ChainView): ChainFailure | null {
  const referred = view.referredBlock(transaction.refBlockNumber);
  if (transaction.refBlockPrefix === referred.prefix) return null;
  const source = { ...controller, line: 3499, method: "validate_tapos" };
  return fail(
    kinds.referenceBlock,
    source,
    "Transaction's reference block did not match. Is this transaction from a different fork?",
    { tapos_summary: { block_id: referred.id } },
  ).capture({ ...source, line: 3502 });
}

function checkAccounts({ actions }: SignedTransaction, state: State): ChainFailure | null {
  if (actions.length === 0) {
    return fail(kinds.noAction, { ...context, line: 797 }, "transaction must have at least one action");
  }
  let isAuthorized = false;
  for (const { account, authorization } of actions) {
    if (state.accounts.get(account) === undefined) {
      const message = "action's code account '{account}' does not exist";
      return fail(kinds.transaction, { ...context, line: 805 }, message, { account });
    }
    for (const { actor, permission } of authorization) {
      isAuthorized = true;
      const found = state.accounts.get(actor);
      if (found === undefined) {
        const message = "action's authorizing actor '{account}' does not exist";
        return fail(kinds.transaction, { ...context, line: 814 }, message, { account: actor });
      }
      if (findPermission(found, permission) === undefined) {
        const message = "action's authorizations include a non-existent permission: {permission}";
        return fail(kinds.transaction, { ...context, line: 816 }, message, { permission: { actor, permission } });
      }
    }
  }
  if (isAuthorized) return null;
  return fail(kinds.noAuthorization, { ...context, line: 824 }, "transaction must have at least one authorization");
}

function checkDelay({ delaySeconds }: SignedTransaction): ChainFailure | null {
  if (delaySeconds === 0) return null;
  return fail(
    kinds.transaction,
    { ...controller, line: 1757, method: "push_transaction" },
    "transaction cannot be delayed",
  );
}
