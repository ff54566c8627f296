import { afterEach, expect, test } from "@jest/globals";
import type { Workload } from "../../scenario/scenario.ts";
import type { AccountKey, ResolveOptions } from "../driver.ts";
import { derivedPrivateKey } from "../signing/derived-key.ts";
import { uniformWorkload } from "../testing/uniform-workload.ts";
import type { AntelopeData } from "./chain-data.ts";
import { describeNetwork } from "./describe-network.ts";
import { toPrivateKeyText } from "./keys.ts";
import { resolveChain } from "./resolve-chain.ts";
import { recordedTokenAbi } from "./testing/recorded-exchanges.ts";
import { answer, type RecordedNodeOptions, recorded, startRecordedNode } from "./testing/recorded-node.ts";
import type { ScriptedNode } from "./testing/scripted-node.ts";

/** The key that EOSIO's example genesis publishes. */
const developmentKey = "5KQwrPbwdL6PhXujxW37FSSQZ1JiwsST4cqQzDeyXtP79zkvFD3";
const otherKey = toPrivateKeyText(derivedPrivateKey("stranger", 0));

const nodes: ScriptedNode[] = [];

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()));
});

const accounts: readonly AccountKey[] = ["alice", "bob"].map((name) => ({ name, privateKey: developmentKey }));

const workload = uniformWorkload(["transfer"], { amount: "1 SYS" });

/** Every account that is asked for is like the recorded one of alice. */
async function resolving(options: RecordedNodeOptions & Partial<ResolveOptions> & { account?: object } = {}) {
  const node = await startRecordedNode({
    ...options,
    answerTo: (request) => {
      const special = options.answerTo?.(request) ?? null;
      if (special !== null || request.call !== "get_account") return special;
      const { account_name } = JSON.parse(request.body) as { account_name: string };
      if (account_name === "nosuchacct") return null;
      return answer({ ...recorded("account"), account_name, ...options.account });
    },
  });
  nodes.push(node);
  const network = await describeNetwork({
    ...{ endpoints: [node.endpoint], expectedChainId: null, timeoutMs: 3000, maximumHeadAgeMs: 60_000 },
  });
  const { endpoint } = node;
  return resolveChain({ endpoint, network, accounts, workload, ...pick(options) });
}

function pick({ accounts: given, workload: wanted }: Partial<ResolveOptions>): Partial<ResolveOptions> {
  return { ...(given ? { accounts: given } : {}), ...(wanted ? { workload: wanted } : {}) };
}

function authority(threshold: number, keys: readonly (readonly [string, number])[]) {
  return { threshold, keys: keys.map(([key, weight]) => ({ key, weight })), accounts: [], waits: [] };
}

const publicKey = "EOS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV";
const samePublicKey = "PUB_K1_6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5BoDq63";

test("accounts, token, ABI, limits and the newest call are found", async () => {
  const resolved = await resolving();
  const data = resolved.data as AntelopeData;
  const token = { contract: "eosio.token", symbol: "SYS", precision: 4 };
  expect(data).toMatchObject({
    broadcastCall: "send_transaction2",
    coreToken: token,
    tokens: [token],
    abis: { "eosio.token": { raw: recordedTokenAbi() } },
    accounts: [
      { permission: "active", cpuMicros: null, netBytes: null, ramBytes: null },
      { permission: "active", cpuMicros: null, netBytes: null, ramBytes: null },
    ],
    parameters: {
      minimumTransactionCpuMicros: 100,
      baseTransactionNetBytes: 12,
      maximumTransactionNetBytes: 524_288,
    },
    entries: [{ kind: "transfer", token, minimum: 10_000, maximum: 10_000 }],
  });
  expect(resolved.pools).toEqual([null]);
  expect(resolved.accounts[0]).toEqual({
    ...{ name: "alice", id: "alice", privateKey: developmentKey },
    balances: { SYS: "9987655" },
  });
  // Bob's balance was not recorded, and a node that has none to tell means none.
  expect(resolved.accounts[1]?.balances).toEqual({ SYS: "0" });
});

test.each<[readonly string[], string]>([
  [["send_transaction2"], "send_transaction"],
  [["send_transaction2", "send_transaction"], "push_transaction"],
])("nodes without %j are sent to with %s", async (lacks, call) => {
  expect(((await resolving({ lacks })).data as AntelopeData).broadcastCall).toBe(call);
});

test("a network without any call for transactions is too old", async () => {
  const lacks = ["send_transaction2", "send_transaction", "push_transaction"];
  await expect(resolving({ lacks })).rejects.toMatchObject({ code: "NETWORK_TOO_OLD" });
});

test("missing accounts and strangers' keys are named, and no key is told", async () => {
  const missing = [...accounts, { name: "nosuchacct", privateKey: developmentKey }];
  await expect(resolving({ accounts: missing })).rejects.toMatchObject({
    code: "ACCOUNT_MISSING",
    problems: [{ path: "nosuchacct" }],
  });
  const stranger = [accounts[0] as AccountKey, { name: "bob", privateKey: otherKey }];
  const failure: unknown = await resolving({ accounts: stranger }).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: "ACCOUNT_KEY",
    problems: [{ path: "bob", value: "in none of its permissions" }],
  });
  expect(JSON.stringify(failure)).not.toContain(otherKey);
});

test.each<[string, object[], string | null]>([
  ["the key's newer text", [{ perm_name: "active", required_auth: authority(1, [[samePublicKey, 1]]) }], "active"],
  ["enough weight", [{ perm_name: "active", required_auth: authority(2, [[publicKey, 2]]) }], "active"],
  ["too little weight", [{ perm_name: "active", required_auth: authority(2, [[publicKey, 1]]) }], null],
  [
    "only the owner's",
    [
      { perm_name: "active", required_auth: authority(1, [["PUB_WA_unknown", 1]]) },
      { perm_name: "owner", required_auth: authority(1, [[publicKey, 1]]) },
    ],
    "owner",
  ],
])("a permission with %s", async (_, permissions, wanted) => {
  const resolution = resolving({ account: { permissions } });
  if (wanted === null) await expect(resolution).rejects.toMatchObject({ code: "ACCOUNT_KEY" });
  else expect(((await resolution).data as AntelopeData).accounts[0]?.permission).toBe(wanted);
});

test("limits of accounts are told, and accounts without any CPU or NET are refused with a hint", async () => {
  const limit = (available: number | string) => ({ used: 1, available, max: 100_000 });
  const account = { cpu_limit: limit("5000000000"), net_limit: limit(7000), ram_quota: 9000, ram_usage: 3092 };
  const { data } = await resolving({ account });
  expect((data as AntelopeData).accounts[0]).toEqual({
    ...{ permission: "active", cpuMicros: 5_000_000_000, netBytes: 7000, ramBytes: 5908 },
  });
  await expect(resolving({ account: { cpu_limit: limit(0), net_limit: limit(0) } })).rejects.toMatchObject({
    code: "RESOURCES_MISSING",
    problems: [{ path: "alice", value: "no CPU and no NET left" }, { path: "bob" }],
    hint: expect.stringMatching(/[Ss]take/),
  });
});

test("contracts and tokens that the chain lacks are named", async () => {
  const ofContract = {
    ...workload,
    mix: [{ name: "x", weight: 1, operation: "nosuch::act", parameters: {}, template: {} }],
  };
  await expect(resolving({ workload: ofContract })).rejects.toMatchObject({
    code: "RESOURCES_MISSING",
    problems: [{ path: "nosuch" }],
  });
  const [transfer] = workload.mix;
  const ofToken = { ...workload, mix: [{ ...transfer, parameters: { amount: "1 GOLD" } }] } as Workload;
  await expect(resolving({ workload: ofToken })).rejects.toMatchObject({ code: "RESOURCES_MISSING" });
});
