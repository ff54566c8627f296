import { afterEach, expect, test } from "@jest/globals";
import { waitUntil } from "../../time/wait.ts";
import type { FollowHandlers } from "../driver.ts";
import { AntelopeBlockFollower } from "./antelope-block-follower.ts";
import { answer, recorded } from "./testing/recorded-node.ts";
import { type ScriptedAnswer, ScriptedNode, type ScriptedRequest } from "./testing/scripted-node.ts";

const within = (what: string) => ({ timeoutMs: 8000, everyMs: 2, onTimeout: () => new Error(`no ${what} in time`) });
const ended: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

/** 64 hexadecimal digits: number, branch, filling. */
function idOf(number: number, branch = "a"): string {
  return number.toString(16).padStart(8, "0") + branch.repeat(56);
}

/** A chain that the test makes blocks of. */
class Chain {
  /** By number; the block before a branch's first is of the main branch. */
  readonly ids: string[] = [];
  irreversible = 0;
  lacksBlockInfo = false;

  constructor(height: number) {
    for (let number = 0; number <= height; number++) this.ids.push(idOf(number));
  }

  get head(): number {
    return this.ids.length - 1;
  }

  answerTo({ call, body }: ScriptedRequest): ScriptedAnswer | null {
    const argument = JSON.parse(body) as { block_num?: number; block_num_or_id?: number | string };
    if (call === "get_info") {
      return answer({
        ...recorded("info"),
        ...{ head_block_num: this.head, head_block_id: this.ids[this.head] },
        last_irreversible_block_num: this.irreversible,
      });
    }
    if (call === "get_block_info" && this.lacksBlockInfo) return answer({ error: { code: 0 } }, 404);
    const asked = argument.block_num ?? argument.block_num_or_id ?? 0;
    const number = typeof asked === "string" ? this.ids.indexOf(asked) : asked;
    if (this.ids[number] === undefined) return answer({ error: { code: 3_100_002, what: "Unknown block" } }, 400);
    const block = { id: this.ids[number], previous: this.ids[number - 1] };
    return answer({ ...block, timestamp: "2026-11-21T00:52:37.500", producer: "eosio", transactions: [] });
  }
}

async function follow(chain: Chain, afterBlock: number) {
  const node = await ScriptedNode.listen((request) => chain.answerTo(request));
  ended.push(() => node.close());
  const heads: Parameters<FollowHandlers["onHead"]>[0][] = [];
  const irreversible: number[] = [];
  const troubles: string[] = [];
  const heard = { connected: 0 };
  const follower = new AntelopeBlockFollower({
    endpoint: node.endpoint,
    afterBlock,
    handlers: {
      onHead: (head) => heads.push(head),
      onIrreversible: (number) => irreversible.push(number),
      onTrouble: (message) => troubles.push(message),
      onConnected: () => heard.connected++,
    },
  });
  ended.push(() => follower.close());
  const ids = () => heads.map(({ id }) => id);
  return { node, follower, heads, ids, irreversible, troubles, heard };
}

test("heads are told in order from the first new one on, those between two questions as well", async () => {
  const chain = new Chain(12);
  const { heads, ids, follower, node } = await follow(chain, 10);
  await waitUntil(() => heads.length === 2, within("heads"));
  chain.ids.push(idOf(13), idOf(14), idOf(15));
  await waitUntil(() => heads.length === 5, within("heads"));
  expect(ids()).toEqual([11, 12, 13, 14, 15].map((number) => idOf(number)));
  expect(heads.map(({ number }) => number)).toEqual([11, 12, 13, 14, 15]);
  // Those that came together were noticed together.
  expect(new Set(heads.slice(2).map(({ arrivedMicros }) => arrivedMicros)).size).toBe(1);
  expect(follower.connected).toBe(true);
  expect(node.received.some(({ call }) => call === "get_block")).toBe(false);
});

test("a branch that wins is told from where it left the other", async () => {
  const chain = new Chain(12);
  const { heads, ids } = await follow(chain, 11);
  await waitUntil(() => heads.length === 1, within("head"));
  chain.ids.push(idOf(13), idOf(14));
  await waitUntil(() => heads.length === 3, within("heads"));
  chain.ids.splice(13, 2, idOf(13, "b"), idOf(14, "b"), idOf(15, "b"));
  await waitUntil(() => heads.length === 6, within("branch"));
  expect(ids().slice(3)).toEqual([idOf(13, "b"), idOf(14, "b"), idOf(15, "b")]);
  // Back again, with only one block more: the old ones are known.
  chain.ids.splice(13, 3, idOf(13), idOf(14), idOf(15), idOf(16));
  await waitUntil(() => heads.some(({ id }) => id === idOf(16)), within("branch"));
  expect(ids().slice(6)).toEqual([idOf(13), idOf(14), idOf(15), idOf(16)]);
});

test("a head far ahead is told without all that came before it", async () => {
  const chain = new Chain(1000);
  const { heads, ids, node } = await follow(chain, 10);
  await waitUntil(() => ids().includes(idOf(1000)), within("head"));
  const told = heads.length;
  expect(told).toBeLessThan(100);
  expect(ids()).toEqual(Array.from({ length: told }, (_, i) => idOf(1001 - told + i)));
  chain.ids.push(idOf(1001));
  await waitUntil(() => heads.length > told, within("next head"));
  expect(ids().slice(told)).toEqual([idOf(1001)]);
  expect(node.received.filter(({ call }) => call === "get_block_info").length).toBeLessThan(100);
});

test("irreversibility is told after the heads that were seen before it, and only when it grows", async () => {
  const chain = new Chain(5);
  const { heads, irreversible } = await follow(chain, 4);
  await waitUntil(() => heads.length === 1, within("head"));
  chain.irreversible = 4;
  await waitUntil(() => irreversible.length === 1, within("irreversible block"));
  chain.ids.push(idOf(6));
  chain.irreversible = 6;
  await waitUntil(() => irreversible.length === 2, within("irreversible block"));
  expect(irreversible).toEqual([4, 6]);
  expect(heads.at(-1)?.number).toBe(6);
});

test("a node that is gone is told once for each try and followed again from where it was", async () => {
  const chain = new Chain(3);
  const { node, heads, ids, follower, troubles, heard } = await follow(chain, 2);
  await waitUntil(() => heads.length === 1, within("head"));
  const answerTo = node.answerTo;
  node.answerTo = () => ({ status: 503, body: "gone" });
  await waitUntil(() => !follower.connected, within("loss"));
  expect(troubles.length).toBeGreaterThanOrEqual(1);
  chain.ids.push(idOf(4), idOf(5));
  node.answerTo = answerTo;
  await waitUntil(() => heads.length === 3, within("heads"));
  expect(ids()).toEqual([3, 4, 5].map((number) => idOf(number)));
  expect(follower.connected).toBe(true);
  expect(heard.connected).toBe(2);
});

test("an older node is asked for whole blocks instead", async () => {
  const chain = new Chain(8);
  chain.lacksBlockInfo = true;
  const { heads, ids, node } = await follow(chain, 5);
  await waitUntil(() => heads.length === 3, within("heads"));
  expect(ids()).toEqual([6, 7, 8].map((number) => idOf(number)));
  chain.ids.push(idOf(9));
  await waitUntil(() => heads.length === 4, within("head"));
  expect(node.received.filter(({ call }) => call === "get_block_info")).toHaveLength(1);
});

test("a body is fetched by number, and there is none of a block that the node has not", async () => {
  const { follower } = await follow(new Chain(3), 3);
  expect(await follower.fetchBlock(2)).toMatchObject({ number: 2, id: idOf(2), previousId: idOf(1), transactions: 0 });
  expect(await follower.fetchBlock(4)).toBeNull();
});

test("once closed, nothing is asked or told any more", async () => {
  const { follower, node } = await follow(new Chain(3), 2);
  await waitUntil(() => follower.connected, within("connection"));
  await follower.close();
  expect(follower.connected).toBe(false);
  const asked = node.received.length;
  const start = performance.now();
  await waitUntil(() => performance.now() - start > 150, within("time"));
  expect(node.received).toHaveLength(asked);
});
