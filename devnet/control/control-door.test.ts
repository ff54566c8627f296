import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { AppError } from "../../shared/errors/app-error.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import type { BitsharesNetwork } from "../bitshares/bitshares-network.ts";
import { type RunningDevnet, startDevnet } from "../devnet.ts";
import { recordedNetwork } from "../testing/recorded-network.ts";
import { RpcClient } from "../testing/rpc-client.ts";
import { signedWith, transfer } from "../testing/sign.ts";

let devnet: RunningDevnet<BitsharesNetwork>;
let client: RpcClient;
let stopRequests = 0;

beforeAll(async () => {
  devnet = await startDevnet(recordedNetwork({ nodes: 2 }), () => {
    stopRequests += 1;
  });
  client = await RpcClient.connect(devnet.ready.nodes[0]!.url);
});

afterAll(async () => {
  client.close();
  await devnet.stop();
});

async function post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${devnet.ready.control}${path}`, { method: "POST", body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

interface State {
  readonly nodes: readonly {
    readonly head: { readonly number: number };
    readonly counters: { readonly seen: number };
  }[];
}

async function state(): Promise<State> {
  return (await (await fetch(`${devnet.ready.control}/state`)).json()) as State;
}

function broadcast(index: number): Promise<unknown> {
  const { chain } = devnet.network.nodes[0]!;
  const reference = {
    chainId: devnet.ready.chainId,
    refBlockNumber: chain.head.number,
    refBlockPrefix: chain.head.prefix,
    headSeconds: chain.headSeconds,
  };
  return client.call("network_broadcast", "broadcast_transaction", [signedWith([transfer(18, 19, index)], reference)]);
}

test("the state shows every node's head and counters", async () => {
  await broadcast(1);
  const { nodes } = await state();
  expect(nodes).toHaveLength(2);
  expect(nodes[0]).toMatchObject({ node: 0, stalled: false, counters: { seen: 1, accepted: 1, rejected: 0 } });
  expect(nodes[1]!.head.number).toBeGreaterThan(20);
});

test("a change leaves what it does not name as it was", async () => {
  await post("/behaviour", { node: 1, behaviour: { capacityPerSecond: 50, rejectShare: 0.5 } });
  const { status } = await post("/behaviour", { node: 1, behaviour: { rejectShare: 0 } });
  expect(status).toBe(200);
  expect(devnet.network.nodes[1]!.behaviour).toMatchObject({ capacityPerSecond: 50, rejectShare: 0 });
  expect(devnet.network.nodes[0]!.behaviour.capacityPerSecond).toBeNull();
  await post("/behaviour", { network: { missedSlotShare: 0.1 } });
  expect(devnet.network.behaviour).toMatchObject({ missedSlotShare: 0.1, propagationDelayMs: 5 });
  await post("/behaviour", { network: { missedSlotShare: 0 } });
});

test("a capacity set while running holds from then on", async () => {
  await post("/behaviour", { node: "all", behaviour: { capacityPerSecond: 100 } });
  const start = performance.now();
  await Promise.all(Array.from({ length: 50 }, (_, index) => broadcast(100 + index)));
  const elapsedMs = performance.now() - start;
  expect(elapsedMs).toBeGreaterThanOrEqual(490);
  await post("/behaviour", { node: "all", behaviour: { capacityPerSecond: null } });
});

test("a stalled node neither answers nor reads, and afterwards does both", async () => {
  await post("/behaviour", { node: 0, behaviour: { stalls: [{ atMs: 0, forMs: 2000 }] } });
  await waitUntil(() => devnet.network.nodes[0]!.isStalled, {
    timeoutMs: 1500,
    onTimeout: () => new AppError("INTERNAL", "no stall"),
  });
  const seen = devnet.network.nodes[0]!.counters.seen;
  const start = performance.now();
  const answers = Promise.all([client.call("database", "get_chain_id", []), broadcast(200)]);
  const other = await RpcClient.connect(devnet.ready.nodes[1]!.url);
  expect(await other.call("database", "get_chain_id", [])).toBe(devnet.ready.chainId);
  other.close();
  expect(devnet.network.nodes[0]!.counters.seen).toBe(seen);
  await answers;
  expect(performance.now() - start).toBeGreaterThan(500);
  expect(devnet.network.nodes[0]!.counters.seen).toBe(seen + 1);
});

test("connections are cut when told, and new ones are welcome", async () => {
  const victim = await RpcClient.connect(devnet.ready.nodes[1]!.url);
  await post("/behaviour", { node: 1, behaviour: { dropConnectionsAtMs: [0] } });
  await waitUntil(() => !victim.isOpen, {
    timeoutMs: 2000,
    onTimeout: () => new AppError("INTERNAL", "still connected"),
  });
  const next = await RpcClient.connect(devnet.ready.nodes[1]!.url);
  expect(await next.call("database", "get_chain_id", [])).toBe(devnet.ready.chainId);
  next.close();
});

test("HTTP POST on a node's port is answered like the socket", async () => {
  const url = devnet.ready.nodes[0]!.url.replace("ws:", "http:");
  const ask = async (body: string) => {
    const response = await fetch(url, { method: "POST", body });
    return { status: response.status, text: await response.text() };
  };
  const call = '{"id":3,"method":"call","params":["database","get_chain_id",[]]}';
  expect(await ask(call)).toEqual({ status: 200, text: `{"id":3,"result":"${devnet.ready.chainId}"}` });
  expect((await ask("{")).text).toContain("-32700");
  expect((await ask('{"method":"call","params":["database","get_chain_id",[]]}')).status).toBe(204);
});

test("requests that make no sense are refused with the reason", async () => {
  expect(await post("/behaviour", { node: 7, behaviour: {} })).toMatchObject({ status: 404 });
  expect(await post("/behaviour", { node: 0, behaviour: { capacityPerSecond: -1 } })).toMatchObject({ status: 400 });
  expect(await post("/behaviour", { node: 0, behaviour: { speed: 1 } })).toMatchObject({ status: 400 });
  expect(await post("/elsewhere", {})).toMatchObject({ status: 404 });
});

test("a request to stop is passed on", async () => {
  expect(await post("/stop", {})).toMatchObject({ status: 200 });
  await waitUntil(() => stopRequests === 1, {
    timeoutMs: 1000,
    onTimeout: () => new AppError("INTERNAL", "not passed on"),
  });
});
