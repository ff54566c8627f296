import { contracts } from "../chain/contract.ts";
import { type ChainFailure, fail, kinds } from "../chain/failure.ts";
import type { ActionReceipt, ActionTrace } from "../chain/trace.ts";
import { PackedReader } from "../codec/packed-reader.ts";
import type { SignedTransaction } from "../codec/signed-transaction.ts";
import type { Action } from "../codec/transaction.ts";
import type { ChainView } from "./chain-view.ts";
import { handlerOf } from "./handlers.ts";

const execSource = { file: "apply_context.cpp", line: 134, method: "exec_one" };
/** Being told of an action and doing nothing about it. */
const notificationMicros = 1;

/** Runs a transaction's actions one after another and keeps account of what they took. */
export class Execution {
  readonly traces: ActionTrace[];
  /** Accounts whose RAM grew. */
  readonly ramUsers = new Set<string>();
  cpuMicros = 0;
  /** Whether an action asked for the time. */
  isTimed = false;
  readonly #view: ChainView;
  readonly #limitMicros: number;

  /** Nothing is executed beyond `limitMicros`. */
  constructor(transaction: SignedTransaction, view: ChainView, limitMicros: number) {
    this.#view = view;
    this.#limitMicros = limitMicros;
    this.traces = transaction.actions.map((action, index) => toTrace(action, action.account, index + 1, 0));
  }

  run(): ChainFailure | null {
    const own = this.traces.length;
    for (let index = 0; index < own; index += 1) {
      const trace = this.traces[index]!;
      const failure = this.#execute(trace);
      if (failure !== null) {
        trace.failure = failure;
        return failure;
      }
    }
    return null;
  }

  #execute(trace: ActionTrace): ChainFailure | null {
    const { action } = trace;
    const { state, parameters, pendingMillis } = this.#view;
    const ram = new Map<string, number>();
    const firstNotified = this.traces.length;
    let micros = parameters.actionCpuMicros;
    const handler = handlerOf(action.account, action.name);
    const failure =
      handler?.({
        state,
        parameters,
        action,
        readTime: () => {
          this.isTimed = true;
          return pendingMillis;
        },
        data: new PackedReader(action.data),
        notify: (account) => this.#notify(account, trace, firstNotified),
        addRam: (account, bytes) => {
          ram.set(account, (ram.get(account) ?? 0) + bytes);
          state.addRam(account, bytes);
        },
        burn: (burnt) => {
          micros = burnt;
        },
      }) ?? null;
    this.cpuMicros += micros;
    trace.elapsedMicros = micros;
    const stopped = failure ?? this.#checkTime();
    if (stopped !== null) return pendingConsole(stopped, action);
    this.#finish(trace, ram);
    for (let index = firstNotified; index < this.traces.length; index += 1)
      this.#finish(this.traces[index]!, new Map());
    return null;
  }

  /** Nobody is told twice, and the contract itself knows already. */
  #notify(account: string, { action, ordinal, receiver }: ActionTrace, firstNotified: number): void {
    if (account === receiver) return;
    for (let index = firstNotified; index < this.traces.length; index += 1) {
      if (this.traces[index]?.receiver === account) return;
    }
    const trace = toTrace(action, account, this.traces.length + 1, ordinal);
    trace.elapsedMicros = notificationMicros;
    this.traces.push(trace);
  }

  #finish(trace: ActionTrace, ram: ReadonlyMap<string, number>): void {
    trace.receipt = this.#receipt(trace);
    if (ram.size === 0) return;
    const deltas = [...ram].map(([account, delta]) => ({ account, delta }));
    trace.ramDeltas = deltas.filter(({ delta }) => delta !== 0).sort((a, b) => (a.account < b.account ? -1 : 1));
    for (const { account, delta } of deltas) if (delta > 0) this.ramUsers.add(account);
  }

  #receipt({ action, receiver }: ActionTrace): ActionReceipt {
    const { state } = this.#view;
    const sequence = contracts.has(action.account) ? 1 : 0;
    return {
      receiver,
      globalSequence: state.count("receipts", ""),
      recvSequence: state.count("receipts", receiver),
      authSequence: action.authorization.map(({ actor }) => [actor, state.count("authorizations", actor)] as const),
      codeSequence: sequence,
      abiSequence: sequence,
    };
  }

  #checkTime(): ChainFailure | null {
    if (this.cpuMicros <= this.#limitMicros) return null;
    return fail(
      kinds.cpuExceeded,
      { file: "transaction_context.cpp", line: 458, method: "checktime" },
      "transaction was executing for too long {billing_timer}us reached on chain max_transaction_cpu_usage {limit}us",
      { billing_timer: this.cpuMicros, limit: this.#limitMicros },
    );
  }
}

function toTrace(action: Action, receiver: string, ordinal: number, creatorOrdinal: number): ActionTrace {
  return {
    ordinal,
    creatorOrdinal,
    receiver,
    action,
    receipt: null,
    elapsedMicros: 0,
    ramDeltas: [],
    failure: null,
  };
}

function pendingConsole(failure: ChainFailure, { account, name }: Action): ChainFailure {
  return failure.capture(execSource, "{receiver} <= {account}::{action} pending console output: {console}", {
    console: "",
    account,
    action: name,
    receiver: account,
  });
}
