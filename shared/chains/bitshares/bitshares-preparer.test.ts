import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { Aes, ops, PrivateKey, PublicKey, Signature } from "bitsharesjs";
import library from "bitsharesjs-ws";
import fc from "fast-check";
import secp256k1 from "secp256k1";
import { parseTemplate } from "../../workload/placeholders.ts";
import { WorkloadShape } from "../../workload/shape.ts";
import type { PrepareContext, PreparedTransaction, PrepareRequest } from "../driver.ts";
import { isCanonical } from "../signing/canonical-signer.ts";
import { derivedPrivateKey } from "../signing/derived-key.ts";
import { BitsharesPreparer } from "./bitshares-preparer.ts";
import type { AccountUpgradeData, EntryData, PooledData, TemplateData } from "./chain-data.ts";
import { publicKeyText } from "./keys.ts";
import { bodyToJson } from "./packed-text.ts";
import { createSampleContext, sampleCoreAsset, sampleOtherAsset, sampleTransfer } from "./sample-context.ts";

// The library's own default is no network's.
library.ChainConfig.setPrefix("BTS");

interface SignedTransaction {
  readonly ref_block_num: number;
  readonly ref_block_prefix: number;
  readonly expiration: string;
  readonly operations: readonly [number, Record<string, unknown>][];
  readonly signatures: readonly string[];
}

interface Prepared {
  readonly transaction: SignedTransaction;
  readonly body: Buffer;
  readonly described: PreparedTransaction;
}

const memoKeys = Array.from({ length: 100 }, (_, i) => publicKeyText(derivedPrivateKey("memo", i), "BTS"));
const memoTransfer: EntryData = {
  ...sampleTransfer,
  memo: { minimumLength: 1, maximumLength: 200, keys: memoKeys },
} as EntryData;

const orderCreate: EntryData = {
  kind: "limit_order_create",
  fee: 500_000,
  base: sampleOtherAsset,
  quote: sampleCoreAsset,
  minimum: 1,
  maximum: 10_000_000,
  minimumPrice: 0.9,
  maximumPrice: 1.1,
  side: "both",
  expiresAfterSeconds: 3600,
  fillOrKill: false,
};

const orderCancel: EntryData = {
  kind: "limit_order_cancel",
  fee: 0,
  orders: Array.from({ length: 5000 }, (_, i) => i * 131),
  owners: Array.from({ length: 5000 }, (_, i) => (i * 7) % 100),
};

const accountUpgrade: AccountUpgradeData = {
  kind: "account_upgrade",
  fee: 1_000_000_000,
  basic: Array.from({ length: 5000 }, (_, i) => 118 + i * 3),
  holders: Array.from({ length: 5000 }, (_, i) => (i * 7) % 100),
};

const htlcCreate: EntryData = {
  kind: "htlc_create",
  fee: 200_000,
  asset: sampleOtherAsset,
  minimum: 1,
  maximum: 10_000,
  claimSeconds: 86_400,
  names: Array.from({ length: 100 }, (_, i) => `stress-${i}`),
};

const callOrder: EntryData = {
  kind: "call_order_update",
  fee: 2_000_000,
  debt: sampleOtherAsset,
  backing: sampleCoreAsset,
  minimum: 1,
  maximum: 10_000,
  worth: 0.3,
  leastRatio: 2,
  mostRatio: 3,
};

const publishFeed: EntryData = {
  kind: "asset_publish_feed",
  fee: 100_000,
  publisher: 7,
  asset: 1,
  backing: 0,
  price: [30, 12],
  coreRate: [30, 12],
  maintenanceRatio: 1750,
  squeezeRatio: 1500,
};

const objects = 5000;

function pooled(operation: PooledData["operation"], rest: Partial<PooledData> = {}): PooledData {
  const ids = Array.from({ length: objects }, (_, i) => i * 131);
  const owners = ids.map((_, i) => (i * 7) % 100);
  return { kind: "pooled", operation, fee: 37_500, ids, owners, columns: {}, settings: {}, ...rest };
}

function column<T>(value: (i: number) => T): T[] {
  return Array.from({ length: objects }, (_, i) => value(i));
}

const orderUpdate = pooled("limit_order_update", {
  columns: {
    sells: column((i) => i + 1),
    sold: column(() => 1),
    wants: column((i) => 1e11 + i),
    wanted: column(() => 0),
  },
  settings: { leastPrice: 1, mostPrice: 1.1, expiresAfterSeconds: 3600 },
});

const heldOnes: readonly PooledData[] = [
  pooled("proposal_update"),
  pooled("proposal_delete"),
  pooled("vesting_balance_withdraw", { columns: { amount: column((i) => i + 1), asset: column(() => 1) } }),
  pooled("htlc_redeem", {
    columns: {
      from: column(() => "stress-1"),
      to: column((i) => `stress-${(i * 7) % 100}`),
      amount: column((i) => i),
    },
  }),
  pooled("htlc_extend", { settings: { bySeconds: 3600 } }),
];

function templateEntry(operation: string, template: unknown): EntryData {
  return { kind: "template", operation, node: parseTemplate(template).node, fee: 12_345 };
}

const customTemplate = templateEntry("custom", {
  required_auths: [{ $account: "other" }],
  id: 7,
  data: { $counter: "hex" },
});

const accountTemplate = templateEntry("account_create", {
  registrar: { $account: "sender" },
  referrer: { $account: "any" },
  referrer_percent: 0,
  name: { $counter: "text", prefix: "stress-new-" },
  owner: {
    weight_threshold: 1,
    account_auths: [],
    key_auths: [["BTS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV", 1]],
    address_auths: [],
  },
  active: {
    weight_threshold: 1,
    account_auths: [],
    key_auths: [["BTS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV", 1]],
    address_auths: [],
  },
  options: {
    memo_key: "BTS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV",
    voting_account: "1.2.5",
    num_witness: 0,
    num_committee: 0,
    votes: [],
    extensions: [],
  },
  extensions: [],
});

const whitelistUse: EntryData = {
  ...(templateEntry("account_whitelist", {
    authorizing_account: { $account: "sender" },
    account_to_list: { $account: "other" },
    new_listing: { $choice: [0, 1] },
    extensions: [],
  }) as TemplateData),
  use: { extraFee: 99, sender: null, memoKeys: null, spends: null },
};

const withdrawTemplate = templateEntry("withdraw_permission_create", {
  withdraw_from_account: { $account: "sender" },
  authorized_account: { $account: "other" },
  withdrawal_limit: { $asset: "1..5 BTS" },
  withdrawal_period_sec: { $counter: true, start: 3600 },
  periods_until_expiration: { $integer: [1, 9] },
  period_start_time: { $time: "+1h" },
});

function prepareOne(context: PrepareContext, sequence: number, entries: number[], ordinals: number[] = []): Prepared {
  return prepareWith(new BitsharesPreparer(context), sequence, entries, ordinals);
}

function prepareWith(
  preparer: BitsharesPreparer,
  sequence: number,
  entries: number[],
  ordinals: number[] = [],
): Prepared {
  const request: PrepareRequest = {
    sequence,
    expirationSeconds: Date.parse("2026-11-21T01:00:00Z") / 1000 + (sequence % 3),
    entries: Uint16Array.from(entries),
    operations: entries.length,
    poolOrdinals: Uint32Array.from(entries, (_, i) => ordinals[i] ?? 0),
  };
  const target = Buffer.alloc(200_000);
  const described: PreparedTransaction = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
  expect(preparer.prepare(request, target, 3, described)).toBe(true);
  preparer.complete();
  const body = target.subarray(3, 3 + described.bodyBytes);
  return { body, described, transaction: JSON.parse(bodyToJson(body)) as SignedTransaction };
}

/** The transaction as bitsharesjs packs what is sent. */
function libraryBytes(transaction: SignedTransaction): Buffer {
  return ops.transaction.toBuffer(ops.transaction.fromObject(transaction));
}

function digestOf(context: PrepareContext, bytes: Buffer): Buffer {
  return createHash("sha256").update(Buffer.from(context.network.chainId, "hex")).update(bytes).digest();
}

function recoveredKeys(context: PrepareContext, transaction: SignedTransaction): string[] {
  const digest = digestOf(context, libraryBytes(transaction));
  return transaction.signatures.map((hex) => {
    const bytes = Buffer.from(hex, "hex");
    const key = secp256k1.ecdsaRecover(bytes.subarray(1), (bytes[0] as number) - 31, digest, true);
    return Buffer.from(key).toString("hex");
  });
}

function keyOf(account: number): string {
  return Buffer.from(secp256k1.publicKeyCreate(derivedPrivateKey("sample", account), true)).toString("hex");
}

const cases: { name: string; entries: EntryData[]; pick: number[]; ordinals?: (sequence: number) => number[] }[] = [
  { name: "a transfer", entries: [sampleTransfer], pick: [0] },
  { name: "a transfer with a memo", entries: [memoTransfer], pick: [0] },
  { name: "a limit order", entries: [orderCreate], pick: [0] },
  {
    name: "a fill-or-kill order",
    entries: [{ ...orderCreate, fillOrKill: true, side: "buy" } as EntryData],
    pick: [0],
  },
  { name: "a cancellation", entries: [orderCancel], pick: [0], ordinals: (sequence) => [sequence % 5000] },
  {
    name: "several operations of different kinds",
    entries: [sampleTransfer, orderCreate, orderCancel, customTemplate],
    pick: [0, 1, 2, 2, 0, 3],
    ordinals: (sequence) => [0, 0, (sequence * 2) % 5000, (sequence * 2 + 1) % 5000, 0, 0],
  },
  { name: "a custom operation", entries: [customTemplate], pick: [0] },
  { name: "a listing", entries: [whitelistUse], pick: [0] },
  {
    name: "an upgrade, paid by the upgraded and signed with the key of another",
    entries: [accountUpgrade],
    pick: [0],
    ordinals: (sequence) => [sequence % 5000],
  },
  { name: "an account", entries: [accountTemplate], pick: [0] },
  { name: "a withdrawal permission", entries: [withdrawTemplate], pick: [0] },
  { name: "a contract", entries: [htlcCreate], pick: [0] },
  { name: "a debt", entries: [callOrder], pick: [0] },
  { name: "a price", entries: [publishFeed], pick: [0] },
  ...heldOnes.map((entry) => ({
    name: `${entry.operation} of what is there already`,
    entries: [entry],
    pick: [0],
    ordinals: (sequence: number) => [sequence % objects],
  })),
];

describe.each(cases)("$name", ({ entries, pick, ordinals }) => {
  const context = createSampleContext({ entries });
  const preparer = new BitsharesPreparer(context);

  test("is packed and signed as bitsharesjs takes it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4000 }), (sequence) => {
        const { transaction, described } = prepareWith(preparer, sequence, pick, ordinals?.(sequence));
        const bytes = libraryBytes(transaction);
        const expectedSize = bytes.length + 1 + transaction.signatures.length * 65 + 1;
        expect(described.packedBytes).toBe(expectedSize);
        // Recovering the signers from the library's bytes proves that ours were the same: the digest covers them all.
        const signers = recoveredKeys(context, transaction);
        expect(new Set(signers).size).toBe(signers.length);
        const payer = payerOf(transaction);
        expect(signers).toContain(keyOf(payer));
        for (const hex of transaction.signatures) expect(isCanonical(Buffer.from(hex, "hex").subarray(1))).toBe(true);
        const first = Buffer.from(transaction.signatures[0] as string, "hex");
        expect([described.matchKeyHigh, described.matchKeyLow]).toEqual([first.readUInt32BE(1), first.readUInt32BE(5)]);
      }),
      { numRuns: 60 },
    );
  });
});

/** Position of the account that pays for the first operation. */
function payerOf(transaction: SignedTransaction): number {
  const fields = (transaction.operations[0] as [number, Record<string, unknown>])[1];
  const upgraded = Number(String(fields.account_to_upgrade ?? "").split(".")[2]);
  if (!Number.isNaN(upgraded)) return accountUpgrade.holders[accountUpgrade.basic.indexOf(upgraded)] as number;
  const names = [
    "authorizing_account",
    "from",
    "seller",
    "fee_paying_account",
    "registrar",
    "payer",
    "withdraw_from_account",
    "owner",
    "redeemer",
    "update_issuer",
    "funding_account",
    "publisher",
  ];
  const name = names.find((candidate) => candidate in fields) as string;
  return Number(String(fields[name]).split(".")[2]) - 18;
}

test("an update of an order, which bitsharesjs does not know, is packed as the protocol lays it out", () => {
  const context = createSampleContext({ entries: [orderUpdate] });
  const { transaction, described } = prepareOne(context, 9, [0], [77]);
  const [code, body] = transaction.operations[0] as unknown as [number, OrderUpdateBody];
  expect(code).toBe(77);
  const side = ({ amount, asset_id }: OrderUpdateBody["fee"]): Buffer[] => [
    little(8, amount),
    varint(Number(asset_id.split(".")[2])),
  ];
  const seconds = (text: string): Buffer => little(4, Date.parse(`${text}Z`) / 1000);
  const [absent, present, empty] = [Buffer.of(0), Buffer.of(1), Buffer.of(0)];
  const bytes = Buffer.concat([
    little(2, transaction.ref_block_num),
    little(4, transaction.ref_block_prefix),
    seconds(transaction.expiration),
    Buffer.of(1, 77),
    ...side(body.fee),
    varint(Number(body.seller.split(".")[2])),
    varint(Number(body.order.split(".")[2])),
    ...[present, ...side(body.new_price.base), ...side(body.new_price.quote)],
    absent,
    ...[present, seconds(body.new_expiration)],
    ...[absent, empty, empty],
  ]);
  expect(described.packedBytes).toBe(bytes.length + 1 + 65 + 1);
  const signature = Buffer.from(transaction.signatures[0] as string, "hex");
  const digest = digestOf(context, bytes);
  const key = secp256k1.ecdsaRecover(signature.subarray(1), (signature[0] as number) - 31, digest, true);
  expect(Buffer.from(key).toString("hex")).toBe(keyOf((77 * 7) % 100));
  expect(body).toMatchObject({ order: `1.7.${77 * 131}`, new_price: { base: { amount: 78 } } });
  const [asked, asks] = [Number(body.new_price.quote.amount), 1e11 + 77];
  expect(asked).toBeGreaterThanOrEqual(asks);
  expect(asked).toBeLessThanOrEqual(asks * 1.1 + 1);
});

interface OrderUpdateBody {
  readonly fee: { readonly amount: number; readonly asset_id: string };
  readonly seller: string;
  readonly order: string;
  readonly new_price: Readonly<Record<"base" | "quote", OrderUpdateBody["fee"]>>;
  readonly new_expiration: string;
}

function little(bytes: number, value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer.subarray(0, bytes);
}

function varint(value: number): Buffer {
  return value < 128 ? Buffer.of(value) : Buffer.of((value % 128) | 128, ...varint(Math.floor(value / 128)));
}

test("bitsharesjs recovers the signer and verifies the signature", () => {
  const context = createSampleContext();
  const { transaction } = prepareOne(context, 3, [0]);
  const message = Buffer.concat([Buffer.from(context.network.chainId, "hex"), libraryBytes(transaction)]);
  const key = PrivateKey.fromBuffer(derivedPrivateKey("sample", payerOf(transaction)));
  const signature = Signature.fromHex(transaction.signatures[0] as string);
  expect(signature.recoverPublicKeyFromBuffer(message).toString()).toBe(key.toPublicKey().toString());
});

test("the recipient reads a memo with bitsharesjs, and its length is within bounds", () => {
  const preparer = new BitsharesPreparer(createSampleContext({ entries: [memoTransfer] }));
  const lengths = new Set<number>();
  for (let sequence = 0; sequence < 8; sequence++) {
    const { transaction } = prepareWith(preparer, sequence, [0]);
    const [, { to, memo }] = transaction.operations[0] as [number, { to: string; memo: Record<string, string> }];
    const recipient = PrivateKey.fromBuffer(derivedPrivateKey("memo", Number(to.split(".")[2]) - 18));
    const sender = PublicKey.fromStringOrThrow(memo.from as string, "BTS");
    const message = Aes.decrypt_with_checksum(recipient, sender, memo.nonce as string, memo.message as string);
    expect(String(message)).toMatch(/^[a-z1-5 ]{1,200}$/);
    expect(memo.to).toBe(recipient.toPublicKey().toString("BTS"));
    lengths.add(message.length);
  }
  expect(lengths.size).toBeGreaterThan(1);
});

test("the reference is the block of the context", () => {
  const { transaction } = prepareOne(createSampleContext(), 5, [0]);
  expect(transaction).toMatchObject({ ref_block_num: 107, ref_block_prefix: 430614547 });
});

test("the same context and sequence give the same bytes, whatever was prepared before", () => {
  const context = createSampleContext({ entries: [sampleTransfer, orderCreate] });
  const preparer = new BitsharesPreparer(context);
  prepareWith(preparer, 1, [1]);
  prepareWith(preparer, 2, [0, 1, 1]);
  expect(prepareWith(preparer, 77, [0, 1]).body).toEqual(prepareOne(context, 77, [0, 1]).body);
});

test("no two transactions of a run are the same, even with a single amount or overlapping ranges", () => {
  const single: EntryData = { ...sampleTransfer, minimum: 100_000, maximum: 100_000 } as EntryData;
  const narrow: EntryData = { ...sampleTransfer, minimum: 90_000, maximum: 110_000 } as EntryData;
  const wide: EntryData = { ...sampleTransfer, minimum: 100_000, maximum: 130_000 } as EntryData;
  for (const entries of [[single], [narrow, wide], [sampleTransfer, sampleTransfer]]) {
    const context = createSampleContext({ entries, transactions: 3000, accounts: 60 });
    const preparer = new BitsharesPreparer(context);
    const seen = new Set<string>();
    for (let sequence = 0; sequence < 3000; sequence++) {
      const { transaction } = prepareWith(preparer, sequence, [sequence % entries.length]);
      seen.add(JSON.stringify(transaction.operations));
    }
    expect(seen.size).toBe(3000);
  }
});

test("what has no number of its own differs in what is paid beyond the fee, and no more of them can be made", () => {
  const context = createSampleContext({ entries: [whitelistUse], transactions: 500, accounts: 5 });
  const preparer = new BitsharesPreparer(context);
  const seen = new Set<string>();
  for (let sequence = 0; sequence < 500; sequence++) {
    const [, fields] = prepareWith(preparer, sequence, [0]).transaction.operations[0] as [
      number,
      { fee: { amount: number }; authorizing_account: string },
    ];
    const extra = Number(fields.fee.amount) - whitelistUse.fee;
    expect(extra).toBeGreaterThanOrEqual(0);
    expect(extra).toBeLessThanOrEqual(99);
    seen.add(`${extra} ${fields.authorizing_account}`);
  }
  expect(seen.size).toBe(500);
  expect(() => prepareWith(preparer, 500, [0])).toThrow(expect.objectContaining({ code: "PLAN_IMPOSSIBLE" }));
});

test("a price is the same each time, in terms that no other transaction has", () => {
  const preparer = new BitsharesPreparer(createSampleContext({ entries: [publishFeed], transactions: 1000 }));
  const seen = new Set<string>();
  for (let sequence = 0; sequence < 200; sequence++) {
    const [, { feed }] = prepareWith(preparer, sequence, [0]).transaction.operations[0] as unknown as [
      number,
      { feed: { settlement_price: Record<"base" | "quote", { amount: number }> } },
    ];
    const { base, quote } = feed.settlement_price;
    expect(Number(base.amount) / Number(quote.amount)).toBeCloseTo(2.5, 10);
    seen.add(String(base.amount));
  }
  expect(seen.size).toBe(200);
});

test("sender and recipient differ and all accounts take part", () => {
  const preparer = new BitsharesPreparer(createSampleContext({ accounts: 5 }));
  const senders = new Set<unknown>();
  const recipients = new Set<unknown>();
  for (let sequence = 0; sequence < 200; sequence++) {
    const [, fields] = prepareWith(preparer, sequence, [0]).transaction.operations[0] as [
      number,
      Record<string, unknown>,
    ];
    expect(fields.from).not.toBe(fields.to);
    senders.add(fields.from);
    recipients.add(fields.to);
  }
  expect([senders.size, recipients.size]).toEqual([5, 5]);
});

test("a workload that cannot make enough different transactions is refused", () => {
  const single: EntryData = { ...sampleTransfer, minimum: 5, maximum: 6 } as EntryData;
  const context = createSampleContext({ entries: [single], accounts: 2, transactions: 5 });
  expect(() => new BitsharesPreparer(context)).toThrow(expect.objectContaining({ code: "PLAN_IMPOSSIBLE" }));
  const unknown = new BitsharesPreparer({ ...context, transactions: undefined });
  expect(() => prepareWith(unknown, 4, [0])).toThrow(expect.objectContaining({ code: "PLAN_IMPOSSIBLE" }));
});

test("one signature is enough where accounts share a key, and one for each owner where they do not", () => {
  const entries = [orderCancel, sampleTransfer];
  const context = createSampleContext({ entries });
  expect(prepareOne(context, 0, [0, 0, 0, 1], [0, 1, 2, 0]).transaction.signatures).toHaveLength(3);
  const [first] = context.resolved.accounts;
  const accounts = context.resolved.accounts.map((account) => ({
    ...account,
    privateKey: first?.privateKey as string,
  }));
  const shared = { ...context, resolved: { ...context.resolved, accounts } };
  expect(prepareOne(shared, 0, [0, 0, 0, 1], [0, 1, 2, 0]).transaction.signatures).toHaveLength(1);
});

test("a body that does not fit is not written", () => {
  const preparer = new BitsharesPreparer(createSampleContext());
  const target = Buffer.alloc(100, 7);
  const described: PreparedTransaction = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
  const request: PrepareRequest = {
    sequence: 0,
    expirationSeconds: 1_800_000_000,
    entries: Uint16Array.of(0),
    operations: 1,
    poolOrdinals: Uint32Array.of(0),
  };
  expect(preparer.prepare(request, target, 0, described)).toBe(false);
  expect(target.every((byte) => byte === 7)).toBe(true);
});

test("a transfer takes at most 160 bytes in the store and the announced size is enough for most", () => {
  const preparer = new BitsharesPreparer(createSampleContext());
  const { described } = prepareWith(preparer, 9, [0]);
  expect(described.bodyBytes).toBeLessThanOrEqual(160);
  expect(preparer.typicalBodyBytes).toBeGreaterThanOrEqual(described.bodyBytes);
});

test("the announced size is enough for large templates too", () => {
  const preparer = new BitsharesPreparer(createSampleContext({ entries: [accountTemplate, customTemplate] }));
  for (let sequence = 0; sequence < 20; sequence++) {
    const { described } = prepareWith(preparer, sequence, [sequence % 2]);
    expect(preparer.typicalBodyBytes).toBeGreaterThanOrEqual(described.bodyBytes);
  }
});

test("transactions with thousands of operations are prepared as well", () => {
  const context = createSampleContext({ operationsPerTransaction: { kind: "fixed", count: 2000 } });
  const shape = new WorkloadShape(context.workload, 1);
  shape.draw(0);
  const { transaction } = prepareOne(context, 0, [...shape.entries.subarray(0, shape.operations)]);
  expect(transaction.operations).toHaveLength(2000);
  expect(transaction.signatures).toHaveLength(1);
  expect(recoveredKeys(context, transaction)).toEqual([keyOf(payerOf(transaction))]);
});
