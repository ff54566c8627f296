import { afterEach, expect, test } from "@jest/globals";
import { AppError } from "../shared/errors/app-error.ts";
import { waitUntil } from "../shared/time/wait.ts";
import { type RunningDevnet, startDevnet } from "./devnet.ts";
import { recordedNetwork } from "./testing/recorded-network.ts";
import { RpcClient } from "./testing/rpc-client.ts";
import { smallAntelopeNetwork } from "./testing/virtual-antelope-network.ts";

let devnet: RunningDevnet | null = null;

afterEach(async () => {
  await devnet?.stop();
  devnet = null;
});

async function changeNode(running: RunningDevnet, node: number, behaviour: object): Promise<void> {
  const body = JSON.stringify({ node, behaviour });
  expect((await fetch(`${running.ready.control}/behaviour`, { method: "POST", body })).status).toBe(200);
}

function until(condition: () => boolean, what: string): Promise<void> {
  return waitUntil(condition, { timeoutMs: 10_000, onTimeout: () => new AppError("INTERNAL", what) });
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { method: "POST", body: "{}" });
    await response.text();
    return true;
  } catch {
    return false;
  }
}

test.each([
  ["bitshares", recordedNetwork({ nodes: 2 }), ""],
  ["antelope", smallAntelopeNetwork({ ports: [0, 0] }), "/v1/chain/get_info"],
] as const)(
  "a %s node that goes away answers nobody, comes back on its port and catches up",
  async (_, config, path) => {
    devnet = await startDevnet(config);
    const running = devnet;
    const [, second] = running.network.nodes;
    const url = running.ready.nodes[1]!.url.replace("ws:", "http:") + path;
    expect(await answers(url)).toBe(true);
    await changeNode(running, 1, { outages: [{ atMs: 0, forMs: 5000 }] });
    await until(() => second!.isGone, "the node is still there");
    const before = second!.chain.head.number;
    expect(await answers(url)).toBe(false);
    expect(await answers(running.ready.nodes[0]!.url.replace("ws:", "http:") + path)).toBe(true);
    await until(() => !second!.isGone, "the node does not come back");
    await until(() => second!.chain.head.number > before + 1, "the node does not catch up");
    const deadline = performance.now() + 5000;
    while (!(await answers(url))) expect(performance.now()).toBeLessThan(deadline);
  },
);

test("an outage cuts the WebSocket connections of a BitShares node, and new ones are welcome afterwards", async () => {
  const running = await startDevnet(recordedNetwork({ nodes: 2 }));
  devnet = running;
  const { url } = running.ready.nodes[1]!;
  const victim = await RpcClient.connect(url);
  await changeNode(running, 1, { outages: [{ atMs: 0, forMs: 300 }] });
  await until(() => !victim.isOpen, "still connected");
  await until(() => !running.network.nodes[1]!.isGone, "the node does not come back");
  const next = await RpcClient.connect(url);
  expect(await next.call("database", "get_chain_id", [])).toBe(running.ready.chainId);
  next.close();
});

test("producers, backups and seeds serve no clients", async () => {
  const topology = {
    roles: ["producer", "backup", "seed", "full"],
    links: [
      [0, 1],
      [0, 2],
      [1, 2],
      [2, 3],
    ],
  };
  devnet = await startDevnet(smallAntelopeNetwork({ ports: [0, 0, 0, 0], topology }));
  expect(devnet.ready.nodes.map(({ name }) => name)).toEqual(["node-3"]);
});
