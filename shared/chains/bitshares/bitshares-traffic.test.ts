import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { WebSocketServer } from "ws";
import type { TrafficOperation, TrafficSource } from "../traffic.ts";
import { BitsharesTraffic } from "./bitshares-traffic.ts";
import { imitateOperations } from "./imitate-operations.ts";

interface Exchange {
  readonly send: string;
  readonly receive: string;
}

const url = new URL("../../../test/fixtures/bitshares/inclusion.json", import.meta.url);
const { exchanges } = JSON.parse(readFileSync(url, "utf8")) as { exchanges: Exchange[] };
const recorded = new Map(
  exchanges.flatMap(({ send, receive }) => {
    const { params } = JSON.parse(send) as { params: unknown };
    return [[JSON.stringify(params), JSON.parse(receive) as { result: unknown }] as const];
  }),
);
const core = { id: "1.3.0", symbol: "BTS", precision: 5, issuer: "1.2.3", options: {} };

let server: WebSocketServer;
let traffic: TrafficSource;
let assetsAsked = 0;

beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  server.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => {
      const { id, params } = JSON.parse(data.toString()) as { id: number; params: [string, string, unknown[]] };
      const [, method] = params;
      if (method === "get_objects") assetsAsked++;
      const result = method === "get_objects" ? [core] : recorded.get(JSON.stringify(params))?.result;
      socket.send(JSON.stringify({ id, result }));
    });
  });
  const { port } = server.address() as AddressInfo;
  traffic = await BitsharesTraffic.open({ endpoint: `ws://127.0.0.1:${port}`, timeoutMs: 5000 });
});

afterAll(async () => {
  await traffic.close();
  for (const socket of server.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
});

test("a real node's block is read with its operations, accounts and amounts", async () => {
  const block = await traffic.fetchBlock(118);
  expect(block).toMatchObject({ number: 118, timestampMs: Date.parse("2026-11-21T00:39:41Z") });
  expect(block?.transactions).toEqual([
    {
      operations: [
        {
          ...{ kind: "transfer", accounts: ["1.2.18", "1.2.19"], size: 0 },
          fields: { from: { $account: 0 }, to: { $account: 1 }, amount: { $amount: "0.00024 BTS" }, extensions: [] },
        },
        {
          ...{ kind: "transfer", accounts: ["1.2.18", "1.2.20"], size: 0 },
          fields: { from: { $account: 0 }, to: { $account: 1 }, amount: { $amount: "0.00025 BTS" }, extensions: [] },
        },
      ],
    },
  ]);
  await traffic.fetchBlock(118);
  // An asset is asked for once.
  expect(assetsAsked).toBe(1);
});

test("a block that does not exist yet is none", async () => {
  expect(await traffic.fetchBlock(100_118)).toBeNull();
});

const sample = (kind: string, fields: TrafficOperation["fields"], size = 0): TrafficOperation => ({
  ...{ kind, accounts: ["1.2.18", "1.2.19"], size, fields },
});

test("operations with a generator of their own become entries of its name", () => {
  expect(imitateOperations("limit_order_create", [sample("limit_order_create", {})])).toMatchObject({
    entries: [{ name: "limit_order_create", parameters: {}, template: null, weight: 1 }],
  });
  // Encrypted, 12 characters are as long as 27.
  const memos = [12, 28, 12, 28].map((size) => sample("transfer with memo", {}, size));
  expect(imitateOperations("transfer with memo", memos)).toMatchObject({
    entries: [{ name: "transfer-memo", operation: "transfer", parameters: { memo: "12..43" } }],
  });
});

test("any other operation becomes a template, with a counter where it needs one", () => {
  const url = { $text: 20 };
  const fields = { committee_member_account: { $account: 0 }, url };
  expect(imitateOperations("committee_member_create", [sample("committee_member_create", fields)])).toMatchObject({
    entries: [{ template: { committee_member_account: { $account: "sender" }, url: { $counter: "text" } } }],
  });
});

test("what refers to objects of its network, or is not known at all, is told with the reason", () => {
  const pool = { account: { $account: 0 }, pool: { $foreign: "1.19.x" } };
  expect(imitateOperations("liquidity_pool_delete", [sample("liquidity_pool_delete", pool)])).toMatchObject({
    kind: "impossible",
    reason: expect.stringContaining("1.19.x"),
  });
  expect(imitateOperations("operation_200", [sample("operation_200", {})])).toMatchObject({ kind: "impossible" });
});
