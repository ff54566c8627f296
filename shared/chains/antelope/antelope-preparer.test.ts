import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { Api, type JsonRpc, Numeric, Serialize } from "eosjs";
import { Signature } from "eosjs/dist/eosjs-key-conversions.js";
import fc from "fast-check";
import secp256k1 from "secp256k1";
import { parseTemplate } from "../../workload/placeholders.ts";
import { WorkloadShape } from "../../workload/shape.ts";
import type { PrepareContext, PreparedTransaction, PrepareRequest } from "../driver.ts";
import { isCanonical } from "../signing/canonical-signer.ts";
import { encodeAbi } from "./abi.ts";
import { AntelopePreparer } from "./antelope-preparer.ts";
import type { AntelopeData, EntryData } from "./chain-data.ts";
import { canonicalPublicKey, privateKeyBytes, publicKeyText } from "./keys.ts";
import { BodyRenderer, bodyToJson } from "./packed-body.ts";
import { createSampleContext, sampleToken, sampleTransfer } from "./sample-context.ts";
import { oddAbi, oddAbiBytes, oddTemplate } from "./testing/odd-contract.ts";
import { recordedExchanges, recordedTokenAbi } from "./testing/recorded-exchanges.ts";

interface Sent {
  readonly signatures: readonly string[];
  readonly compression: number;
  readonly packed_context_free_data: string;
  readonly packed_trx: string;
}

interface Prepared {
  readonly body: Buffer;
  readonly sent: Sent;
  readonly packed: Buffer;
  readonly described: PreparedTransaction;
}

interface Decoded {
  readonly expiration: string;
  readonly ref_block_num: number;
  readonly ref_block_prefix: number;
  readonly max_net_usage_words: number;
  readonly actions: readonly (Serialize.SerializedAction & { readonly account: string })[];
}

// Nothing here asks a node.
const api = new Api({
  rpc: null as unknown as JsonRpc,
  signatureProvider: { getAvailableKeys: () => Promise.resolve([]), sign: () => Promise.reject(new Error("unused")) },
});
const abis = { "eosio.token": { raw: recordedTokenAbi() }, oddcontract: { raw: oddAbiBytes } };

function actionEntry(contract: string, action: string, template: unknown): EntryData {
  const { node } = parseTemplate(template);
  return { kind: "action", contract, action, actor: null, permission: null, node, tokens: [sampleToken] };
}

const odd = actionEntry("oddcontract", "odd", oddTemplate);
const memoTransfer: EntryData = { ...sampleTransfer, minimumMemo: 3, maximumMemo: 200 } as EntryData;
const closing = actionEntry("eosio.token", "close", { owner: { $account: "sender" }, symbol: "4,EOS" });

function contextOf(options: Parameters<typeof createSampleContext>[0] = {}): PrepareContext {
  return createSampleContext({ ...options, data: { abis, ...options.data } });
}

const expirationSeconds = Date.parse("2026-11-21T01:00:00Z") / 1000;

function prepareWith(
  preparer: AntelopePreparer,
  sequence: number,
  entries: number[],
  expiration = expirationSeconds + (sequence % 3),
): Prepared {
  const request: PrepareRequest = {
    sequence,
    expirationSeconds: expiration,
    entries: Uint16Array.from(entries),
    operations: entries.length,
    poolOrdinals: new Uint32Array(entries.length),
  };
  const target = Buffer.alloc(500_000);
  const described: PreparedTransaction = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
  expect(preparer.prepare(request, target, 3, described)).toBe(true);
  preparer.complete();
  const body = target.subarray(3, 3 + described.bodyBytes);
  const parsed = JSON.parse(bodyToJson(body, "send_transaction2")) as Sent & { readonly transaction?: Sent };
  const sent = parsed.transaction ?? parsed;
  return { body, sent, packed: Buffer.from(sent.packed_trx, "hex"), described };
}

function prepareOne(context: PrepareContext, sequence: number, entries: number[]): Prepared {
  return prepareWith(new AntelopePreparer(context), sequence, entries);
}

function decode(packed: Uint8Array): Decoded {
  return api.deserializeTransaction(packed) as Decoded;
}

function contractOf(account: string): Serialize.Contract {
  const abi = account === "oddcontract" ? api.rawAbiToJson(encodeAbi(oddAbi)) : tokenAbi;
  const types = Serialize.getTypesFromAbi(Serialize.createInitialTypes(), abi);
  return { types, actions: new Map(abi.actions.map(({ name, type }) => [name, Serialize.getType(types, type)])) };
}

const tokenAbi = api.rawAbiToJson(Buffer.from(recordedTokenAbi(), "hex"));

/** The transaction as eosjs packs what it reads in it, down to the data of the actions. */
function libraryBytes(packed: Uint8Array): Buffer {
  const decoded = decode(packed);
  const actions = decoded.actions.map(({ account, name, authorization, data }) => {
    const contract = contractOf(account);
    const codecs = [new TextEncoder(), new TextDecoder()] as const;
    const read = Serialize.deserializeActionData(contract, account, name, data, ...codecs);
    return Serialize.serializeAction(contract, account, name, authorization, read, ...codecs);
  });
  return Buffer.from(api.serializeTransaction({ ...decoded, actions } as never));
}

function digestOf(context: PrepareContext, packed: Uint8Array): Buffer {
  const chainId = Buffer.from(context.network.chainId, "hex");
  return createHash("sha256").update(chainId).update(packed).update(Buffer.alloc(32)).digest();
}

/** eosjs reads the signatures, but would take half a second to recover each key. */
function recoveredKeys(context: PrepareContext, { sent, packed }: Pick<Prepared, "sent" | "packed">): string[] {
  const digest = digestOf(context, packed);
  return sent.signatures.map((text) => {
    const { data } = Numeric.stringToSignature(text);
    expect(isCanonical(data.subarray(1))).toBe(true);
    const key = secp256k1.ecdsaRecover(data.subarray(1), (data[0] as number) - 31, digest, true);
    return Numeric.publicKeyToString({ type: Numeric.KeyType.k1, data: key });
  });
}

function keyOf(context: PrepareContext, name: string): string {
  const account = context.resolved.accounts.find((candidate) => candidate.name === name);
  return canonicalPublicKey(publicKeyText(privateKeyBytes(account?.privateKey ?? "", name)));
}

const cases = [
  { name: "a transfer", entries: [sampleTransfer], pick: [0] },
  { name: "a transfer with a memo", entries: [memoTransfer], pick: [0] },
  { name: "an action with every kind of field", entries: [odd], pick: [0] },
  { name: "an action without fields", entries: [actionEntry("oddcontract", "empty", {})], pick: [0] },
  { name: "an action that is always the same", entries: [closing], pick: [0] },
  { name: "several actions of different contracts", entries: [sampleTransfer, odd, closing], pick: [0, 1, 2, 0, 1] },
];

describe.each(cases)("$name", ({ entries, pick }) => {
  const context = contextOf({ entries, accounts: 30 });
  const preparer = new AntelopePreparer(context);

  test("is packed, identified and signed as eosjs takes it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4000 }), (sequence) => {
        const prepared = prepareWith(preparer, sequence, pick);
        const { packed, described, sent } = prepared;
        const again = libraryBytes(packed);
        expect(again.toString("hex")).toBe(sent.packed_trx);
        const id = createHash("sha256").update(again).digest();
        expect([described.matchKeyHigh, described.matchKeyLow]).toEqual([id.readUInt32BE(0), id.readUInt32BE(4)]);
        const { actions } = decode(packed);
        expect(actions).toHaveLength(pick.length);
        const actors = new Set(actions.map(({ authorization }) => authorization[0]?.actor as string));
        expect(new Set(recoveredKeys(context, prepared))).toEqual(
          new Set([...actors].map((name) => keyOf(context, name))),
        );
        expect(sent.signatures).toHaveLength(actors.size);
        expect(sent).toMatchObject({ compression: 0, packed_context_free_data: "" });
      }),
      { numRuns: 25 },
    );
  });
});

test("eosjs recovers the signer itself and verifies the signature", () => {
  const context = contextOf();
  const { sent, packed } = prepareOne(context, 3, [0]);
  const [actor] = decode(packed).actions[0]?.authorization ?? [];
  const signature = Signature.fromString(sent.signatures[0] as string);
  const digest = digestOf(context, packed);
  expect(signature.toString()).toBe(sent.signatures[0]);
  const key = signature.recover(digest, false);
  expect(key.toString()).toBe(keyOf(context, actor?.actor ?? ""));
  expect(signature.verify(digest, key, false)).toBe(true);
});

test("the header has the reference and the expiration, and no limits of its own", () => {
  const decoded = decode(prepareOne(contextOf(), 4, [0]).packed);
  expect(decoded).toMatchObject({
    expiration: "2026-11-21T01:00:01.000",
    ref_block_num: 12,
    ref_block_prefix: 0xe9384e5d,
    max_net_usage_words: 0,
    max_cpu_usage_ms: 0,
    delay_sec: 0,
    context_free_actions: [],
    transaction_extensions: [],
  });
});

test("transactions that a real node took are packed the same from their contents", () => {
  const accepted = recordedExchanges("broadcast").filter(({ name }) => name.startsWith("accepted"));
  expect(accepted.length).toBeGreaterThan(3);
  for (const { send, receive } of accepted) {
    const body = JSON.parse(send) as Sent & { readonly transaction?: Sent };
    const recorded = Buffer.from((body.transaction ?? body).packed_trx, "hex");
    const { packed, described } = prepareAgain(recorded);
    expect(packed.toString("hex")).toBe(recorded.toString("hex"));
    const { transaction_id: id } = JSON.parse(receive) as { readonly transaction_id: string };
    expect(described.matchKeyHigh).toBe(Number.parseInt(id.slice(0, 8), 16));
  }
});

/** Prepares what eosjs reads in a packed transaction of transfers whose memos end with a number. */
function prepareAgain(recorded: Buffer): Prepared {
  const decoded = decode(recorded);
  const [{ authorization, data, name }] = decoded.actions as [Serialize.SerializedAction];
  const [{ actor }] = authorization as [Serialize.Authorization];
  const codecs = [new TextEncoder(), new TextDecoder()] as const;
  const fields = Serialize.deserializeActionData(contractOf("eosio.token"), "", name, data, ...codecs) as {
    readonly memo: string;
  };
  const [, prefix = "", start] = /^(.*?)(\d+)$/.exec(fields.memo) ?? [];
  const entry = actionEntry("eosio.token", name, {
    ...fields,
    memo: { $counter: "text", prefix, start: Number(start) },
  });
  const count = decoded.actions.length;
  const context = contextOf({ entries: [entry], accounts: 1, operationsPerTransaction: { kind: "fixed", count } });
  const accounts = context.resolved.accounts.map((account) => ({ ...account, name: actor }));
  const blockId = Buffer.alloc(32);
  blockId.writeUInt32LE(decoded.ref_block_prefix, 8);
  const reference = { ...context.reference, blockNumber: decoded.ref_block_num, blockId: blockId.toString("hex") };
  const preparer = new AntelopePreparer({ ...context, reference, resolved: { ...context.resolved, accounts } });
  return prepareWith(preparer, 0, new Array<number>(count).fill(0), recorded.readUInt32LE(0));
}

test("the body is what each of the calls takes, as a real node was sent it", () => {
  const keysOf = (text: string): unknown =>
    JSON.parse(text, (key, value: unknown) => (key === "signatures" || key === "packed_trx" ? null : value));
  for (const call of ["send_transaction2", "send_transaction", "push_transaction"] as const) {
    const { body } = prepareOne(contextOf({ data: { broadcastCall: call } }), 1, [0]);
    const recorded = recordedExchanges("broadcast").find(
      ({ path, send }) => path === `/v1/chain/${call}` && !send.includes('"return_failure_trace":true'),
    );
    expect(keysOf(bodyToJson(body, call))).toEqual(keysOf(recorded?.send ?? ""));
  }
});

test("the same context and sequence give the same bytes, whatever was prepared before", () => {
  const context = contextOf({ entries: [memoTransfer, odd] });
  const preparer = new AntelopePreparer(context);
  prepareWith(preparer, 1, [1]);
  prepareWith(preparer, 2, [0, 1, 1]);
  expect(prepareWith(preparer, 77, [0, 1]).body).toEqual(prepareOne(context, 77, [0, 1]).body);
});

test("signatures that wait for their batch reach the bodies they belong to", () => {
  const context = contextOf();
  const preparer = new AntelopePreparer(context);
  const target = Buffer.alloc(100_000);
  const described: PreparedTransaction = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
  const bodies: Buffer[] = [];
  let at = 0;
  for (let sequence = 0; sequence < 150; sequence++) {
    const request = { sequence, expirationSeconds: 1_800_000_000, entries: Uint16Array.of(0), operations: 1 };
    expect(preparer.prepare({ ...request, poolOrdinals: Uint32Array.of(0) }, target, at, described)).toBe(true);
    bodies.push(target.subarray(at, at + described.bodyBytes));
    at += described.bodyBytes;
  }
  preparer.complete();
  for (const body of bodies) {
    const { transaction: sent } = JSON.parse(bodyToJson(body, "send_transaction2")) as { readonly transaction: Sent };
    const packed = Buffer.from(sent.packed_trx, "hex");
    const [actor] = decode(packed).actions[0]?.authorization ?? [];
    const keys = recoveredKeys(context, { sent, packed });
    expect(keys).toEqual([keyOf(context, actor?.actor ?? "")]);
  }
});

describe("no two transactions of a run are the same", () => {
  const single: EntryData = { ...sampleTransfer, minimum: 10_000, maximum: 10_000 } as EntryData;
  const narrow: EntryData = { ...sampleTransfer, minimum: 90, maximum: 110 } as EntryData;
  const wide: EntryData = { ...sampleTransfer, minimum: 100, maximum: 130 } as EntryData;
  const counted = (start: number): EntryData =>
    actionEntry("eosio.token", "retire", { quantity: "1.0000 EOS", memo: { $counter: "text", start } });
  const kinds: { name: string; entries: EntryData[]; numbered: boolean[] }[] = [
    { name: "with a single amount", entries: [single], numbered: [true] },
    { name: "with overlapping ranges", entries: [narrow, wide], numbered: [true, true] },
    {
      name: "with equal ranges that are wide enough",
      entries: [sampleTransfer, sampleTransfer],
      numbered: [false, false],
    },
    { name: "with an action that is always the same", entries: [closing, sampleTransfer], numbered: [true, false] },
    { name: "with counters that could meet", entries: [counted(0), counted(1)], numbered: [true, true] },
    { name: "with a counter alone", entries: [counted(0), odd], numbered: [false, false] },
  ];

  test.each(kinds)("$name", ({ entries, numbered }) => {
    const preparer = new AntelopePreparer(contextOf({ entries, transactions: 2000, accounts: 5 }));
    const seen = new Set<string>();
    for (let sequence = 0; sequence < 2000; sequence++) {
      const entry = sequence % entries.length;
      const { packed } = prepareWith(preparer, sequence, [entry]);
      // The expiration may differ from one transaction to the next, but need not.
      seen.add(packed.toString("hex", 4));
      const number = decode(packed).max_net_usage_words;
      expect(number === 0).toBe(!numbered[entry]);
      // More than any transaction may use, in words of eight bytes.
      if (number !== 0) expect(number * 8).toBeGreaterThan(524_288);
    }
    expect(seen.size).toBe(2000);
  });
});

test("numbers mean no limit on networks that let transactions use much NET, and are refused where none are left", () => {
  const parametersOf = (maximumTransactionNetBytes: number): Partial<AntelopeData> => ({
    parameters: { minimumTransactionCpuMicros: 100, baseTransactionNetBytes: 12, maximumTransactionNetBytes },
  });
  const entries = [closing];
  const roomy = contextOf({ entries, data: parametersOf(100_000_000) });
  expect(decode(prepareOne(roomy, 0, [0]).packed).max_net_usage_words).toBe(12_500_001);
  const full = contextOf({ entries, transactions: 1000, data: parametersOf(2 ** 32 - 100) });
  expect(() => new AntelopePreparer(full)).toThrow(expect.objectContaining({ code: "PLAN_IMPOSSIBLE" }));
});

test("an actor other than the sender signs, and is the sender to its template", () => {
  const context = contextOf({ accounts: 4 });
  const issuer = context.resolved.accounts[2]?.name as string;
  const template = { to: { $account: "sender" }, quantity: { $asset: "1 EOS" }, memo: "" };
  const issue = { ...actionEntry("eosio.token", "issue", template), actor: issuer, permission: "issuing" };
  const issuing = contextOf({ accounts: 4, entries: [sampleTransfer, issue as EntryData] });
  for (let sequence = 0; sequence < 20; sequence++) {
    const prepared = prepareOne(issuing, sequence, [1, 0, 1]);
    const [first, second, third] = decode(prepared.packed).actions;
    expect(first?.authorization).toEqual([{ actor: issuer, permission: "issuing" }]);
    expect(third?.authorization).toEqual(first?.authorization);
    const sender = second?.authorization[0]?.actor as string;
    expect(second?.authorization[0]?.permission).toBe("active");
    const expected = new Set([keyOf(issuing, issuer), keyOf(issuing, sender)]);
    expect(new Set(recoveredKeys(issuing, prepared))).toEqual(expected);
  }
});

test("one signature is enough where accounts share a key", () => {
  const context = contextOf({ accounts: 3 });
  const [first] = context.resolved.accounts;
  const issuer = context.resolved.accounts[1]?.name as string;
  const issue = { ...closing, actor: issuer } as EntryData;
  const pair = contextOf({ accounts: 3, entries: [issue, sampleTransfer] });
  const accounts = pair.resolved.accounts.map((account) => ({ ...account, privateKey: first?.privateKey as string }));
  const shared = { ...pair, resolved: { ...pair.resolved, accounts } };
  for (let sequence = 0; sequence < 10; sequence++) {
    expect(prepareOne(shared, sequence, [0, 1]).sent.signatures).toHaveLength(1);
  }
});

test("sender and recipient differ and all accounts take part", () => {
  const preparer = new AntelopePreparer(contextOf({ accounts: 5 }));
  const senders = new Set<unknown>();
  const recipients = new Set<unknown>();
  const contract = contractOf("eosio.token");
  for (let sequence = 0; sequence < 200; sequence++) {
    const [action] = decode(prepareWith(preparer, sequence, [0]).packed).actions;
    const codecs = [new TextEncoder(), new TextDecoder()] as const;
    const data = Serialize.deserializeActionData(
      contract,
      "eosio.token",
      "transfer",
      action?.data ?? "",
      ...codecs,
    ) as {
      readonly from: string;
      readonly to: string;
      readonly quantity: string;
    };
    expect(data.from).not.toBe(data.to);
    expect(data.quantity).toMatch(/^\d+\.\d{4} EOS$/);
    senders.add(data.from);
    recipients.add(data.to);
  }
  expect([senders.size, recipients.size]).toEqual([5, 5]);
});

test("a body that does not fit is not written", () => {
  const preparer = new AntelopePreparer(contextOf());
  const target = Buffer.alloc(150, 7);
  const described: PreparedTransaction = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
  const request: PrepareRequest = {
    sequence: 0,
    expirationSeconds: 1_800_000_000,
    entries: Uint16Array.of(0),
    operations: 1,
    poolOrdinals: Uint32Array.of(0),
  };
  expect(preparer.prepare(request, target, 0, described)).toBe(false);
  preparer.complete();
  expect(target.every((byte) => byte === 7)).toBe(true);
});

test("a transfer takes less than 200 bytes in the store, half of what is sent", () => {
  const { body } = prepareOne(contextOf({ accounts: 1000 }), 1, [0]);
  expect(body.length).toBeLessThan(200);
  const json = bodyToJson(body, "send_transaction2");
  expect(json.length).toBeGreaterThan(2 * body.length);
  expect(new BodyRenderer("send_transaction2").jsonBytesOf(body)).toBe(json.length);
});

test("the announced size is enough for transfers and for large actions", () => {
  for (const entries of [[sampleTransfer], [memoTransfer], [odd, closing]]) {
    const preparer = new AntelopePreparer(contextOf({ entries }));
    for (let sequence = 0; sequence < 40; sequence++) {
      const { described } = prepareWith(preparer, sequence, [sequence % entries.length]);
      expect(preparer.typicalBodyBytes).toBeGreaterThanOrEqual(described.bodyBytes);
    }
  }
});

test("a counter that outgrows its field is refused and not wrapped", () => {
  const tiny = actionEntry("oddcontract", "tiny", { nonce: { $counter: true } });
  const preparer = new AntelopePreparer(contextOf({ entries: [tiny] }));
  expect(prepareWith(preparer, 255, [0]).packed.length).toBeGreaterThan(0);
  expect(() => prepareWith(preparer, 256, [0])).toThrow(expect.objectContaining({ code: "PLAN_IMPOSSIBLE" }));
});

test("transactions with thousands of actions are prepared as well", () => {
  const context = contextOf({ operationsPerTransaction: { kind: "fixed", count: 1000 } });
  const shape = new WorkloadShape(context.workload, 1);
  shape.draw(0);
  const prepared = prepareOne(context, 0, [...shape.entries.subarray(0, shape.operations)]);
  expect(decode(prepared.packed).actions).toHaveLength(1000);
  expect(libraryBytes(prepared.packed).equals(prepared.packed)).toBe(true);
});
