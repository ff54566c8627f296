import { expect, test } from "@jest/globals";
import { nameToNumber } from "../codec/names.ts";
import type { Action } from "../codec/transaction.ts";
import { interfaceOf } from "./contract-interface.ts";
import { renderAct, toDecimal } from "./render-act.ts";
import { packAsset } from "./table-key.ts";

function nameBytes(name: string): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(nameToNumber(name));
  return bytes;
}

function transfer(quantity: Buffer, memo: Buffer): Buffer {
  const length = memo.length < 128 ? [memo.length] : [(memo.length & 127) | 128, memo.length >> 7];
  return Buffer.concat([nameBytes("alice"), nameBytes("bob"), quantity, Buffer.from(length), memo]);
}

function act(account: string, name: string, data: Buffer): Action {
  return { account, name, authorization: [], data, packed: Buffer.alloc(0) };
}

test.each([
  ["a short memo", packAsset(12_345n, 4, "SYS"), Buffer.from("hello")],
  ["a memo with quotes and other alphabets", packAsset(1n, 4, "SYS"), Buffer.from('"ä€𝄞"\\\n')],
  ["no memo", packAsset(0n, 4, "SYS"), Buffer.alloc(0)],
  ["a memo of 128 bytes and more", packAsset(1n, 4, "SYS"), Buffer.from("x".repeat(200))],
  ["a negative amount", packAsset(-5n, 4, "SYS"), Buffer.from("less")],
  ["no decimal places", packAsset(7n, 0, "LOAD"), Buffer.from("whole")],
  ["the longest symbol", packAsset(7n, 18, "ABCDEFG"), Buffer.from("long")],
])("a transfer with %s is told as its ABI reads it", (_what, quantity, memo) => {
  const data = transfer(quantity, memo);
  const { data: told, hex_data: hex } = JSON.parse(renderAct(act("eosio.token", "transfer", data))) as {
    readonly data: object;
    readonly hex_data: string;
  };
  expect(told).toEqual(interfaceOf("eosio.token")!.readAction("transfer", data));
  expect(hex).toBe(data.toString("hex"));
});

test.each([
  ["cut short", "eosio.token", "transfer", transfer(packAsset(1n, 4, "SYS"), Buffer.alloc(0)).subarray(0, 20)],
  ["of an action that the ABI does not know", "eosio.token", "nosuch", Buffer.from("00", "hex")],
  ["of an account without a contract", "alice", "anything", Buffer.from("0102", "hex")],
])("data %s are told in hexadecimal", (_what, account, name, data) => {
  const told = JSON.parse(renderAct(act(account, name, data))) as { readonly data: unknown };
  expect(told.data).toBe(data.toString("hex"));
});

test("other contracts' data are told with numbers and hexadecimal as nodes write them", () => {
  const owner = nameBytes("alice");
  const nonce = Buffer.alloc(8);
  nonce.writeBigUInt64LE(2n ** 33n);
  const net = Buffer.concat([owner, nonce, Buffer.from([2, 0xab, 0xcd])]);
  expect(JSON.parse(renderAct(act("eosmechanics", "net", net)))).toMatchObject({
    data: { owner: "alice", nonce: "8589934592", payload: "abcd" },
  });
  nonce.writeBigUInt64LE(5n);
  const cpu = Buffer.concat([owner, nonce, Buffer.from([100, 0, 0, 0])]);
  expect(JSON.parse(renderAct(act("eosmechanics", "cpu", cpu)))).toMatchObject({
    data: { owner: "alice", nonce: 5, micros: 100 },
  });
});

test.each([
  [1n, 4, "0.0001"],
  [-1n, 4, "-0.0001"],
  [123_456n, 4, "12.3456"],
  [5n, 0, "5"],
  [2n ** 62n - 1n, 4, "461168601842738.7903"],
])("%s with %s decimal places is %s", (amount, precision, text) => {
  expect(toDecimal(amount, precision)).toBe(text);
});
