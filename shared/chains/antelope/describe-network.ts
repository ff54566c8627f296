import { isAppError, messageOf } from "../../errors/app-error.ts";
import { refuseNodes, type WrongNode } from "../describing/refuse-nodes.ts";
import type { DescribeOptions, NetworkDescription, NodeDescription } from "../driver.ts";
import type { Token } from "./chain-data.ts";
import { type ChainLimits, fetchChainLimits } from "./fetch-chain-limits.ts";
import { findCoreToken } from "./find-core-token.ts";
import { alertMs, quietMs } from "./head-pacer.ts";
import { HttpClient, ifAnswered, nodeFailureOf } from "./http-client.ts";
import { type InfoAnswer, infoAnswer, producerScheduleAnswer, producersAnswer } from "./node-answers.ts";

/** 16 bits of block number in a transaction's reference. */
const referenceWindowBlocks = 65_536;
/** Compiled into nodeos (config::block_interval_ms). */
const blockIntervalMs = 500;
/** More than any network has active. */
const mostProducers = 1000;

interface NodeView {
  readonly endpoint: string;
  readonly info: InfoAnswer;
  readonly limits: ChainLimits;
  readonly producers: number;
  readonly coreToken: Token;
}

export async function describeNetwork(options: DescribeOptions): Promise<NetworkDescription> {
  const looks = await Promise.all(options.endpoints.map((endpoint) => lookAt(endpoint, options)));
  options.signal?.throwIfAborted();
  const views = looks.filter((look): look is NodeView => "info" in look);
  const wrong = looks.filter((look): look is WrongNode => "problem" in look);
  const heads = views.map(({ endpoint, info }) => {
    const { chain_id: chainId, head_block_num: headNumber, head_block_time: headTimeMs } = info;
    return { endpoint, chainId, headNumber, headTimeMs };
  });
  refuseNodes(heads, [...wrong, ...withoutBlocks(views)], options);
  return toDescription(views);
}

async function lookAt(endpoint: string, options: DescribeOptions): Promise<NodeView | WrongNode> {
  const { timeoutMs, signal } = options;
  if (!isHttpAddress(endpoint)) {
    const expected = 'expected an address of an Antelope node such as "http://10.0.0.5:8888"';
    return { code: "NETWORK_UNREACHABLE", problem: { path: endpoint, expected } };
  }
  const client = new HttpClient({ endpoint, timeoutMs, signal });
  try {
    const [info, limits, producers, coreToken] = await Promise.all([
      client.call("get_info", {}, infoAnswer),
      fetchChainLimits(client),
      countProducers(client),
      findCoreToken(client),
    ]);
    return { endpoint, info, limits, producers, coreToken };
  } catch (error) {
    return toWrong(endpoint, error);
  } finally {
    await client.close();
  }
}

/** Scenarios may name nodes of any chain, also by a WebSocket's address, which nodeos does not have. */
function isHttpAddress(endpoint: string): boolean {
  return URL.canParse(endpoint) && ["http:", "https:"].includes(new URL(endpoint).protocol);
}

async function countProducers(client: HttpClient): Promise<number> {
  const schedule = await ifAnswered(client.call("get_producer_schedule", {}, producerScheduleAnswer));
  if (schedule) return schedule.active.producers.length;
  const { rows } = await client.call("get_producers", { json: true, limit: mostProducers }, producersAnswer);
  return rows.length;
}

function toWrong(endpoint: string, error: unknown): WrongNode {
  const reason = messageOf(error).replace(`${endpoint}: `, "");
  if (nodeFailureOf(error)) {
    const expected = `expected a node with the chain API (plugin eosio::chain_api_plugin): ${reason}`;
    return { code: "NETWORK_TOO_OLD", problem: { path: endpoint, expected } };
  }
  const code = isAppError(error) ? error.code : "NETWORK_UNREACHABLE";
  return { code, problem: { path: endpoint, value: reason, expected: "expected an Antelope node that answers" } };
}

/** A chain starts with a block 1 that has the time of its genesis, often years ago. */
function withoutBlocks(views: readonly NodeView[]): WrongNode[] {
  return views
    .filter(({ info }) => info.head_block_num <= 1)
    .map(({ endpoint, info }) => ({
      code: "NETWORK_NOT_READY",
      problem: {
        path: endpoint,
        value: `head is the genesis, dated ${new Date(info.head_block_time).toISOString()}`,
        expected: "expected a chain that makes blocks",
      },
      hint: "Start a producer of this chain, or wait until the node has got the blocks of the others.",
    }));
}

function toDescription(views: readonly NodeView[]): NetworkDescription {
  const newest = views.reduce((a, b) => (b.info.head_block_num > a.info.head_block_num ? b : a));
  const { info, limits, producers, coreToken } = newest;
  const { config } = limits;
  return {
    chain: "antelope",
    chainId: info.chain_id,
    nodes: views.map(
      (view, i): NodeDescription => ({
        name: `node-${i + 1}`,
        endpoint: view.endpoint,
        headNumber: view.info.head_block_num,
        version: view.info.server_version_string ?? null,
      }),
    ),
    blockIntervalMs,
    // The chain limits what it bills as NET, which is about the packed size (`billedNetBytes`).
    maximumBlockBytes: config.max_block_net_usage,
    maximumTransactionBytes: config.max_transaction_net_usage,
    maximumLifetimeSeconds: config.max_transaction_lifetime,
    referenceWindowBlocks,
    producers,
    coreSymbol: coreToken.symbol,
    blockLimits: { cpu: config.max_block_cpu_usage, net: config.max_block_net_usage },
    headNumber: info.head_block_num,
    irreversibleNumber: info.last_irreversible_block_num,
    headTimeMs: info.head_block_time,
    facts: factsOf(newest),
  };
}

function factsOf({ limits: { config, source }, coreToken }: NodeView): Record<string, string> {
  return {
    "Core token": `${coreToken.symbol} of ${coreToken.contract}, ${coreToken.precision} decimal places`,
    "CPU of a transaction": `${config.min_transaction_cpu_usage / 1000} to ${config.max_transaction_cpu_usage / 1000}\u00a0ms`,
    "Blocks noticed": `by asking the node every ${alertMs} to ${quietMs} ms`,
    ...(source === "defaults" ? { Limits: "nodeos's defaults, because the nodes do not tell theirs" } : {}),
  };
}
