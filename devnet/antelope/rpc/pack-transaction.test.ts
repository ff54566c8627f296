import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { readTransaction } from "../codec/transaction.ts";
import { packTransaction } from "./pack-transaction.ts";
import type { Fields } from "./parameters.ts";
import { renderAct } from "./render-act.ts";
import { transactionId } from "./transaction-calls.ts";

interface Included {
  readonly trx: {
    readonly id: string;
    readonly packed_trx: string;
    readonly transaction: Fields & { actions: object[] };
  };
}

function recordedTransaction(): Included["trx"] {
  const url = new URL("../../../test/fixtures/antelope/blocks.json", import.meta.url);
  const { exchanges } = JSON.parse(readFileSync(url, "utf8")) as { exchanges: { name: string; receive: string }[] };
  const block = exchanges.find(({ name }) => name === "block that holds it")!;
  return (JSON.parse(block.receive) as { readonly transactions: Included[] }).transactions[0]!.trx;
}

const { id, packed_trx: packed, transaction } = recordedTransaction();

test("a transaction in JSON is packed to the bytes that a real node packed it to", () => {
  expect(packTransaction(transaction).toString("hex")).toBe(packed);
});

test("action data may be fields only", () => {
  const actions = transaction.actions.map((action) => ({ ...action, hex_data: undefined }));
  expect(packTransaction({ ...transaction, actions }).toString("hex")).toBe(packed);
});

test("a transaction's id is the digest of those bytes", () => {
  expect(createHash("sha256").update(Buffer.from(packed, "hex")).digest("hex")).toBe(id);
  expect(transactionId(JSON.stringify(transaction))).toBe(`"${id}"`);
});

test("its actions are told as the real node told them", () => {
  const read = readTransaction(Buffer.from(packed, "hex"));
  if ("field" in read) throw new Error(read.message);
  expect(read.actions.map((action) => JSON.parse(renderAct(action)))).toEqual(transaction.actions);
});
