import type { AppliedTransaction } from "../chain/applied-transaction.ts";
import { checkAuthorization } from "../chain/authority.ts";
import { type ChainFailure, fail, kinds, unexpected } from "../chain/failure.ts";
import type { Account } from "../chain/objects.ts";
import type { ActionTrace } from "../chain/trace.ts";
import type { SignedTransaction } from "../codec/signed-transaction.ts";
import { checkHeader, checkQueue } from "./admission.ts";
import type { ChainView } from "./chain-view.ts";
import { Execution } from "./execution.ts";

const file = "transaction_context.cpp";
/** NET is billed in these. */
const wordBytes = 8;
/** `net_usage_leeway`: how much more than an account has a transaction may seem to need before it is tried. */
const netLeewayBytes = 500;

/** Applies all or nothing. `trusted` leaves out what every block's transactions have been through before. */
export function applyTransaction(
  transaction: SignedTransaction,
  view: ChainView,
  { trusted }: { readonly trusted: boolean },
): AppliedTransaction | ChainFailure {
  const refusal = trusted ? null : checkQueue(transaction, view);
  if (refusal !== null) return refusal;
  const mark = view.state.journal.length;
  const attempt = new Attempt(transaction, view);
  const failure = tryToRun(attempt, trusted);
  if (failure === null) return attempt.applied();
  view.state.journal.rollBack(mark);
  failure.trace = attempt.trace(null);
  return failure;
}

/** An action that breaks its contract is refused, and what it did until then is taken back by the caller. */
function tryToRun(attempt: Attempt, trusted: boolean): ChainFailure | null {
  try {
    return attempt.run(trusted);
  } catch (error) {
    return unexpected(error);
  }
}

class Attempt {
  readonly #transaction: SignedTransaction;
  readonly #view: ChainView;
  readonly #execution: Execution;
  #netBytes = 0;
  #cpuMicros = 0;

  constructor(transaction: SignedTransaction, view: ChainView) {
    this.#transaction = transaction;
    this.#view = view;
    this.#execution = new Execution(transaction, view, view.parameters.maximumTransactionCpuMicros);
  }

  run(trusted: boolean): ChainFailure | null {
    const transaction = this.#transaction;
    const { state, parameters, pendingMillis } = this.#view;
    const refusal = trusted ? null : checkHeader(transaction, this.#view);
    if (refusal !== null) return refusal;
    this.#netBytes = transaction.netBytes;
    const payer = this.#payer();
    const early = trusted ? null : (this.#checkNet(payer, netLeewayBytes) ?? checkAuthorization(transaction, state));
    if (early !== null) return early;
    const failure = this.#execution.run() ?? this.#checkRam();
    if (failure !== null) return failure;
    this.#netBytes = Math.ceil(this.#netBytes / wordBytes) * wordBytes;
    this.#cpuMicros = Math.max(this.#execution.cpuMicros, parameters.minimumTransactionCpuMicros);
    const exceeded = trusted ? null : (this.#checkNet(payer, 0) ?? this.#checkCpu(payer));
    if (exceeded !== null) return exceeded;
    if (payer !== undefined) {
      state.use(payer, "net", this.#netBytes, pendingMillis);
      state.use(payer, "cpu", this.#cpuMicros, pendingMillis);
    }
    return null;
  }

  applied(): AppliedTransaction {
    const cpuMicros = this.#cpuMicros;
    const netWords = this.#netBytes / wordBytes;
    const payer = this.#payer();
    const isLimited = payer !== undefined && (payer.cpuMicrosPerDay !== null || payer.netBytesPerDay !== null);
    return {
      transaction: this.#transaction,
      cpuMicros,
      netWords,
      trace: this.trace({ cpuMicros, netWords }),
      isTimed: this.#execution.isTimed || isLimited,
    };
  }

  trace(receipt: { readonly cpuMicros: number; readonly netWords: number } | null) {
    const { headNumber, pendingMillis } = this.#view;
    const actions: readonly ActionTrace[] = this.#wasStarted() ? this.#execution.traces : [];
    return {
      id: this.#transaction.id,
      blockNumber: headNumber + 1,
      blockMillis: pendingMillis,
      receipt,
      elapsedMicros: this.#cpuMicros,
      netBytes: this.#netBytes,
      actions,
    };
  }

  #wasStarted(): boolean {
    return this.#execution.traces.some(({ receipt, failure }) => receipt !== null || failure !== null);
  }

  /** The first who authorizes pays for all. */
  #payer(): Account | undefined {
    for (const { authorization } of this.#transaction.actions) {
      const first = authorization[0];
      if (first !== undefined) return this.#view.state.accounts.get(first.actor);
    }
    return undefined;
  }

  #checkNet(payer: Account | undefined, leewayBytes: number): ChainFailure | null {
    const { state, parameters, pendingMillis } = this.#view;
    const { maximumNetWords } = this.#transaction;
    let limit = parameters.maximumTransactionBytes;
    if (maximumNetWords > 0) limit = Math.min(limit, maximumNetWords * wordBytes);
    const available = payer === undefined ? -1 : state.limit(payer, "net", pendingMillis).available;
    if (available >= 0) limit = Math.min(limit, available + leewayBytes);
    if (leewayBytes > 0) limit = Math.floor(limit / wordBytes) * wordBytes;
    if (this.#netBytes <= limit) return null;
    return fail(
      kinds.netExceeded,
      { file, line: 425, method: "check_net_usage" },
      "transaction net usage is too high: {net_usage} > {net_limit}",
      { net_usage: this.#netBytes, net_limit: limit },
    );
  }

  #checkCpu(payer: Account | undefined): ChainFailure | null {
    const { state, parameters, pendingMillis } = this.#view;
    const ownLimit = this.#transaction.maximumCpuMillis * 1000;
    let limit = parameters.maximumTransactionCpuMicros;
    let reason = "on chain max_transaction_cpu_usage";
    if (ownLimit > 0 && ownLimit <= limit) {
      limit = ownLimit;
      reason = "trx specified max_cpu_usage_ms";
    }
    const available = payer === undefined ? -1 : state.limit(payer, "cpu", pendingMillis).available;
    if (available >= 0 && available <= limit) {
      limit = available;
      reason = "account cpu limit";
    }
    if (this.#cpuMicros <= limit) return null;
    return fail(
      kinds.cpuExceeded,
      { file, line: 560, method: "validate_account_cpu_usage" },
      `billed CPU time ({billed} us) is greater than the maximum billable CPU time for the transaction ({billable} us) reached ${reason} {limit}us`,
      { billed: this.#cpuMicros, billable: limit, subjective: 0, limit },
    );
  }

  #checkRam(): ChainFailure | null {
    const { state } = this.#view;
    for (const name of [...this.#execution.ramUsers].sort()) {
      const available = state.accounts.get(name)?.ramBytes ?? null;
      const needs = state.ramUsage.get(name) ?? 0;
      if (available === null || needs <= available) continue;
      return fail(
        kinds.ramExceeded,
        { file: "resource_limits.cpp", line: 245, method: "verify_account_ram_usage" },
        "account {account} has insufficient ram; needs {needs} bytes has {available} bytes",
        { account: name, needs, available },
      );
    }
    return null;
  }
}
