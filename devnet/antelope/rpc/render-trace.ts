import { createHash } from "node:crypto";
import type { FailureDescription } from "../chain/failure-description.ts";
import type { ActionReceipt, ActionTrace, TransactionTrace } from "../chain/trace.ts";
import { toMillisText } from "../codec/time-text.ts";
import type { Action } from "../codec/transaction.ts";
import { renderAct } from "./render-act.ts";

/** What nodes call an error that no contract has numbered itself. */
const errorCode = '"10000000000000000000"';

/** One transaction's trace while it is written: what its actions have in common is made once. */
class TraceWriter {
  readonly #trace: TransactionTrace;
  /** `block_num` and so on. */
  readonly #place: string;
  readonly #time: string;
  /** Notifications repeat the action that they tell of. */
  readonly #acts = new Map<Action, { readonly json: string; readonly digest: string }>();

  constructor(trace: TransactionTrace) {
    this.#trace = trace;
    this.#time = toMillisText(trace.blockMillis);
    this.#place = `"block_num":${trace.blockNumber},"block_time":"${this.#time}","producer_block_id":null`;
  }

  transaction(actionTraces: string, failure: FailureDescription | null): string {
    const { id, receipt, elapsedMicros, netBytes } = this.#trace;
    const receiptJson =
      receipt === null
        ? "null"
        : `{"status":"executed","cpu_usage_us":${receipt.cpuMicros},"net_usage_words":${receipt.netWords}}`;
    return `{"id":"${id}",${this.#place},"receipt":${receiptJson},"elapsed":${elapsedMicros},"net_usage":${netBytes},"scheduled":false,"action_traces":[${actionTraces}],"account_ram_delta":null,${this.#failureAndCode(failure)}}`;
  }

  action({
    ordinal,
    creatorOrdinal,
    receiver,
    action,
    receipt,
    elapsedMicros,
    ramDeltas,
    failure,
  }: ActionTrace): string {
    const act = this.#act(action);
    const deltas = ramDeltas.length === 0 ? "[]" : JSON.stringify(ramDeltas);
    // Without inline actions, who created an action is also the closest ancestor that notified.
    return `{"action_ordinal":${ordinal},"creator_action_ordinal":${creatorOrdinal},"closest_unnotified_ancestor_action_ordinal":${creatorOrdinal},"receipt":${renderReceipt(receipt, act.digest)},"receiver":"${receiver}","act":${act.json},"context_free":false,"elapsed":${elapsedMicros},"console":"","trx_id":"${this.#trace.id}",${this.#place},"account_ram_deltas":${deltas},${this.#failureAndCode(failure)},"return_value_hex_data":""}`;
  }

  #act(action: Action): { readonly json: string; readonly digest: string } {
    let act = this.#acts.get(action);
    if (act === undefined) {
      act = { json: renderAct(action), digest: toActDigest(action) };
      this.#acts.set(action, act);
    }
    return act;
  }

  #failureAndCode(failure: FailureDescription | null): string {
    if (failure === null) return '"except":null,"error_code":null';
    return `"except":${renderFailure(failure, this.#time)},"error_code":${errorCode}`;
  }
}

/** `processed` of send_transaction and send_transaction2: all actions in one list. */
export function renderTrace(trace: TransactionTrace, failure: FailureDescription | null): string {
  const writer = new TraceWriter(trace);
  let actions = "";
  for (const action of trace.actions) actions += actions === "" ? writer.action(action) : `,${writer.action(action)}`;
  return writer.transaction(actions, failure);
}

/** `processed` of push_transaction, the oldest of the calls: notifications hang below what they tell of. */
export function renderTraceAsTree(trace: TransactionTrace): string {
  const writer = new TraceWriter(trace);
  const below = (ancestor: number): string =>
    trace.actions
      .filter(({ creatorOrdinal, receipt }) => creatorOrdinal === ancestor && receipt !== null)
      .map((action) => `${writer.action(action).slice(0, -1)},"inline_traces":[${below(action.ordinal)}]}`)
      .join(",");
  return writer.transaction(below(0), null);
}

function renderReceipt(receipt: ActionReceipt | null, digest: string): string {
  if (receipt === null) return "null";
  const auths = receipt.authSequence.map(([account, sequence]) => `["${account}",${sequence}]`).join(",");
  return `{"receiver":"${receipt.receiver}","act_digest":"${digest}","global_sequence":${receipt.globalSequence},"recv_sequence":${receipt.recvSequence},"auth_sequence":[${auths}],"code_sequence":${receipt.codeSequence},"abi_sequence":${receipt.abiSequence}}`;
}

function renderFailure({ code, name, what, frames }: FailureDescription, time: string): string {
  const stack = frames.map(({ level, file, line, method, format, data }) => ({
    context: { level, file, line, method, hostname: "", thread_name: "nodeos", timestamp: time },
    format,
    data,
  }));
  return JSON.stringify({ code, name, message: what, stack });
}

/**
 * What an action's receipts are signed for: account, name and authorization, then the data with their length. No
 * contract here returns a value, which is one more byte of length zero.
 */
function toActDigest({ packed, data }: Action): string {
  const dataStart = packed.length - data.length - varuintBytes(data.length);
  const base = createHash("sha256").update(packed.subarray(0, dataStart)).digest();
  const rest = createHash("sha256").update(packed.subarray(dataStart)).update(noReturnValue).digest();
  return createHash("sha256").update(base).update(rest).digest("hex");
}

const noReturnValue = Buffer.alloc(1);

function varuintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}
