import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TrafficSource } from "../traffic.ts";
import { encodeAbi } from "./abi.ts";
import { AntelopeTraffic } from "./antelope-traffic.ts";
import { imitateActions } from "./imitate-actions.ts";
import { recordedExchanges } from "./testing/recorded-exchanges.ts";
import { answer, recorded, startRecordedNode } from "./testing/recorded-node.ts";
import type { ScriptedNode } from "./testing/scripted-node.ts";

const blocks = new Map(
  recordedExchanges("blocks").flatMap(({ path, send, status, receive }) =>
    path.endsWith("/get_block") ? [[send, { status, body: receive }] as const] : [],
  ),
);
/** As real nodes of a contract that they have no ABI of answer: the data stays in hexadecimal digits. */
const undecoded = {
  ...{ id: "0".repeat(64), previous: "0".repeat(64), producer: "eosio", timestamp: "2026-11-21T00:52:40.000" },
  transactions: [
    { status: "hard_fail", trx: "ab" },
    {
      status: "executed",
      trx: {
        transaction: {
          actions: [{ account: "some.defi", name: "swap", authorization: [{ actor: "alice" }], data: "00ff00ff" }],
        },
      },
    },
  ],
};

const systemAbi = encodeAbi({
  version: "eosio::abi/1.2",
  structs: [
    {
      name: "updateauth",
      base: "",
      fields: fieldsOf({ account: "name", permission: "name", parent: "name", auth: "authority" }),
    },
    {
      name: "linkauth",
      base: "",
      fields: fieldsOf({ account: "name", code: "name", type: "name", requirement: "name" }),
    },
    { name: "authority", base: "", fields: fieldsOf({ accounts: "permission_level_weight[]" }) },
    {
      name: "permission_level_weight",
      base: "",
      fields: fieldsOf({ permission: "permission_level", weight: "uint16" }),
    },
    { name: "permission_level", base: "", fields: fieldsOf({ actor: "name", permission: "name" }) },
  ],
  actions: ["updateauth", "linkauth"].map((name) => ({ name, type: name, ricardian_contract: "" })),
});
const changedPermissions = {
  ...undecoded,
  transactions: [
    [
      "updateauth",
      {
        account: "alice",
        permission: "stress",
        parent: "active",
        auth: { accounts: [{ permission: { actor: "bob", permission: "owner" }, weight: 1 }] },
      },
    ],
    ["linkauth", { account: "alice", code: "eosio.token", type: "transfer", requirement: "stress" }],
  ].map(([name, data]) => ({
    status: "executed",
    trx: { transaction: { actions: [{ account: "eosio", name, authorization: [{ actor: "alice" }], data }] } },
  })),
};

function fieldsOf(types: Readonly<Record<string, string>>) {
  return Object.entries(types).map(([name, type]) => ({ name, type }));
}

let node: ScriptedNode;
let traffic: TrafficSource;

beforeAll(async () => {
  node = await startRecordedNode({
    answerTo: ({ call, body }) => {
      if (call === "get_block" && body.includes(":98}")) return answer(changedPermissions);
      if (call === "get_block") return body.includes(":99}") ? answer(undecoded) : (blocks.get(body) ?? null);
      if (call !== "get_raw_abi") return null;
      if (body.includes('"eosio"')) return answer({ abi: Buffer.from(systemAbi).toString("base64") });
      return body.includes("eosio.token") ? answer(recorded("raw abi")) : answer({ abi: "" });
    },
  });
  traffic = await AntelopeTraffic.open({ endpoint: node.endpoint, timeoutMs: 5000 });
});

afterAll(async () => {
  await traffic.close();
  await node.close();
});

test("a real node's block is read with the actions that users sent, by the types of their contract", async () => {
  const block = await traffic.fetchBlock(27);
  expect(block).toMatchObject({ number: 27, timestampMs: Date.parse("2026-11-21T00:52:37.500Z") });
  const transfer = {
    kind: "transfer with memo",
    accounts: ["alice", "bob"],
    size: 2,
    fields: { from: { $account: 0 }, to: { $account: 1 }, memo: { $text: 2 } },
  };
  expect(block?.transactions).toMatchObject([{ operations: [transfer, transfer] }]);
  expect(await traffic.fetchBlock(29)).toMatchObject({ number: 29, transactions: [] });
});

test("a block that the node does not have is none", async () => {
  expect(await traffic.fetchBlock(100_029)).toBeNull();
});

test("what took no effect is no traffic, and actions without an ABI are known by name, sender and length only", async () => {
  const block = await traffic.fetchBlock(99);
  expect(block?.transactions).toMatchObject([
    { operations: [{ kind: "some.defi::swap", accounts: ["alice"], size: 4 }] },
  ]);
  const operations = block?.transactions.flatMap((transaction) => transaction.operations) ?? [];
  expect(imitateActions("some.defi::swap", operations)).toMatchObject({ kind: "impossible" });
});

test("names of permissions and actions are no accounts", async () => {
  const block = await traffic.fetchBlock(98);
  const [update, link] = block?.transactions.flatMap((transaction) => transaction.operations) ?? [];
  expect(update).toMatchObject({
    ...{ kind: "eosio::updateauth", accounts: ["alice", "bob"] },
    fields: {
      ...{ account: { $account: 0 }, permission: { $foreign: "permission" }, parent: "active" },
      auth: { accounts: [{ permission: { actor: { $account: 1 }, permission: "owner" }, weight: 1 }] },
    },
  });
  expect(link).toMatchObject({
    ...{ kind: "eosio::linkauth", accounts: ["alice", "eosio.token"] },
    fields: { code: { $account: 1 }, type: { $foreign: "action" }, requirement: { $foreign: "permission" } },
  });
});

test("actions of other contracts become templates that say which contract they need", () => {
  const fields = (amount: string, level: number) => ({
    ...{ owner: { $account: 0 }, quantity: { $amount: amount }, level },
  });
  const samples = [
    { kind: "some.defi::put", accounts: ["alice"], size: 0, fields: fields("1.0000 EOS", 1) },
    { kind: "some.defi::put", accounts: ["bob"], size: 0, fields: fields("3.0000 EOS", 4) },
  ];
  expect(imitateActions("some.defi::put", samples)).toEqual({
    kind: "entries",
    needs: "the contract some.defi",
    entries: [
      {
        ...{ name: "some.defi::put", operation: "some.defi::put", parameters: {}, weight: 1 },
        template: {
          owner: { $account: "sender" },
          quantity: { $asset: "1.0000..3.0000 EOS" },
          level: { $integer: [1, 4] },
        },
      },
    ],
  });
});
