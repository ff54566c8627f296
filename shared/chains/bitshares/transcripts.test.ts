import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { ops } from "bitsharesjs";
import library from "bitsharesjs-ws";
import type { z } from "zod";
import type { Reason } from "../outcome.ts";
import { acceptedNumber } from "./broadcast-connection.ts";
import { classifyRejection, rejectionMessage } from "./classify-rejection.ts";
import * as answers from "./node-answers.ts";
import { type BlockAnswer, blockId, toObservedBlock } from "./read-block.ts";

library.ChainConfig.setPrefix("BTS");

interface Exchange {
  readonly name: string;
  readonly send: string | null;
  readonly receive?: string | null;
  readonly receiveStart?: string;
  readonly notices?: readonly string[];
  readonly id?: string;
  readonly bytes?: string;
}

function exchangesOf(file: string): Exchange[] {
  const url = new URL(`../../../test/fixtures/bitshares/${file}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { exchanges: Exchange[] }).exchanges;
}

const files = ["accounts", "broadcast", "inclusion", "orders", "chain", "session"];
const all = files.flatMap((file) => exchangesOf(file).map((exchange) => ({ file, ...exchange })));

function exchange(file: string, name: string): Exchange {
  return all.find((one) => one.file === file && one.name === name) as Exchange;
}

function resultOf(file: string, name: string): unknown {
  return (JSON.parse(exchange(file, name).receive as string) as { result: unknown }).result;
}

/** By file and name; the transcripts' titles say what was done, and one of them is not what came of it. */
const expected: Readonly<Record<string, Reason>> = {
  "broadcast: duplicate, still pending": "duplicate",
  "broadcast: duplicate, already in a block": "duplicate",
  "broadcast: expired": "expired",
  "broadcast: expiration too far away": "expiration-too-far",
  "broadcast: TaPoS: wrong block prefix": "tapos",
  "broadcast: TaPoS: unknown block number (bytes are of another transaction)": "missing-authority",
  "broadcast: no signature": "missing-authority",
  "broadcast: wrong key": "missing-authority",
  "broadcast: irrelevant extra signature": "irrelevant-signature",
  "broadcast: signed for another chain": "missing-authority",
  "broadcast: signature not canonical": "bad-signature",
  "broadcast: signature of wrong length": "bad-signature",
  "broadcast: insufficient balance": "insufficient-balance",
  "broadcast: unknown recipient": "unknown-object",
  "broadcast: unknown asset": "insufficient-fee",
  "broadcast: fee too low": "insufficient-fee",
  "broadcast: transfer to self": "invalid-operation",
  "broadcast: amount zero": "invalid-operation",
  "broadcast: no operations": "malformed",
  "broadcast: unknown operation type": "unsupported",
  "broadcast: field missing": "missing-authority",
  "accounts: account_create by an account that is no lifetime member": "not-permitted",
  "accounts: account_create with a name that is taken": "invalid-operation",
  "accounts: account_create with a bad name": "invalid-operation",
  "orders: fill or kill that cannot be filled": "order-not-filled",
  "orders: limit_order_cancel of an order that is gone": "order-gone",
  "orders: order that expired before the head block": "order-expired",
  "orders: account_create": "not-permitted",
  "orders: account_create with a name that is taken": "not-permitted",
  "session: block api id": "not-permitted",
  "session: network_node api id (not allowed by default)": "not-permitted",
  "session: chain id by numeric api": "unsupported",
  "session: unknown api name": "unsupported",
  "session: unknown method": "unsupported",
  "session: too few arguments": "malformed",
  "session: wrong argument type": "malformed",
  "session: not JSON": "malformed",
  "session: batch": "malformed",
};

const rejections = all.flatMap(({ file, name, receive }) => {
  const error = receive ? (JSON.parse(receive) as { error?: unknown }).error : undefined;
  return error === undefined ? [] : [{ key: `${file}: ${name}`, error }];
});

describe("recorded errors", () => {
  test.each(rejections.filter(({ key }) => key in expected))("$key", ({ key, error }) => {
    expect(classifyRejection(error)).toBe(expected[key]);
    expect(rejectionMessage(error)).not.toBe("");
  });

  test("every kind of error in the broadcasts is in the table", () => {
    const unknown = rejections.filter(({ key }) => /^(broadcast|accounts|orders): /.test(key) && !(key in expected));
    expect(unknown.map(({ key }) => key)).toEqual([]);
    const missing = Object.keys(expected).filter((key) => !rejections.some((one) => one.key === key));
    expect(missing).toEqual([]);
  });

  test("a transaction that is too large is told from the start of its answer", () => {
    const start = all.find((one) => one.receiveStart !== undefined)?.receiveStart as string;
    const message = /"message":"([^"]+)"/.exec(start)?.[1];
    expect(classifyRejection({ code: 10, message })).toBe("too-large");
  });

  test("without details the message decides", () => {
    const { error } = rejections.find(({ key }) => key === "broadcast: expired") as unknown as {
      error: { message: string };
    };
    expect(classifyRejection({ code: 10, message: error.message })).toBe("expired");
  });

  test.each([null, undefined, "text", 7, {}, { code: "x", data: { stack: [null] } }])(
    "%p is of no known class",
    (error) => {
      expect(classifyRejection(error)).toBe("other");
    },
  );
});

interface SentTransaction {
  readonly signatures: readonly string[];
}

const packed = all.filter(
  (one) => one.bytes !== undefined && one.send !== null && !one.name.includes("bytes are of another"),
);

describe("recorded transactions", () => {
  test.each(packed)("$file: $name", ({ send, bytes, id }) => {
    const params = (JSON.parse(send as string) as { params: [string, string, unknown[]] }).params;
    const transaction = params[2].find((value) => typeof value === "object") as SentTransaction;
    let rebuilt: Buffer;
    try {
      rebuilt = ops.transaction.toBuffer(ops.transaction.fromObject(transaction));
    } catch {
      // Sent broken on purpose: an operation that does not exist, a field left out.
      return;
    }
    expect(rebuilt.toString("hex")).toBe(bytes);
    expect(createHash("sha256").update(rebuilt).digest("hex").slice(0, 40)).toBe(id);
  });
});

test("acceptances are read without parsing", () => {
  const accepted = all.filter((one) => one.receive && /^\{"id":\d+,"result":null\}$/.test(one.receive));
  expect(accepted.length).toBeGreaterThan(3);
  for (const { receive } of accepted) {
    expect(acceptedNumber(Buffer.from(receive as string))).toBe((JSON.parse(receive as string) as { id: number }).id);
  }
  for (const { receive } of all) {
    if (!receive || accepted.some((one) => one.receive === receive)) continue;
    expect(acceptedNumber(Buffer.from(receive))).toBe(-1);
  }
});

describe("recorded answers have the form that is expected", () => {
  test.each<[string, z.ZodType]>([
    ["global properties (fee schedule, size limits, block interval)", answers.globalPropertiesAnswer],
    ["dynamic global properties (head, irreversible)", answers.dynamicPropertiesAnswer],
    ["accounts by name", answers.accountsAnswer],
    ["account balances", answers.amountsAnswer],
    ["assets by symbol", answers.assetsAnswer],
    ["required fees", answers.amountsAnswer],
  ])("%s", (name, schema) => {
    expect(schema.safeParse(resultOf("chain", name)).error).toBeUndefined();
  });

  test("orders of an account, a header and the chain id", () => {
    expect(answers.ordersAnswer.safeParse(resultOf("orders", "orders of an account")).error).toBeUndefined();
    expect(answers.headerAnswer.safeParse(resultOf("inclusion", "block header")).error).toBeUndefined();
    expect(answers.chainIdAnswer.safeParse(resultOf("session", "chain id by name")).error).toBeUndefined();
  });
});

describe("the recorded block", () => {
  const block = resultOf("inclusion", "block with transactions (database)") as BlockAnswer;

  test("has the id that a later transaction refers to", () => {
    const { send } = exchange("orders", "asset_create");
    const { params } = JSON.parse(send as string) as { params: [string, string, [{ ref_block_prefix: number }]] };
    const id = blockId(118, block);
    expect(Buffer.from(id, "hex").readUInt32LE(4)).toBe(params[2][0].ref_block_prefix);
    expect(id.slice(0, 8)).toBe("00000076");
  });

  test("is described with the size that bitsharesjs packs it to, and with our keys", () => {
    const observed = toObservedBlock(118, block);
    const bytes = ops.signed_block.toBuffer(ops.signed_block.fromObject(structuredClone(block)));
    const signature = (block.transactions[0] as unknown as SentTransaction).signatures[0] as string;
    expect(observed).toMatchObject({
      number: 118,
      previousId: "000000751bdfa43ededc0277f2704cd8f932fe4a",
      producer: "1.6.6",
      timestampMs: Date.parse("2026-11-21T00:39:41Z"),
      transactions: 1,
      operations: 2,
      bytes: bytes.length,
    });
    expect(observed.matchKeys[0]).toBe(BigInt(`0x${signature.slice(2, 18)}`));
  });

  test("a block of ten thousand transactions is read whole", () => {
    const many = { ...block, transactions: Array.from({ length: 10_000 }, () => block.transactions[0]) };
    const parsed = (JSON.parse(JSON.stringify({ id: 1, result: many })) as { result: BlockAnswer }).result;
    expect(toObservedBlock(118, parsed)).toMatchObject({ transactions: 10_000, operations: 20_000 });
  });
});

test("blocks with orders, cancellations and memos have the size that bitsharesjs packs them to", () => {
  const key = "BTS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV";
  const block = resultOf("inclusion", "block with transactions (database)") as BlockAnswer;
  const template = block.transactions[0] as BlockAnswer["transactions"][number];
  const operations = ["limit_order_create", "limit_order_cancel", "fill or kill that cannot be filled"].map((name) => {
    const { params } = JSON.parse(exchange("orders", name).send as string) as {
      params: [string, string, [typeof template]];
    };
    return params[2][0].operations[0] as (typeof template.operations)[number];
  });
  const [, transfer] = template.operations[0] as (typeof template.operations)[number];
  const memo = { from: key, to: key, nonce: "7", message: "ab".repeat(200) };
  const transactions = [
    { ...template, operations },
    {
      ...template,
      operations: [[0, { ...transfer, memo }] as const],
      operation_results: [[2, { amount: 1, asset_id: "1.3.300" }] as const],
    },
    { ...template, signatures: [...template.signatures, ...template.signatures] },
  ];
  const whole = { ...block, transactions };
  const library = JSON.parse(JSON.stringify(whole)) as {
    transactions: { operations: [number, { extensions: unknown }][] }[];
  };
  // The library knows the extensions of orders only as an empty list.
  for (const { operations: list } of library.transactions) for (const [, fields] of list) fields.extensions = [];
  const bytes = ops.signed_block.toBuffer(ops.signed_block.fromObject(library));
  expect(toObservedBlock(118, whole).bytes).toBe(bytes.length);
});
