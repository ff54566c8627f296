import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type WebSocket, WebSocketServer } from "ws";
import { bitsharesDevnetSchema } from "../../devnet/config.ts";
import type { Workload } from "../../scenario/scenario.ts";
import { systemClock } from "../../time/clock.ts";
import { waitUntil } from "../../time/wait.ts";
import type { DescribeOptions, NetworkDescription } from "../driver.ts";
import type { Reason } from "../outcome.ts";
import { driverOf } from "../registry.ts";
import { BitsharesPreparer } from "./bitshares-preparer.ts";
import type { BitsharesData } from "./chain-data.ts";
import { createSampleContext } from "./sample-context.ts";

/** Public knowledge: the development key that all accounts of the recorded network have. */
const developmentKey = "5KQwrPbwdL6PhXujxW37FSSQZ1JiwsST4cqQzDeyXtP79zkvFD3";
const driver = driverOf("bitshares");
const files = ["session", "chain", "orders", "inclusion"];

interface Request {
  readonly id: number;
  readonly params: readonly [string, string, readonly unknown[]];
}

type Answer = { readonly result: unknown } | { readonly error: unknown } | null;
type Script = (request: Request, socket: WebSocket) => Answer;

/** Recorded answers by the call that they answer. */
const recorded = new Map<string, Answer>();
for (const file of files) {
  const url = new URL(`../../../test/fixtures/bitshares/${file}.json`, import.meta.url);
  const { exchanges } = JSON.parse(readFileSync(url, "utf8")) as {
    exchanges: { send: string; receive: string | null }[];
  };
  for (const { send, receive } of exchanges) {
    if (receive === null || !send.endsWith("}")) continue;
    const { id: _, ...answer } = JSON.parse(receive) as { id: number } & Exclude<Answer, null>;
    recorded.set(JSON.stringify((JSON.parse(send) as Request).params), answer);
  }
}

/** A node that answers as the recorded ones did, except where `script` has an answer of its own. */
class ScriptedNode {
  readonly requests: Request[] = [];
  readonly sockets = new Set<WebSocket>();
  script: Script = () => null;
  readonly #server: WebSocketServer;

  constructor(port = 0) {
    this.#server = new WebSocketServer({ port, host: "127.0.0.1", perMessageDeflate: false });
    this.#server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      socket.on("message", (data) => this.#answer(JSON.parse(String(data)) as Request, socket));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  get endpoint(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  #answer(request: Request, socket: WebSocket): void {
    this.requests.push(request);
    const answer = this.script(request, socket) ?? recorded.get(JSON.stringify(request.params)) ?? null;
    if (answer !== null) socket.send(JSON.stringify({ id: request.id, ...answer }));
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

const within = (what: string) => ({ timeoutMs: 10_000, onTimeout: () => new Error(`no ${what} in time`) });

let nodes: ScriptedNode[] = [];
let node: ScriptedNode;

async function startNode(port?: number): Promise<ScriptedNode> {
  const started = new ScriptedNode(port);
  nodes.push(started);
  await waitUntil(() => started.port > 0, within("port"));
  return started;
}

beforeEach(async () => {
  nodes = [];
  node = await startNode();
});

afterEach(async () => {
  await Promise.all(nodes.map((one) => one.stop()));
});

function describing(endpoints: readonly string[], more: Partial<DescribeOptions> = {}): Promise<NetworkDescription> {
  return driver.describe({
    endpoints,
    expectedChainId: null,
    timeoutMs: 2000,
    maximumHeadAgeMs: Number.POSITIVE_INFINITY,
    ...more,
  });
}

describe("describe", () => {
  test("says what the recorded network is like", async () => {
    expect(await describing([node.endpoint])).toMatchObject({
      chain: "bitshares",
      chainId: "c92215effd677662c23283ad2d4012b31679e15990e05b88b91fe4a9ec3a8926",
      blockIntervalMs: 1000,
      maximumLifetimeSeconds: 86_400,
      referenceWindowBlocks: 65_536,
      producers: 11,
      headNumber: 107,
      irreversibleNumber: 100,
      headTimeMs: Date.parse("2026-11-21T00:39:30Z"),
      nodes: [{ name: "node-1", headNumber: 107, version: null }],
    });
  });

  test("one error names every node that is wrong", async () => {
    const other = await startNode();
    other.script = ({ params }) => (params[1] === "get_chain_id" ? { result: "0".repeat(64) } : null);
    const old = await startNode();
    old.script = () => ({ error: { code: 4, message: "Parse Error: Couldn't parse uint64_t" } });
    const failure = describing([node.endpoint, other.endpoint, "ws://127.0.0.1:1", old.endpoint]);
    await expect(failure).rejects.toMatchObject({ code: "NETWORK_UNREACHABLE" });
    const { problems } = (await failure.catch((error: unknown) => error)) as { problems: { path: string }[] };
    const named = problems.map((problem) => problem.path).sort();
    expect(named).toEqual([other.endpoint, "ws://127.0.0.1:1", old.endpoint].sort());
  });

  test("another chain than expected, an old head and an old node have codes of their own", async () => {
    await expect(describing([node.endpoint], { expectedChainId: "1".repeat(64) })).rejects.toMatchObject({
      code: "NETWORK_MISMATCH",
    });
    node.script = ({ params }) =>
      params[1] === "get_dynamic_global_properties"
        ? { result: { ...dynamic(107, "00".repeat(20), 100), time: "2020-01-01T00:00:00" } }
        : null;
    await expect(describing([node.endpoint], { maximumHeadAgeMs: 60_000 })).rejects.toMatchObject({
      code: "NETWORK_NOT_READY",
    });
    node.script = () => ({ error: { code: -32601, message: "Method not found" } });
    await expect(describing([node.endpoint])).rejects.toMatchObject({ code: "NETWORK_TOO_OLD" });
  });
});

function dynamic(head: number, id: string, irreversible: number): Record<string, unknown> {
  return {
    head_block_number: head,
    head_block_id: id,
    time: "2026-11-21T00:39:30",
    last_irreversible_block_num: irreversible,
  };
}

test("the reference is the last irreversible block, named by the next one's header", async () => {
  node.script = ({ params }) =>
    params[1] === "get_block_header" && params[2][0] === 101
      ? { result: { previous: `00000064${"ab".repeat(16)}` } }
      : null;
  expect(await driver.reference(node.endpoint)).toMatchObject({
    blockNumber: 100,
    blockId: `00000064${"ab".repeat(16)}`,
  });
});

const workload: Workload = {
  operationsPerTransaction: { kind: "fixed", count: 1 },
  mix: [
    { name: "transfer", weight: 60, operation: "transfer", parameters: { amount: "1..100 BTS" }, template: null },
    { name: "order", weight: 20, operation: "limit_order_create", parameters: {}, template: null },
    { name: "cancel", weight: 20, operation: "limit_order_cancel", parameters: {}, template: null },
    {
      name: "note",
      weight: 1,
      operation: "custom",
      parameters: {},
      template: { required_auths: [], id: 7, data: { $counter: "hex" } },
    },
  ],
  route: { kind: "equal" },
  popularity: { kind: "uniform" },
};

/** Answers to what `resolve` asks beyond the recorded calls. */
const resolving: Script = ({ params: [, method, args] }) => {
  const stress = { id: "1.3.1", symbol: "STRESS", precision: 5, issuer: "1.2.3", options: {} };
  const core = { id: "1.3.0", symbol: "BTS", precision: 5, issuer: "1.2.3", options: {} };
  switch (method) {
    case "lookup_account_names": {
      const all = (
        recorded.get(JSON.stringify(["database", method, [["nathan", "stress-0", "no-such-account"]]])) as {
          result: { name: string }[];
        }
      ).result;
      return { result: (args[0] as string[]).map((name) => all.find((account) => account?.name === name) ?? null) };
    }
    case "get_objects":
      return { result: [core] };
    case "lookup_asset_symbols":
      return {
        result: (args[0] as string[]).map((symbol) => [core, stress].find((one) => one.symbol === symbol) ?? null),
      };
    case "get_account_balances":
      return { result: (args[1] as string[]).map((id) => ({ amount: "1000000000000", asset_id: id })) };
    case "get_required_fees":
      return {
        result: (args[0] as [number, unknown][]).map(([code], i) => ({ amount: 100 * code + i, asset_id: "1.3.0" })),
      };
    case "get_limit_orders_by_account": {
      const first = args[2] === undefined ? 0 : Number(String(args[2]).split(".")[2]);
      if (args[0] !== "1.2.18") return { result: [] };
      const page = Array.from({ length: Math.min(100, 230 - first) }, (_, i) => ({
        id: `1.7.${first + i}`,
        sell_price: { base: { amount: 5, asset_id: "1.3.0" }, quote: { amount: "5000000000", asset_id: "1.3.1" } },
      }));
      return { result: page };
    }
    default:
      return null;
  }
};

describe("resolve", () => {
  const accounts = ["nathan", "stress-0"].map((name) => ({ name, privateKey: developmentKey }));
  const resolve = (keys = accounts, mix = workload.mix) =>
    driver.resolve({
      endpoint: node.endpoint,
      network: createSampleContext().network,
      accounts: keys,
      workload: { ...workload, mix },
    });

  beforeEach(() => {
    node.script = resolving;
  });

  test("finds accounts, balances, assets, fees and every resting order", async () => {
    const resolved = await resolve();
    expect(resolved.accounts).toMatchObject([
      { name: "nathan", id: "1.2.17", balances: { BTS: "1000000000000", STRESS: "1000000000000" } },
      { name: "stress-0", id: "1.2.18" },
    ]);
    expect(resolved.pools).toEqual([null, null, 230, null]);
    const { entries } = resolved.data as BitsharesData;
    expect(entries).toMatchObject([
      { kind: "transfer", fee: 0, minimum: 100_000, maximum: 10_000_000 },
      { kind: "limit_order_create", fee: 100, base: { instance: 1 }, quote: { instance: 0 } },
      { kind: "limit_order_cancel", fee: 200 },
      { kind: "template", operation: "custom", fee: 3531 },
    ]);
    const [, , cancel] = entries as [unknown, unknown, { orders: number[]; owners: number[] }];
    expect([...cancel.orders].sort((a, b) => a - b)).toEqual(Array.from({ length: 230 }, (_, i) => i));
    expect(new Set(cancel.owners)).toEqual(new Set([1]));
    expect(JSON.parse(JSON.stringify(resolved))).toEqual(resolved);
  });

  test("what it finds can be prepared, and priced", async () => {
    const resolved = await resolve();
    const preparer = new BitsharesPreparer({ ...createSampleContext(), workload, resolved, transactions: 1000 });
    const described = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
    for (const entry of [0, 1, 2, 3]) {
      const request = {
        sequence: 5,
        expirationSeconds: 1_800_000_000,
        entries: Uint16Array.of(entry),
        operations: 1,
        poolOrdinals: Uint32Array.of(7),
      };
      expect(preparer.prepare(request, new Uint8Array(5000), 0, described)).toBe(true);
    }
    const cost = driver.cost(resolved, workload, [600, 200, 200, 10]);
    expect(cost.lines.map((line) => line.asset)).toEqual(["BTS", "STRESS"]);
    expect(cost.shortAccounts).toEqual([]);
    const poor = {
      ...resolved,
      accounts: resolved.accounts.map((account) => ({ ...account, balances: { BTS: "5" } })),
    };
    expect(driver.cost(poor, workload, [600, 200, 200, 10]).shortAccounts).toEqual(["nathan", "stress-0"]);
  });

  test("a template that makes what the chain cannot hold is refused, and no question is left without a listener", async () => {
    const orphans: unknown[] = [];
    const onOrphan = (error: unknown): number => orphans.push(error);
    process.on("unhandledRejection", onOrphan);
    const template = { required_auths: [], id: { $counter: "number", start: 2 ** 32 }, data: "" };
    const tooLarge = { name: "large", weight: 1, operation: "custom", parameters: {}, template };
    const failure = await resolve(accounts, [...workload.mix, tooLarge]).catch((error: unknown) => error);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", onOrphan);
    expect(failure).toMatchObject({ code: "PLAN_IMPOSSIBLE", problems: [{ path: "workload.mix.large" }] });
    expect(orphans).toEqual([]);
  });

  test("a workload that would have to repeat itself is refused", async () => {
    const mix = [{ name: "same", weight: 1, operation: "transfer", parameters: { amount: "1 BTS" }, template: null }];
    const resolved = await resolve(accounts, mix);
    expect(driver.cost(resolved, { ...workload, mix }, [2]).shortAccounts).toEqual([]);
    expect(() => driver.cost(resolved, { ...workload, mix }, [3])).toThrow(
      expect.objectContaining({ code: "PLAN_IMPOSSIBLE" }),
    );
  });

  test("missing accounts, wrong keys and missing assets are told apart, and no key is in a message", async () => {
    const wrong = "5JdpcNrMFYvnHPcvVjYtWHEMMMGUn7GkQZ8bKqWQBw1aSQwvqEe";
    const generated = driver.embeddedGenesis({ seed: 3, accounts: 1, balance: "1 BTS", workload, poolNeeds: [] })
      .accounts[0]?.privateKey as string;
    const failures = await Promise.all([
      resolve([...accounts, { name: "nobody", privateKey: developmentKey }]).catch((error: unknown) => error),
      resolve([{ name: "nathan", privateKey: generated }]).catch((error: unknown) => error),
      resolve([{ name: "nathan", privateKey: wrong }]).catch((error: unknown) => error),
      resolve(accounts, [
        { ...(workload.mix[0] as (typeof workload.mix)[0]), parameters: { amount: "1..9 NOSUCH" } },
      ]).catch((error: unknown) => error),
    ]);
    expect(failures).toMatchObject([
      { code: "ACCOUNT_MISSING", problems: [{ path: "nobody" }] },
      { code: "ACCOUNT_KEY", problems: [{ path: "nathan" }] },
      { code: "ACCOUNT_KEY" },
      { code: "RESOURCES_MISSING", problems: [{ path: "NOSUCH" }] },
    ]);
    for (const failure of failures) {
      const text = `${(failure as Error).message} ${JSON.stringify(failure)}`;
      expect(text).not.toContain(generated);
      expect(text).not.toContain(wrong);
    }
  });
});

interface Heard {
  readonly answers: { token: number; reason: Reason; message: string | null }[];
  readonly unanswered: { token: number; reason: Reason }[];
  readonly connections: number[];
}

function openBroadcaster(endpoint: string, connections: number) {
  const heard: Heard = { answers: [], unanswered: [], connections: [] };
  const broadcaster = driver.openBroadcaster({
    endpoint,
    connections,
    connectTimeoutMs: 1500,
    data: null,
    handlers: {
      onAnswer: (token, reason, receivedMicros, message) => {
        expect(receivedMicros).toBeLessThanOrEqual(systemClock.nowMicros());
        heard.answers.push({ token, reason, message });
      },
      onUnanswered: (token, reason) => heard.unanswered.push({ token, reason }),
      onConnections: (open) => heard.connections.push(open),
    },
  });
  return { broadcaster, heard };
}

function preparedBody(sequence: number): Uint8Array {
  const target = new Uint8Array(1000);
  const described = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
  const request = {
    sequence,
    expirationSeconds: 1_800_000_000,
    entries: Uint16Array.of(0),
    operations: 1,
    poolOrdinals: Uint32Array.of(0),
  };
  const preparer = new BitsharesPreparer(createSampleContext());
  preparer.prepare(request, target, 0, described);
  preparer.complete();
  return target.slice(0, described.bodyBytes);
}

describe("broadcasting", () => {
  const body = preparedBody(1);

  test("answers come back with their tokens and reasons, over all connections in turn", async () => {
    let count = 0;
    node.script = ({ params }) => {
      expect(params.slice(0, 2)).toEqual(["network_broadcast", "broadcast_transaction"]);
      expect(params[2][0]).toMatchObject({ ref_block_num: 107, operations: [[0, { fee: { amount: 2_000_000 } }]] });
      count++;
      return count === 3 ? { error: { code: 3030001, message: "Execution error: duplicate" } } : { result: null };
    };
    const { broadcaster, heard } = openBroadcaster(node.endpoint, 2);
    await broadcaster.open();
    expect(broadcaster.openConnections).toBe(2);
    for (const token of [900_000, 7, 8, 9]) expect(broadcaster.send(token, body)).toBe(true);
    expect(broadcaster.inFlight).toBe(4);
    broadcaster.flush();
    await waitUntil(() => heard.answers.length === 4, within("answers"));
    expect(heard.answers.map(({ token }) => token).sort((a, b) => a - b)).toEqual([7, 8, 9, 900_000]);
    expect(heard.answers.filter(({ reason }) => reason === "duplicate")).toHaveLength(1);
    expect(broadcaster.inFlight).toBe(0);
    expect(broadcaster.bufferedBytes).toBe(0);
    await broadcaster.close();
  });

  test("what is in flight when a connection breaks is unanswered, and the connection comes back", async () => {
    node.script = ({ id }, socket) => {
      if (id !== 1) return { result: null };
      socket.terminate();
      return null;
    };
    const { broadcaster, heard } = openBroadcaster(node.endpoint, 1);
    await broadcaster.open();
    for (const token of [1, 2, 3]) broadcaster.send(token, body);
    broadcaster.flush();
    await waitUntil(() => heard.unanswered.length + heard.answers.length === 3, within("outcomes"));
    expect(heard.unanswered).toContainEqual({ token: 2, reason: "connection-lost" });
    await waitUntil(() => broadcaster.openConnections === 1, within("connection"));
    expect(heard.connections).toEqual([1, 0, 1]);
    node.script = () => ({ result: null });
    expect(broadcaster.send(4, body)).toBe(true);
    broadcaster.flush();
    await waitUntil(() => heard.answers.some(({ token }) => token === 4), within("answer"));
    await broadcaster.close();
  });

  test("an answer that is no JSON is unreadable, and one that comes twice counts once", async () => {
    node.script = ({ id }, socket) => {
      if (id === 0) socket.send(`{"id":0,"result":`);
      else for (let i = 0; i < 2; i++) socket.send(`{"id":${id},"result":null}`);
      return null;
    };
    const { broadcaster, heard } = openBroadcaster(node.endpoint, 1);
    await broadcaster.open();
    broadcaster.send(11, body);
    broadcaster.send(12, body);
    broadcaster.send(13, body);
    broadcaster.flush();
    await waitUntil(() => heard.answers.length === 2 && heard.unanswered.length === 1, within("outcomes"));
    expect(heard.unanswered).toEqual([{ token: 11, reason: "answer-unreadable" }]);
    await broadcaster.close();
  });

  test("a node that cannot be reached fails the opening, and nothing is sent to it", async () => {
    const { broadcaster } = openBroadcaster("ws://127.0.0.1:1", 1);
    await expect(broadcaster.open()).rejects.toMatchObject({ code: "NETWORK_UNREACHABLE" });
    expect(broadcaster.send(1, body)).toBe(false);
  });
});

describe("following", () => {
  const idOf = (number: number): string => number.toString(16).padStart(8, "0") + "ab".repeat(16);

  function follow(afterBlock: number) {
    const seen = { heads: [] as string[], irreversible: [] as number[], trouble: [] as string[], connected: 0 };
    const follower = driver.follow({
      endpoint: node.endpoint,
      afterBlock,
      handlers: {
        onHead: ({ number, id }) => seen.heads.push(`${number} ${id}`),
        onIrreversible: (number) => seen.irreversible.push(number),
        onTrouble: (message) => seen.trouble.push(message),
        onConnected: () => {
          seen.connected++;
        },
      },
    });
    return { follower, seen };
  }

  let head = 107;
  let refusesNotices = false;
  beforeEach(() => {
    head = 107;
    refusesNotices = false;
    node.script = ({ params: [, method, args] }) => {
      if (method === "get_dynamic_global_properties") return { result: dynamic(head, idOf(head), head - 7) };
      if (method === "get_block_header") return { result: { previous: idOf((args[0] as number) - 1) } };
      if (method === "set_block_applied_callback") {
        return refusesNotices ? { error: { code: -32601, message: "Method not found" } } : { result: null };
      }
      return null;
    };
  });

  const notify = (id: string): void => {
    for (const socket of node.sockets) socket.send(JSON.stringify({ method: "notice", params: [1, [id]] }));
  };

  test("heads come from notices, skipped ones are filled in, forks are reported, old ones are not", async () => {
    const { follower, seen } = follow(105);
    await waitUntil(() => seen.heads.length === 2 && seen.irreversible.length === 1, within("first heads"));
    expect(follower.connected).toBe(true);
    head = 110;
    notify(idOf(108));
    notify(idOf(110));
    notify(`0000006e${"cd".repeat(16)}`);
    await waitUntil(() => seen.heads.length === 6, within("heads"));
    expect(seen.heads).toEqual([
      `106 ${idOf(106)}`,
      `107 ${idOf(107)}`,
      `108 ${idOf(108)}`,
      `109 ${idOf(109)}`,
      `110 ${idOf(110)}`,
      `110 0000006e${"cd".repeat(16)}`,
    ]);
    await waitUntil(() => seen.irreversible.at(-1) === 103, within("irreversible number"));
    await follower.close();
    expect(follower.connected).toBe(false);
  });

  test("a node that sends no notices is looked at often instead", async () => {
    refusesNotices = true;
    const { follower, seen } = follow(107);
    await waitUntil(() => seen.connected === 1, within("connection"));
    head = 109;
    await waitUntil(() => seen.heads.length === 2, within("heads"));
    expect(seen.heads).toEqual([`108 ${idOf(108)}`, `109 ${idOf(109)}`]);
    expect(seen.trouble).toHaveLength(1);
    await follower.close();
  });

  test("after a lost connection it comes back and misses nothing", async () => {
    const { follower, seen } = follow(106);
    await waitUntil(() => seen.heads.length === 1, within("head"));
    for (const socket of node.sockets) socket.terminate();
    head = 110;
    await waitUntil(() => seen.heads.length === 4, within("heads after the loss"));
    expect(seen.connected).toBe(2);
    expect(seen.trouble).toHaveLength(1);
    await follower.close();
  });

  test("the recorded block is fetched, and one that does not exist is null", async () => {
    const { follower, seen } = follow(107);
    await waitUntil(() => seen.connected === 1, within("connection"));
    expect(await follower.fetchBlock(118)).toMatchObject({ number: 118, transactions: 1, operations: 2 });
    expect(await follower.fetchBlock(100_118)).toBeNull();
    await follower.close();
  });
});

describe("the embedded genesis", () => {
  const options = { seed: 7, accounts: 3, balance: "1000 BTS", workload, poolNeeds: [0, 0, 10, 0] };

  test("goes into the devnet's configuration, the same for the same seed", () => {
    const made = driver.embeddedGenesis(options);
    expect(driver.embeddedGenesis(options)).toEqual(made);
    expect(driver.embeddedGenesis({ ...options, seed: 8 }).accounts).not.toEqual(made.accounts);
    const parsed = bitsharesDevnetSchema.safeParse({ chain: "bitshares", ports: [0], genesis: made.genesis });
    expect(parsed.error).toBeUndefined();
    expect(parsed.data?.genesis.accounts[0]).toMatchObject({
      name: "stress-0",
      balances: { BTS: "100000000", STRESS: "100000000" },
    });
    const orders = parsed.data?.genesis.orders.reduce((sum, order) => sum + order.count, 0);
    expect(orders).toBeGreaterThanOrEqual(10);
  });

  test("a balance that no asset can have is refused", () => {
    expect(() => driver.embeddedGenesis({ ...options, balance: "9000000000 BTS", accounts: 2 })).toThrow(
      expect.objectContaining({ code: "PLAN_IMPOSSIBLE" }),
    );
  });
});

test("an unknown chain has no driver", () => {
  expect(() => driverOf("dogecoin")).toThrow(expect.objectContaining({ code: "SCENARIO_INVALID" }));
});
