import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { waitUntil } from "../../shared/time/wait.ts";
import { type RunningDevnet, startDevnet } from "../devnet.ts";
import { recordedAntelopeNetwork } from "../testing/recorded-antelope-network.ts";
import { developmentPrivateKey } from "../testing/sign.ts";
import { signPacked } from "../testing/sign-antelope.ts";

interface Exchange {
  readonly name: string;
  readonly path: string;
  readonly send: string;
  readonly status: number;
  readonly contentType: string;
  readonly receive: string;
  /** Of the transaction that was sent: exchanges with the same id sent the same transaction. */
  readonly id?: string;
}

interface Packed {
  readonly signatures: readonly string[];
  readonly packed_trx: string;
}

interface Answered {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: unknown;
}

const otherKey = Buffer.alloc(32, 7);

function load(file: string): readonly Exchange[] {
  const url = new URL(`../../test/fixtures/antelope/${file}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { readonly exchanges: readonly Exchange[] }).exchanges;
}

/** The recorded network changed bob's limits between the exchanges; here each has a network of its own. */
const limits = {
  "account CPU used up": { cpuMicrosPerDay: 35, balances: {} },
  "account NET used up": { netBytesPerDay: 185, balances: {} },
} as const;

const devnets = new Map<string, RunningDevnet>();

function devnetFor(name: string): RunningDevnet {
  return devnets.get(name) ?? devnets.get("")!;
}

beforeAll(async () => {
  devnets.set("", await startDevnet(recordedAntelopeNetwork()));
  for (const [name, bob] of Object.entries(limits)) {
    const devnet = await startDevnet(recordedAntelopeNetwork({ bob }));
    devnets.set(name, devnet);
    await giveBobSomething(devnet);
  }
});

afterAll(async () => {
  await Promise.all([...devnets.values()].map((devnet) => devnet.stop()));
});

/** As on the recorded network, bob has what alice sent him, in a row that she pays for. */
async function giveBobSomething(devnet: RunningDevnet): Promise<void> {
  const { id: _, ...exchange } = load("broadcast").find(({ name }) => name === "accepted")!;
  const answered = await ask(devnet, exchange.path, await prepare(exchange, devnet));
  expect(answered.body).toMatchObject({ processed: { except: null } });
}

async function ask(devnet: RunningDevnet, path: string, body: string): Promise<Answered> {
  const response = await fetch(`${devnet.ready.nodes[0]!.url}${path}`, { method: "POST", body });
  return { status: response.status, contentType: response.headers.get("content-type"), body: await response.json() };
}

async function call<Result>(devnet: RunningDevnet, name: string, parameters: object): Promise<Result> {
  return (await ask(devnet, `/v1/chain/${name}`, JSON.stringify(parameters))).body as Result;
}

interface Info {
  readonly head_block_num: number;
  readonly head_block_time: string;
  readonly last_irreversible_block_num: number;
  readonly last_irreversible_block_id: string;
}

/** Seconds from the head to the expiration. */
function lifetimeOf(name: string): number {
  if (name === "expired") return -5;
  return name === "expires too far ahead" ? 7200 : 60;
}

/** Makes a recorded transaction one of this chain, with the same thing wrong with it. */
async function adapt(recorded: Packed, name: string, devnet: RunningDevnet): Promise<Packed> {
  if (name === "packed transaction cut short" || recorded.packed_trx === undefined) return recorded;
  const info = await call<Info>(devnet, "get_info", {});
  const bytes = Buffer.from(recorded.packed_trx, "hex");
  bytes.writeUInt32LE(Math.floor(Date.parse(`${info.head_block_time}Z`) / 1000) + lifetimeOf(name), 0);
  if (!name.startsWith("TaPoS")) bytes.writeUInt16LE(info.last_irreversible_block_num & 0xffff, 4);
  Buffer.from(info.last_irreversible_block_id, "hex").copy(bytes, 6, 8, 12);
  return { ...recorded, packed_trx: bytes.toString("hex"), signatures: signaturesFor(name, bytes, devnet, recorded) };
}

function signaturesFor(name: string, bytes: Buffer, devnet: RunningDevnet, recorded: Packed): readonly string[] {
  const sign = (key: Uint8Array) => signPacked(bytes, devnet.ready.chainId, key);
  switch (name) {
    case "no signature":
    case "signature of zeros":
    case "signature that cannot be parsed":
      return recorded.signatures;
    case "wrong key":
      return [sign(otherKey)];
    case "irrelevant extra signature":
      return [sign(developmentPrivateKey), sign(otherKey)];
    default:
      return [sign(developmentPrivateKey)];
  }
}

/** By recorded id, for exchanges that send the same transaction again. */
const adapted = new Map<string, Packed>();

async function prepare({ name, send, id }: Exchange, devnet: RunningDevnet): Promise<string> {
  if (!send.includes('"signatures"')) return send;
  const request = JSON.parse(send) as Packed | { readonly transaction: Packed };
  const recorded = "transaction" in request ? request.transaction : request;
  const known = id === undefined ? undefined : adapted.get(id);
  const transaction = known ?? (await adapt(recorded, name, devnet));
  if (id !== undefined) adapted.set(id, transaction);
  return JSON.stringify("transaction" in request ? { ...request, transaction } : transaction);
}

/** What may differ: times, ids, signatures, keys, what counts blocks and actions, and how long the work took. */
const counted = new Set([
  "activation_block_num",
  "auth_sequence",
  "billed",
  "block_num",
  "block_number",
  "code_sequence",
  "cpu_usage_us",
  "earliest_available_block_num",
  "earliest_tracked_block_number",
  "elapsed",
  "fork_db_head_block_num",
  "global_sequence",
  "head_block_num",
  "head_block_producer",
  "head_number",
  "irreversible_number",
  "key",
  "last_irreversible_block_num",
  "owner",
  "producer",
  "producer_key",
  "producer_name",
  "ram_usage",
  "recv_sequence",
  "ref_block_num",
  "ref_block_prefix",
  "server_full_version_string",
  "server_version",
  "virtual_block_cpu_limit",
  "virtual_block_net_limit",
  "wasm",
]);

function normalise(value: unknown, key = ""): unknown {
  if (counted.has(key)) return `<${key}>`;
  if (typeof value === "string") return normaliseText(value);
  if (Array.isArray(value)) return value.map((item) => normalise(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, normalise(inner, name)]));
}

function normaliseText(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?/g, (time) => time.replaceAll(/\d/g, "0"))
    .replaceAll(/SIG_K1_\w+/g, "<signature>")
    .replaceAll(/\bEOS\w{50}\b/g, "<public key>")
    .replaceAll(/\b[0-9a-f]{64}\b/g, "<hash>")
    .replaceAll(/\b[0-9a-f]{24,}\b/g, "<bytes>")
    .replaceAll(/billed CPU time \(\d+ us\)/g, "billed CPU time (<billed> us)");
}

function expectSame(answered: Answered, { status, contentType, receive }: Exchange): void {
  expect(answered.status).toBe(status);
  expect(answered.contentType).toBe(contentType);
  expect(normalise(withoutCoreBalance(answered.body))).toEqual(normalise(JSON.parse(receive)));
}

/** The recorded network had no system contract, without which nodes do not know which token is the core token. */
function withoutCoreBalance(body: unknown): unknown {
  if (typeof body !== "object" || body === null || !("core_liquid_balance" in body)) return body;
  const { core_liquid_balance: balance, ...rest } = body;
  expect(balance).toBe("998.7655 SYS");
  return rest;
}

describe.each(["chain", "broadcast"])("recorded exchanges: %s", (file) => {
  const exchanges = load(file).map((exchange) => [`${exchange.name} (${exchange.path})`, exchange] as const);
  test.each(exchanges)("%s", async (_title, exchange) => {
    const devnet = devnetFor(exchange.name);
    expectSame(await ask(devnet, exchange.path, await prepare(exchange, devnet)), exchange);
  });
});

describe("recorded exchanges: blocks", () => {
  const exchanges = new Map(load("blocks").map((exchange) => [exchange.name, exchange]));
  const devnet = () => devnetFor("");
  let id: string;
  let holder: number;

  async function replay(name: string, parameters: object): Promise<void> {
    const exchange = exchanges.get(name)!;
    expectSame(await ask(devnet(), exchange.path, JSON.stringify(parameters)), exchange);
  }

  async function status(): Promise<{ readonly state: string; readonly block_number: number }> {
    return call(devnet(), "get_transaction_status", { id });
  }

  test("the fate of a transaction", async () => {
    const exchange = exchanges.get("accepted")!;
    const { chain } = devnet().network.nodes[0]!;
    await waitUntil(() => chain.pendingCount === 0, { timeoutMs: 5000, onTimeout: () => new Error("still pending") });
    const answered = await ask(devnet(), exchange.path, await prepare(exchange, devnet()));
    expectSame(answered, exchange);
    id = (answered.body as { readonly transaction_id: string }).transaction_id;
    await replay("transaction status at once", { id });
    await waitUntil(async () => (await status()).state === "IRREVERSIBLE", {
      timeoutMs: 5000,
      onTimeout: () => new Error("not irreversible"),
    });
    await replay("transaction status later", { id });
    holder = (await status()).block_number;
  });

  test("an id that cannot be one", () => replay("transaction status of an unknown id", { id: "0".repeat(64) }));

  test("an id that nobody has seen is unknown", async () => {
    const answer = await call<{ readonly state: string }>(devnet(), "get_transaction_status", { id: "1".repeat(64) });
    expect(answer.state).toBe("UNKNOWN");
  });

  test("the block that holds it", async () => {
    await replay("block that holds it", { block_num_or_id: holder });
    await replay("raw block", { block_num_or_id: holder });
    await replay("block info", { block_num: holder });
    await replay("block header", { block_num_or_id: holder });
  });

  test("the same block by its id", async () => {
    const byNumber = await call<{ readonly id: string }>(devnet(), "get_block", { block_num_or_id: holder });
    expect(await call(devnet(), "get_block", { block_num_or_id: byNumber.id })).toEqual(byNumber);
  });

  test("an empty block", () => replay("empty block", { block_num_or_id: holder + 1 }));

  test("blocks that are not there", async () => {
    const future = JSON.parse(exchanges.get("block in the future")!.send) as object;
    await replay("block in the future", future);
    const { path, receive, send } = exchanges.get("block header state")!;
    const recorded = (JSON.parse(send) as { readonly block_num_or_id: number }).block_num_or_id;
    const answered = await ask(devnet(), path, JSON.stringify({ block_num_or_id: holder }));
    const wanted = receive.replace(`block: ${recorded}`, `block: ${holder}`);
    expect(normalise(answered.body)).toEqual(normalise(JSON.parse(wanted)));
  });

  test("head and irreversible block", () => replay("info (head, irreversible)", {}));
});
