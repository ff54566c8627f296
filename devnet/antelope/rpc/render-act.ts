import { tokenAccount } from "../chain/objects.ts";
import { nameFromBytes } from "../codec/names.ts";
import type { Action } from "../codec/transaction.ts";
import { interfaceOf } from "./contract-interface.ts";

/** From, to, amount, symbol, and the length of a memo that is short. */
const transferHeadBytes = 33;
const longestShortMemo = 127;

/** Data that the contract's ABI does not fit are told as they are, in hexadecimal. */
export function renderAct(action: Action): string {
  const { account, name, authorization, data } = action;
  const hex = data.toString("hex");
  const levels = authorization
    .map(({ actor, permission }) => `{"actor":"${actor}","permission":"${permission}"}`)
    .join(",");
  return `{"account":"${account}","name":"${name}","authorization":[${levels}],"data":${renderData(action, hex)},"hex_data":"${hex}"}`;
}

function renderData({ account, name, data }: Action, hex: string): string {
  const transfer = account === tokenAccount && name === "transfer" ? renderTransfer(data) : null;
  if (transfer !== null) return transfer;
  const fields = interfaceOf(account)?.readAction(name, data) ?? null;
  return fields === null ? `"${hex}"` : JSON.stringify(fields);
}

/** By far most actions of a load test; `null` for those that are better read with the ABI. */
function renderTransfer(data: Buffer): string | null {
  if (data.length < transferHeadBytes) return null;
  const memoBytes = data[transferHeadBytes - 1] ?? 0;
  const precision = data[24] ?? 0;
  if (memoBytes > longestShortMemo || data.length !== transferHeadBytes + memoBytes || precision > 18) return null;
  const from = nameFromBytes(data, 0);
  const to = nameFromBytes(data, 8);
  const symbol = data.toString("latin1", 25, 32).replace(/\0+$/, "");
  if (!/^[A-Z]+$/.test(symbol)) return null;
  const memo = data.toString("utf8", transferHeadBytes);
  const quantity = toDecimal(data.readBigInt64LE(16), precision);
  return `{"from":"${from}","to":"${to}","quantity":"${quantity} ${symbol}","memo":${JSON.stringify(memo)}}`;
}

/** With exactly `precision` decimal places. */
export function toDecimal(amount: bigint, precision: number): string {
  const digits = String(amount < 0n ? -amount : amount).padStart(precision + 1, "0");
  const sign = amount < 0n ? "-" : "";
  if (precision === 0) return sign + digits;
  return `${sign}${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}
