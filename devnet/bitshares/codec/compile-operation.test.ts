import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { ops } from "bitsharesjs";
import library from "bitsharesjs-ws";
import fc from "fast-check";
import { ChainFailure } from "../chain/failure.ts";
import type { Json } from "./json.ts";
import { readTransaction } from "./transaction.ts";

const amount = fc.integer({ min: 0, max: 2 ** 53 - 1 });
const instance = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const asset = fc.record({ amount, asset_id: instance.map((id) => `1.3.${id}`) });
const account = instance.map((id) => `1.2.${id}`);
const time = fc
  .integer({ min: 0, max: 2 ** 32 - 1 })
  .map((seconds) => new Date(seconds * 1000).toISOString().slice(0, 19));
const key = "BTS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV";
const memo = fc.record({
  from: fc.constant(key),
  to: fc.constant(key),
  nonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  message: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("hex")),
});
const transfer = fc.record(
  { fee: asset, from: account, to: account, amount: asset, memo, extensions: fc.constant([]) },
  { requiredKeys: ["fee", "from", "to", "amount", "extensions"] },
);
const limitOrderCreate = fc.record({
  fee: asset,
  seller: account,
  amount_to_sell: asset,
  min_to_receive: asset,
  expiration: time,
  fill_or_kill: fc.boolean(),
  extensions: fc.constant({}),
});
const limitOrderCancel = fc.record({
  fee: asset,
  fee_paying_account: account,
  order: instance.map((id) => `1.7.${id}`),
  extensions: fc.constant([]),
});
const operation = fc.oneof(
  transfer.map((body) => [0, body]),
  limitOrderCreate.map((body) => [1, body]),
  limitOrderCancel.map((body) => [2, body]),
);

test("the codecs written by hand pack what the reference library packs", () => {
  library.ChainConfig.setPrefix("BTS");
  const transaction = fc.record({
    ref_block_num: fc.integer({ min: 0, max: 0xffff }),
    ref_block_prefix: fc.integer({ min: 0, max: 0xffffffff }),
    expiration: time,
    operations: fc.array(operation, { minLength: 1, maxLength: 5 }),
    extensions: fc.constant([]),
  });
  fc.assert(
    fc.property(transaction, (given) => {
      const read = readTransaction(given as unknown as Json);
      if (read instanceof ChainFailure) throw new Error(JSON.stringify(read));
      const reference = ops.transaction.toBuffer(ops.transaction.fromObject(given));
      expect(read.unsignedBytes.toString("hex")).toBe(reference.toString("hex"));
      expect(read.id).toBe(createHash("sha256").update(reference).digest("hex").slice(0, 40));
    }),
    { numRuns: 300 },
  );
});

interface Recorded {
  readonly name: string;
  readonly send: string | null;
  readonly id?: string;
  readonly bytes?: string;
}

const recorded = ["broadcast", "orders", "accounts"].flatMap((file) => {
  const url = new URL(`../../../test/fixtures/bitshares/${file}.json`, import.meta.url);
  const { exchanges } = JSON.parse(readFileSync(url, "utf8")) as { readonly exchanges: readonly Recorded[] };
  // These two were changed after their bytes were noted.
  const changed = /bytes are of another|unknown operation|field missing/;
  return exchanges.filter(({ name, send, bytes }) => send !== null && bytes !== undefined && !changed.test(name));
});

test.each(recorded.map((exchange) => [exchange.name, exchange] as const))(
  "ids and bytes are those of the real node: %s",
  (_, exchange) => {
    const request = JSON.parse(exchange.send!) as { readonly params: readonly [string, string, readonly Json[]] };
    const read = readTransaction(request.params[2][0]);
    if (read instanceof ChainFailure) throw new Error(JSON.stringify(read));
    expect(read.unsignedBytes.toString("hex")).toBe(exchange.bytes);
    expect(read.id).toBe(exchange.id);
  },
);
