import { afterEach, expect, test } from "@jest/globals";
import { bodyToJson } from "../../shared/chains/antelope/packed-body.ts";
import type { EmbeddedGenesisOptions, PrepareContext } from "../../shared/chains/driver.ts";
import type { SurveyOptions } from "../../shared/chains/provisioning.ts";
import { driverOf } from "../../shared/chains/registry.ts";
import { uniformWorkload } from "../../shared/chains/testing/uniform-workload.ts";
import { antelopeDevnetSchema } from "../../shared/devnet/config.ts";
import { developmentKey } from "../default-config.ts";
import { type RunningDevnet, startDevnet } from "../devnet.ts";
import { allIncluded, setUp } from "../testing/set-up.ts";

const driver = driverOf("antelope");
const provisioning = driver.provisioning as NonNullable<typeof driver.provisioning>;
const seed = 3;
/** Of each action. */
const uses = 4;
/** Whoever has issued a token issues and retires it, balances are closed that are empty, and new accounts need RAM at once. */
const others = ["issue", "retire", "close", "newaccount"];
const operations = driver.operations.named.filter((name) => !others.includes(name));

const workload = uniformWorkload(operations);
const { mix } = workload;
const poolNeeds = mix.map(() => uses);

let devnet: RunningDevnet | null = null;

afterEach(async () => {
  await devnet?.stop();
  devnet = null;
});

async function start(genesis: unknown): Promise<string> {
  devnet = await startDevnet(antelopeDevnetSchema.parse({ chain: "antelope", ports: [0], genesis }));
  return devnet.ready.nodes[0]?.url as string;
}

function describeNetwork(endpoint: string) {
  const maximumHeadAgeMs = Number.POSITIVE_INFINITY;
  return driver.describe({ endpoints: [endpoint], expectedChainId: null, timeoutMs: 10_000, maximumHeadAgeMs });
}

/** The node must take it. */
async function send(endpoint: string, body: Uint8Array): Promise<void> {
  const json = bodyToJson(body, "send_transaction2");
  const answer = await fetch(`${endpoint}/v1/chain/send_transaction2`, { method: "POST", body: json });
  expect([answer.status, answer.status === 202 ? "" : await answer.text()]).toEqual([202, ""]);
}

function pendingCount(): number {
  return devnet?.network.nodes[0]?.chain.pendingCount ?? 0;
}

async function sendAll(context: PrepareContext, endpoint: string): Promise<void> {
  const preparer = driver.createPreparer(context);
  const target = new Uint8Array(100_000);
  const prepared = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
  const expirationSeconds = Math.floor(context.reference.chainTimeMs / 1000) + 600;
  for (let sequence = 0; sequence < mix.length * uses; sequence++) {
    const entry = sequence % mix.length;
    const ordinal = Math.floor(sequence / mix.length);
    preparer.prepare(
      {
        ...{ sequence, expirationSeconds, operations: 1 },
        ...{ entries: Uint16Array.of(entry), poolOrdinals: Uint32Array.of(ordinal) },
      },
      target,
      0,
      prepared,
    );
    preparer.complete();
    await send(endpoint, target.slice(0, prepared.bodyBytes));
  }
}

async function sendAsRun(endpoint: string, accounts: SurveyOptions["accounts"]): Promise<void> {
  const network = await describeNetwork(endpoint);
  const resolved = await driver.resolve({ endpoint, network, accounts, workload });
  for (const pool of resolved.pools) if (pool !== null) expect(pool).toBeGreaterThanOrEqual(uses);
  expect(resolved.pools.filter((pool) => pool !== null)).toHaveLength(1);
  expect(driver.cost(resolved, workload, poolNeeds).shortAccounts).toEqual([]);
  const reference = await driver.reference(endpoint);
  const transactions = mix.length * uses;
  await sendAll({ chain: "antelope", seed, network, workload, resolved, reference, transactions }, endpoint);
  await allIncluded(pendingCount);
}

test("a network with nothing but one funded account comes to take every action of an account that has a name", async () => {
  const endpoint = await start({
    accounts: [{ name: "rich", publicKey: developmentKey.antelopePublicKey, balances: { EOS: "1000000000000" } }],
    newAccounts: "without-resources",
    tokens: [{ symbol: "EOS", precision: 4, maxSupply: "1000000000000000000" }],
  });
  const accounts = Array.from({ length: 4 }, (_, i) => ({
    name: `loadaaaaaaa${"abcd"[i]}`,
    privateKey: provisioning.keyText(Buffer.alloc(32, i + 1)),
  }));
  const network = await describeNetwork(endpoint);
  const wanting = (balance: string, ram: string): SurveyOptions => ({
    ...{ endpoint, network, accounts, workload, poolNeeds },
    funder: { name: "rich", privateKey: developmentKey.privateKey },
    wanted: { prefix: "load", balances: [balance], resources: { ram, cpu: "1000 EOS", net: "1000 EOS" } },
  });
  const { outlook } = await provisioning.survey(wanting("1 EOS", "4 KiB"));
  expect(new Set(outlook.shortages.map(({ account }) => account))).toEqual(new Set(accounts.map(({ name }) => name)));
  const [balance, ram] = ["balance", "resources.ram"].map(
    (setting) => outlook.remedies.find((remedy) => remedy.setting === setting)?.value as string,
  ) as [string, string];
  expect((await provisioning.survey(wanting(balance, ram))).outlook).toEqual({ shortages: [], remedies: [] });

  const stages = await setUp({
    ...wanting(balance, ram),
    ...{ chain: "antelope", send: (body: Uint8Array) => send(endpoint, body), pendingCount },
  });
  expect(stages).toEqual(expect.arrayContaining(["stake what will be unstaked", "make permissions"]));
  await sendAsRun(endpoint, accounts);
}, 360_000);

test("an embedded network has what every action that has a name needs", async () => {
  const options: EmbeddedGenesisOptions = { seed, accounts: 4, balance: "1000 EOS", workload, poolNeeds };
  const { accounts, genesis } = driver.embeddedGenesis(options);
  await sendAsRun(await start(genesis), accounts);
}, 180_000);
