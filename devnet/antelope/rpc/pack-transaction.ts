import { Serialize } from "eosjs";
import { interfaceOf } from "./contract-interface.ts";
import { type Fields, isFields } from "./parameters.ts";

const transactionType = Serialize.getTypesFromAbi(Serialize.createTransactionTypes()).get("transaction");

const emptyHeader = {
  max_net_usage_words: 0,
  max_cpu_usage_ms: 0,
  delay_sec: 0,
  context_free_actions: [],
  actions: [],
  transaction_extensions: [],
};

/** Packs a transaction that came as JSON; throws what the library throws when it is none. */
export function packTransaction(transaction: Fields): Buffer {
  if (transactionType === undefined) throw new Error("eosjs has no type transaction");
  const buffer = new Serialize.SerialBuffer({ textEncoder: new TextEncoder() });
  transactionType.serialize(buffer, {
    ...emptyHeader,
    ...transaction,
    context_free_actions: toActions(transaction.context_free_actions),
    actions: toActions(transaction.actions),
  });
  return Buffer.from(buffer.asUint8Array());
}

function toActions(actions: unknown): readonly unknown[] {
  return Array.isArray(actions) ? actions.map(toAction) : [];
}

/** Data come as fields, as hexadecimal, or as both, and then the hexadecimal counts. */
function toAction(action: unknown): unknown {
  if (!isFields(action)) return action;
  const { account, name, hex_data: hex } = action;
  if (typeof hex === "string") return { ...action, data: hex };
  if (!isFields(action.data)) return action;
  const packed = interfaceOf(String(account))?.packAction(String(name), action.data);
  return packed === undefined || packed === null ? action : { ...action, data: packed };
}
