import { afterEach, expect, test } from "@jest/globals";
import type { DescribeOptions } from "../driver.ts";
import { describeNetwork } from "./describe-network.ts";
import { fetchReference } from "./fetch-reference.ts";
import { answer, chainTime, type RecordedNodeOptions, recorded, startRecordedNode } from "./testing/recorded-node.ts";
import type { ScriptedNode } from "./testing/scripted-node.ts";

const nodes: ScriptedNode[] = [];

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()));
});

async function start(options: RecordedNodeOptions = {}): Promise<string> {
  const node = await startRecordedNode(options);
  nodes.push(node);
  return node.endpoint;
}

function describing(endpoints: readonly string[], options: Partial<DescribeOptions> = {}) {
  return describeNetwork({ endpoints, expectedChainId: null, timeoutMs: 3000, maximumHeadAgeMs: 60_000, ...options });
}

const { chain_id: chainId } = recorded("info") as { chain_id: string };

test("a network is described by what its nodes tell", async () => {
  const [first, second] = [await start(), await start({ info: { head_block_num: 20 } })];
  const network = await describing([first, second], { expectedChainId: chainId });
  expect(network).toMatchObject({
    chain: "antelope",
    chainId,
    nodes: [
      { name: "node-1", endpoint: first, headNumber: 13, version: "v5.0.3" },
      { name: "node-2", endpoint: second, headNumber: 20, version: "v5.0.3" },
    ],
    blockIntervalMs: 500,
    maximumBlockBytes: 1_048_576,
    maximumTransactionBytes: 524_288,
    maximumLifetimeSeconds: 3600,
    referenceWindowBlocks: 65_536,
    producers: 1,
    coreSymbol: "SYS",
    blockLimits: { cpu: 200_000, net: 1_048_576 },
    headNumber: 20,
    irreversibleNumber: 12,
  });
  expect(JSON.parse(JSON.stringify(network))).toEqual(network);
});

test("the core token is the one that the system contract sells RAM for", async () => {
  const endpoint = await start({
    answerTo: ({ call, body }) =>
      call === "get_table_rows" && body.includes("rammarket")
        ? answer({ rows: [{ quote: { balance: "1000000.00000000 WAX", weight: "0.5" } }], more: false })
        : null,
  });
  const { coreSymbol, facts } = await describing([endpoint]);
  expect(coreSymbol).toBe("WAX");
  expect(facts["Core token"]).toBe("WAX of eosio.token, 8 decimal places");
});

test("without a system contract it is a token of eosio.token, told by the scopes of its table", async () => {
  // "SYS" and "EOS" as 64-bit numbers, written as names.
  const scopes = { rows: [{ scope: "........ehbo5" }, { scope: "........cpbp3" }] };
  const asked: string[] = [];
  const endpoint = await start({
    answerTo: ({ call, body }) => {
      if (call === "get_table_by_scope") return answer(scopes);
      if (call !== "get_currency_stats") return null;
      const { symbol } = JSON.parse(body) as { symbol: string };
      asked.push(symbol);
      return answer({ [symbol]: { supply: `5.0000 ${symbol}`, max_supply: `9.0000 ${symbol}`, issuer: "eosio" } });
    },
  });
  await describing([endpoint]);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatch(/^[A-Z]{3}$/);
});

test("a node that lacks the newer calls is asked in the older ways", async () => {
  const { chain_config: config } = recorded("consensus parameters") as { chain_config: Record<string, unknown> };
  const lacks = ["get_consensus_parameters", "get_producer_schedule", "get_table_by_scope"];
  const producers = { rows: [{ owner: "a" }, { owner: "b" }], total_producer_vote_weight: "0", more: "" };
  const endpoint = await start({
    lacks,
    answerTo: ({ call, body }) => {
      if (call === "get_producers") return answer(producers);
      if (call !== "get_table_rows" || !body.includes('"global"')) return null;
      return answer({ rows: [{ ...config, max_block_cpu_usage: 400_000, max_transaction_lifetime: "1800" }] });
    },
  });
  expect(await describing([endpoint])).toMatchObject({
    producers: 2,
    maximumLifetimeSeconds: 1800,
    blockLimits: { cpu: 400_000, net: 1_048_576 },
  });
  const bare = await describing([
    await start({ lacks, answerTo: ({ call }) => (call === "get_producers" ? answer(producers) : null) }),
  ]);
  expect(bare).toMatchObject({ blockLimits: { cpu: 200_000, net: 1_048_576 } });
  expect(bare.facts.Limits).toMatch(/defaults/);
});

test("one error names every endpoint that cannot be used, with what is wrong with it", async () => {
  const good = await start();
  const other = await start({ info: { chain_id: "0".repeat(64) } });
  const stale = await start({ info: { head_block_time: chainTime(Date.now() - 300_000) } });
  const notANode = await start({ answerTo: () => ({ status: 200, body: "<html>" }) });
  const gone = "http://127.0.0.1:1";
  await expect(describing([good, good, other, stale, notANode, gone])).rejects.toMatchObject({
    code: "NETWORK_UNREACHABLE",
    problems: expect.arrayContaining([
      expect.objectContaining({ path: gone }),
      expect.objectContaining({ path: notANode }),
      expect.objectContaining({ path: other, value: `chain id ${"0".repeat(64)}` }),
      expect.objectContaining({ path: stale, value: expect.stringMatching(/^head block 13 is 300 s old/) }),
    ]),
  });
  await expect(describing([good, other])).rejects.toMatchObject({ code: "NETWORK_MISMATCH" });
  await expect(describing([stale])).rejects.toMatchObject({ code: "NETWORK_NOT_READY" });
});

test("addresses that no Antelope node can have are told with the others, before they are asked", async () => {
  const good = await start();
  const wrong = ["ws://127.0.0.1:8090", "http://127.0.0.1:99999"];
  const problems = wrong.map((path) => ({ path, expected: expect.stringContaining("http://") }));
  await expect(describing([good, ...wrong])).rejects.toMatchObject({ code: "NETWORK_UNREACHABLE", problems });
});

test("a chain that has only its genesis is not ready, and the hint says what to do", async () => {
  const endpoint = await start({ info: { head_block_num: 1, head_block_time: "2018-06-01T12:00:00.000" } });
  await expect(describing([endpoint])).rejects.toMatchObject({
    code: "NETWORK_NOT_READY",
    problems: [{ path: endpoint, value: "head is the genesis, dated 2018-06-01T12:00:00.000Z" }],
    hint: expect.stringMatching(/producer/),
  });
});

test("a node without the chain API and one that never answers are told from each other", async () => {
  const without = await start({ lacks: ["get_info"] });
  await expect(describing([without])).rejects.toMatchObject({ code: "NETWORK_TOO_OLD" });
  const silent = await start();
  const node = nodes.at(-1) as ScriptedNode;
  node.answerTo = ({ call }) => (call === "get_producer_schedule" ? null : answer(recorded("info")));
  await expect(describing([silent], { timeoutMs: 200 })).rejects.toMatchObject({ code: "NETWORK_UNREACHABLE" });
});

test("the reference is the last irreversible block, also below a path of a proxy", async () => {
  const endpoint = await start();
  const wanted = {
    blockNumber: 12,
    blockId: "0000000c20303ea35d4e38e9262f5171135cf4f55479e9369b1e193e0532f5a9",
  };
  expect(await fetchReference(endpoint)).toMatchObject(wanted);
  expect(await fetchReference(`${endpoint}/eos/`)).toMatchObject(wanted);
  expect(nodes[0]?.received.at(-1)?.path).toBe("/eos/v1/chain/get_info");
});
