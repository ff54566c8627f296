import { z } from "zod";
import { isAppError, messageOf } from "../../errors/app-error.ts";
import { refuseNodes, type WrongNode } from "../describing/refuse-nodes.ts";
import type { DescribeOptions, NetworkDescription, NodeDescription } from "../driver.ts";
import { chainIdAnswer, dynamicPropertiesAnswer, globalPropertiesAnswer } from "./node-answers.ts";
import { nodeErrorOf, RpcClient } from "./rpc-client.ts";

/** 16 bits of block number in a transaction's reference. */
const referenceWindowBlocks = 65_536;

interface NodeView {
  readonly endpoint: string;
  readonly chainId: string;
  readonly dynamic: z.output<typeof dynamicPropertiesAnswer>;
  readonly global: z.output<typeof globalPropertiesAnswer>;
  readonly version: string | null;
}

export async function describeNetwork(options: DescribeOptions): Promise<NetworkDescription> {
  const looks = await Promise.all(options.endpoints.map((endpoint) => lookAt(endpoint, options)));
  options.signal?.throwIfAborted();
  const views = looks.filter((look): look is NodeView => "chainId" in look);
  const wrong = looks.filter((look): look is WrongNode => "problem" in look);
  const heads = views.map(({ endpoint, chainId, dynamic }) => {
    return { endpoint, chainId, headNumber: dynamic.head_block_number, headTimeMs: dynamic.time };
  });
  refuseNodes(heads, wrong, options);
  return toDescription(views);
}

async function lookAt(endpoint: string, options: DescribeOptions): Promise<NodeView | WrongNode> {
  let client: RpcClient | null = null;
  try {
    client = await RpcClient.connect({ endpoint, timeoutMs: options.timeoutMs, signal: options.signal });
    const chainId = await client.call("database", "get_chain_id", [], chainIdAnswer);
    const global = await client.call("database", "get_global_properties", [], globalPropertiesAnswer);
    const dynamic = await client.call("database", "get_dynamic_global_properties", [], dynamicPropertiesAnswer);
    return { endpoint, chainId, global, dynamic, version: await versionOf(client) };
  } catch (error) {
    return toWrong(endpoint, error);
  } finally {
    client?.close();
  }
}

/** What the node's operator has put into its configuration; mostly empty. */
async function versionOf(client: RpcClient): Promise<string | null> {
  try {
    return (await client.call(1, "get_info", [], z.string())) || null;
  } catch {
    // Nodes before 6.0 have no such call, and nothing depends on it.
    return null;
  }
}

function toWrong(endpoint: string, error: unknown): WrongNode {
  if (nodeErrorOf(error)) {
    // A node that answers at all but not these calls does not know APIs by name, or lacks the call.
    const expected = `expected a node that takes API names (bitshares-core 2.0.190219 or later): ${messageOf(error)}`;
    return { code: "NETWORK_TOO_OLD", problem: { path: endpoint, expected } };
  }
  const code = isAppError(error) ? error.code : "NETWORK_UNREACHABLE";
  const reason = messageOf(error).replace(`${endpoint}: `, "");
  return { code, problem: { path: endpoint, value: reason, expected: "expected a BitShares node that answers" } };
}

function toDescription(views: readonly NodeView[]): NetworkDescription {
  const newest = views.reduce((a, b) => (b.dynamic.head_block_number > a.dynamic.head_block_number ? b : a));
  const { parameters, active_witnesses } = newest.global;
  return {
    chain: "bitshares",
    chainId: newest.chainId,
    nodes: views.map(
      (view, i): NodeDescription => ({
        name: `node-${i + 1}`,
        endpoint: view.endpoint,
        headNumber: view.dynamic.head_block_number,
        version: view.version,
      }),
    ),
    blockIntervalMs: parameters.block_interval * 1000,
    maximumBlockBytes: parameters.maximum_block_size,
    maximumTransactionBytes: parameters.maximum_transaction_size,
    maximumLifetimeSeconds: parameters.maximum_time_until_expiration,
    referenceWindowBlocks,
    producers: active_witnesses.length,
    coreSymbol: "BTS",
    blockLimits: {},
    headNumber: newest.dynamic.head_block_number,
    irreversibleNumber: newest.dynamic.last_irreversible_block_num,
    headTimeMs: newest.dynamic.time,
    facts: {},
  };
}
