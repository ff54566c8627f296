import { afterEach, expect, test } from "@jest/globals";
import { bodyToJson } from "../../shared/chains/bitshares/packed-text.ts";
import type { PrepareContext, ResolvedChain } from "../../shared/chains/driver.ts";
import type { SurveyOptions } from "../../shared/chains/provisioning.ts";
import { driverOf } from "../../shared/chains/registry.ts";
import { uniformWorkload } from "../../shared/chains/testing/uniform-workload.ts";
import { bitsharesDevnetSchema } from "../../shared/devnet/config.ts";
import { developmentKey } from "../default-config.ts";
import { type RunningDevnet, startDevnet } from "../devnet.ts";
import { RpcClient } from "../testing/rpc-client.ts";
import { allIncluded, setUp } from "../testing/set-up.ts";

const driver = driverOf("bitshares");
const provisioning = driver.provisioning as NonNullable<typeof driver.provisioning>;
const seed = 3;
/** Of each operation. */
const uses = 4;

let devnet: RunningDevnet | null = null;
let client: RpcClient | null = null;

afterEach(async () => {
  client?.close();
  await devnet?.stop();
});

function makeAll(node: RpcClient, options: SurveyOptions): Promise<string[]> {
  return setUp({ ...options, chain: "bitshares", send: (body) => send(node, body), pendingCount });
}

/** A chain with nothing but one account that has funds. */
async function startEmpty(): Promise<{ readonly endpoint: string; readonly node: RpcClient }> {
  const funder = { name: "funder", publicKey: developmentKey.publicKey, lifetimeMember: true };
  devnet = await startDevnet(
    bitsharesDevnetSchema.parse({
      chain: "bitshares",
      ports: [0],
      genesis: { accounts: [{ ...funder, balances: { BTS: "100000000000000" } }] },
    }),
  );
  const endpoint = devnet.ready.nodes[0]?.url as string;
  client = await RpcClient.connect(endpoint);
  return { endpoint, node: client };
}

function describeNetwork(endpoint: string) {
  return driver.describe({
    endpoints: [endpoint],
    expectedChainId: null,
    timeoutMs: 10_000,
    maximumHeadAgeMs: Number.POSITIVE_INFINITY,
  });
}

function send(node: RpcClient, body: Uint8Array): Promise<unknown> {
  return node.call("network_broadcast", "broadcast_transaction", [JSON.parse(bodyToJson(body))]);
}

function pendingCount(): number {
  return devnet?.network.nodes[0]?.chain.pendingCount ?? 0;
}

/** As many transactions of each operation as it is used, in turn. */
function prepareAll(context: PrepareContext): Uint8Array[] {
  const preparer = driver.createPreparer(context);
  const count = context.workload.mix.length;
  return Array.from({ length: count * uses }, (_, sequence) => {
    const described = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
    const target = new Uint8Array(20_000);
    const request = {
      sequence,
      expirationSeconds: Math.floor(context.reference.chainTimeMs / 1000) + 600,
      entries: Uint16Array.of(sequence % count),
      operations: 1,
      poolOrdinals: Uint32Array.of(Math.floor(sequence / count)),
    };
    expect(preparer.prepare(request, target, 0, described)).toBe(true);
    preparer.complete();
    return target.subarray(0, described.bodyBytes);
  });
}

test("a network with nothing but one funded account comes to take every operation that has a name", async () => {
  const { endpoint, node } = await startEmpty();
  const workload = uniformWorkload(driver.operations.named);
  const { mix } = workload;
  const accounts = Array.from({ length: 4 }, (_, i) => ({
    name: `load-${i + 1}`,
    privateKey: provisioning.keyText(Buffer.alloc(32, i + 1)),
  }));
  const counts = mix.map(() => uses);
  const network = await describeNetwork(endpoint);
  const options: SurveyOptions = {
    ...{ endpoint, network, accounts, workload, poolNeeds: counts },
    funder: { name: "funder", privateKey: developmentKey.privateKey },
    wanted: { prefix: "load-", balances: ["100 BTS", "1 STRESS", "1 SETTLED"], resources: {} },
  };
  const { outlook } = await provisioning.survey(options);
  expect(outlook.shortages.map(({ account }) => account)).toEqual(
    expect.arrayContaining(accounts.map(({ name }) => name)),
  );
  const balances = outlook.remedies.map(({ value }) => value);
  const wanting = (given: readonly string[]): SurveyOptions => ({
    ...options,
    wanted: { ...options.wanted, balances: given },
  });
  const less = balances.map((balance) => balance.replace(/^\d+/, (whole) => String(Number(whole) - 1)));
  expect((await provisioning.survey(wanting(less))).outlook.shortages).not.toEqual([]);
  expect((await provisioning.survey(wanting(balances))).outlook).toEqual({ shortages: [], remedies: [] });
  const stages = await makeAll(node, wanting(balances));
  expect(stages).toEqual(
    expect.arrayContaining([
      ...["create assets", "allow to publish prices", "publish prices", "borrow what is to be settled"],
      ...["settle assets globally", "distribute assets", "place open orders", "open hash time-locked contracts"],
      ...["make proposals", "make vesting balances"],
    ]),
  );

  const resolve = async (): Promise<ResolvedChain> =>
    driver.resolve({ ...{ endpoint, accounts, workload }, network: await describeNetwork(endpoint) });
  const resolved = await resolve();
  expect(driver.cost(resolved, workload, counts).shortAccounts).toEqual([]);
  for (const pool of resolved.pools) if (pool !== null) expect(pool).toBeGreaterThanOrEqual(uses);
  const reference = await driver.reference(endpoint);
  const transactions = mix.length * uses;
  const context = { chain: "bitshares", seed, network, workload, resolved, reference, transactions };
  for (const body of prepareAll(context)) await send(node, body);
  await allIncluded(pendingCount);
}, 360_000);
