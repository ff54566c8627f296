import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Abi } from "../abi.ts";
import { surveyChain } from "../setup/survey-chain.ts";
import { EmptyChain } from "../testing/empty-chain.ts";
import { type BootPlan, bootNetwork } from "./boot-network.ts";
import { laterFeatures, preactivateFeature } from "./protocol-features.ts";

/** The published contracts' actions that setting a network up makes use of; a contract's own file is anybody's to get. */
const nativeActions = {
  setcode: { account: "name", vmtype: "uint8", vmversion: "uint8", code: "bytes" },
  setabi: { account: "name", abi: "bytes" },
  newaccount: { creator: "name", name: "name", owner: "authority", active: "authority" },
};
const authorities = {
  authority: { threshold: "uint32", keys: "key_weight[]", accounts: "level_weight[]", waits: "wait_weight[]" },
  key_weight: { key: "public_key", weight: "uint16" },
  level: { actor: "name", permission: "name" },
  level_weight: { permission: "level", weight: "uint16" },
  wait_weight: { wait_sec: "uint32", weight: "uint16" },
};
const interfaces: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  "eosio.boot": { ...nativeActions, activate: { feature_digest: "checksum256" } },
  "eosio.bios": { ...nativeActions, setprods: { schedule: "producer[]" } },
  "eosio.token": {
    create: { issuer: "name", maximum_supply: "asset" },
    issue: { to: "name", quantity: "asset", memo: "string" },
    transfer: { from: "name", to: "name", quantity: "asset", memo: "string" },
  },
  "eosio.system": {
    ...nativeActions,
    init: { version: "varuint32", core: "symbol" },
    buyram: { payer: "name", receiver: "name", quant: "asset" },
    delegatebw: {
      ...{ from: "name", receiver: "name", stake_net_quantity: "asset", stake_cpu_quantity: "asset" },
      transfer: "bool",
    },
  },
};

function abiOf(contract: string): Abi {
  const actions = interfaces[contract] ?? {};
  const others = {
    ...authorities,
    producer: { producer_name: "name", authority: "block_signing" },
    block_signing_authority_v0: { threshold: "uint32", keys: "key_weight[]" },
  };
  const structs = Object.entries({ ...actions, ...others }).map(([name, fields]) => {
    return { name, base: "", fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })) };
  });
  return {
    version: "eosio::abi/1.2",
    types: [],
    structs,
    actions: Object.keys(actions).map((name) => ({ name, type: name, ricardian_contract: "" })),
    tables: [],
    ricardian_clauses: [],
    error_messages: [],
    abi_extensions: [],
    variants: [{ name: "block_signing", types: ["block_signing_authority_v0"] }],
  };
}

const publicKey = "EOS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV";
const plan: BootPlan = {
  producers: Array.from({ length: 20 }, (_, i) => {
    return { name: `producer${"abcdefghijklmnopqrst"[i]}`, publicKey };
  }),
  core: { symbol: "EOS", precision: 4 },
};
const chainId = "12".repeat(32);
const privateKey = "5KQwrPbwdL6PhXujxW37FSSQZ1JiwsST4cqQzDeyXtP79zkvFD3";

let chain: EmptyChain;
let endpoint: string;

beforeEach(async () => {
  chain = new EmptyChain(chainId, abiOf("eosio.boot"), publicKey);
  endpoint = await chain.start();
});

afterEach(() => chain.stop());

function boot(changes: Partial<Parameters<typeof bootNetwork>[0]> = {}): Promise<void> {
  return bootNetwork({
    ...{ endpoint, chainId, bootPlan: plan },
    funder: { name: "eosio", privateKey },
    readAsset: (name) => {
      const contract = name.replace(/\.(wasm|abi)$/, "");
      return Promise.resolve(
        Buffer.from(name.endsWith(".abi") ? JSON.stringify(abiOf(contract)) : `code of ${contract}`),
      );
    },
    signal: new AbortController().signal,
    tell: () => undefined,
    ...changes,
  });
}

describe("an Antelope network", () => {
  test("comes from nothing to one on which accounts can be made, in an order that a node takes", async () => {
    await boot();
    expect([...chain.features].sort()).toEqual([preactivateFeature, ...laterFeatures].sort());
    expect(chain.producers).toEqual(plan.producers.map(({ name }) => name));
    for (const name of ["eosio.token", "eosio.ram", ...chain.producers]) expect(chain.accounts).toContain(name);
    const order = chain.actions.map(({ account, name }) => `${account}::${name}`);
    const firsts = ["eosio::activate", "eosio::newaccount", "eosio.token::issue", "eosio::setprods", "eosio::init"];
    const positions = firsts.map((action) => order.indexOf(action));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(Math.min(...positions)).toBeGreaterThanOrEqual(0);
  });

  test("gives its own account a billion core tokens, and may make more of them", async () => {
    await boot();
    const [created, issued] = ["create", "issue"].map((action) => chain.actions.find(({ name }) => name === action));
    expect(created).toMatchObject({ actor: "eosio.token", fields: { maximum_supply: "461168601842738.7903 EOS" } });
    expect(issued).toMatchObject({ actor: "eosio", fields: { to: "eosio", quantity: "1000000000.0000 EOS" } });
  });

  test("gives its own account all there can be of a token whose decimals leave no room for a billion", async () => {
    await boot({ bootPlan: { ...plan, core: { symbol: "EOS", precision: 18 } } });
    expect(chain.tokens.get("EOS")).toBe("4.611686018427387903 EOS");
  });

  test("lets its own account pay for what a scenario needs, and make what there is not enough of", async () => {
    await boot();
    const survey = await surveyChain({
      endpoint,
      network: {
        ...{ chainId, nodes: [{ endpoint }], headNumber: 10, headTimeMs: 0 },
        ...{ maximumTransactionBytes: 524_288, maximumBlockBytes: 1_048_576 },
      },
      funder: { name: "eosio", privateKey },
      accounts: ["stress1aaaaa", "stress1aaaab"].map((name) => ({ name, privateKey })),
      wanted: {
        ...{ prefix: "stress1", balances: ["900000000 EOS"] },
        resources: { ram: "64 KiB", cpu: "100 EOS", net: "100 EOS" },
      },
      workload: {
        operationsPerTransaction: { kind: "fixed", count: 1 },
        mix: [
          { name: "transfer", weight: 1, operation: "transfer", parameters: {}, template: null },
          { name: "stress", weight: 1, operation: "transfer", parameters: { amount: "1..5 STRESS" }, template: null },
        ],
        route: { kind: "equal" },
        popularity: { kind: "uniform" },
      },
      poolNeeds: [10, 10],
    });
    expect(survey.stages.map(({ name, steps }) => [name, steps])).toEqual([
      ["create tokens", 1],
      ["issue tokens", 2],
      ["register accounts with RAM and stakes", 2],
      ["fund accounts", 4],
    ]);
    for (const { needed, available } of survey.funds) expect(BigInt(needed)).toBeLessThanOrEqual(BigInt(available));
    expect(survey.outlook.shortages).toEqual([]);
  });

  test("is left alone when it is there already", async () => {
    await boot();
    const before = chain.actions.length;
    await boot();
    expect(chain.actions).toHaveLength(before);
  });

  test("goes on where it stopped", async () => {
    await boot();
    for (const { name } of plan.producers.slice(5, 9)) chain.accounts.delete(name);
    const before = chain.actions.length;
    await boot();
    expect(chain.actions.slice(before).filter(({ name }) => name === "newaccount")).toHaveLength(4);
  });

  test("is not touched when it is another", async () => {
    await expect(boot({ chainId: "34".repeat(32) })).rejects.toMatchObject({ code: "NETWORK_MISMATCH" });
    expect(chain.actions).toEqual([]);
  });

  test("needs the published contracts", async () => {
    await expect(boot({ readAsset: () => Promise.resolve(null) })).rejects.toMatchObject({ code: "USAGE" });
  });
});
