import { z } from "zod";
import { AppError, type ErrorCode, isAppError, messageOf, type Problem } from "../../errors/app-error.ts";
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

interface Wrong {
  readonly code: ErrorCode;
  readonly problem: Problem;
}

/** The worst comes first: it decides the code of the one error for all endpoints. */
const severity: readonly ErrorCode[] = [
  "NETWORK_UNREACHABLE",
  "RPC_FAILED",
  "NETWORK_TOO_OLD",
  "NETWORK_MISMATCH",
  "NETWORK_NOT_READY",
];

export async function describeNetwork(options: DescribeOptions): Promise<NetworkDescription> {
  const looks = await Promise.all(options.endpoints.map((endpoint) => lookAt(endpoint, options)));
  options.signal?.throwIfAborted();
  const views = looks.filter((look): look is NodeView => "chainId" in look);
  const wrong = looks.filter((look): look is Wrong => "problem" in look);
  wrong.push(...mismatches(views, options.expectedChainId), ...stale(views, options.maximumHeadAgeMs));
  if (wrong.length > 0 || views.length === 0) throw networkError(wrong);
  return toDescription(views);
}

async function lookAt(endpoint: string, options: DescribeOptions): Promise<NodeView | Wrong> {
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

function toWrong(endpoint: string, error: unknown): Wrong {
  if (nodeErrorOf(error)) {
    // A node that answers at all but not these calls does not know APIs by name, or lacks the call.
    const expected = `expected a node that takes API names (bitshares-core 2.0.190219 or later): ${messageOf(error)}`;
    return { code: "NETWORK_TOO_OLD", problem: { path: endpoint, expected } };
  }
  const code = isAppError(error) ? error.code : "NETWORK_UNREACHABLE";
  const reason = messageOf(error).replace(`${endpoint}: `, "");
  return { code, problem: { path: endpoint, value: reason, expected: "expected a BitShares node that answers" } };
}

function mismatches(views: readonly NodeView[], expectedChainId: string | null): Wrong[] {
  const wanted = expectedChainId ?? mostCommon(views.map((view) => view.chainId));
  return views
    .filter((view) => view.chainId !== wanted)
    .map((view) => ({
      code: "NETWORK_MISMATCH",
      problem: { path: view.endpoint, value: `chain id ${view.chainId}`, expected: `expected chain id ${wanted}` },
    }));
}

function mostCommon(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function stale(views: readonly NodeView[], maximumHeadAgeMs: number): Wrong[] {
  const now = Date.now();
  return views
    .filter((view) => now - view.dynamic.time > maximumHeadAgeMs)
    .map(({ endpoint, dynamic }) => ({
      code: "NETWORK_NOT_READY",
      problem: {
        path: endpoint,
        value: `head block ${dynamic.head_block_number} is ${Math.round((now - dynamic.time) / 1000)} s old`,
        expected: `expected a head at most ${Math.round(maximumHeadAgeMs / 1000)} s old`,
      },
    }));
}

function networkError(wrong: readonly Wrong[]): AppError {
  const code = severity.find((candidate) => wrong.some((one) => one.code === candidate)) ?? "NETWORK_UNREACHABLE";
  const problems = wrong.map((one) => one.problem);
  const nodes = new Set(problems.map((problem) => problem.path)).size;
  return new AppError(code, `${nodes} of the network's nodes cannot be used`, { problems });
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
    facts: {
      "Active witnesses": String(active_witnesses.length),
      "Largest transaction": `${parameters.maximum_transaction_size} bytes`,
      "Largest block": `${parameters.maximum_block_size} bytes`,
    },
  };
}
