import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Abi } from "../abi.ts";
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
    buyrambytes: { payer: "name", receiver: "name", bytes: "uint32" },
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
  chainId: "12".repeat(32),
  system: { name: "eosio", publicKey, privateKey: "5KQwrPbwdL6PhXujxW37FSSQZ1JiwsST4cqQzDeyXtP79zkvFD3" },
  producers: ["producera", "producerb", "producerc"].map((name) => ({ name, publicKey })),
  accounts: Array.from({ length: 20 }, (_, i) => {
    return { name: `stress1aaaa${"abcdefghijklmnopqrst"[i]}`, publicKey, balances: { EOS: "10000000" } };
  }),
  tokens: [{ symbol: "EOS", precision: 4, maxSupply: "4611686018427387903" }],
};

let chain: EmptyChain;
let endpoint: string;

beforeEach(async () => {
  chain = new EmptyChain(plan.chainId, abiOf("eosio.boot"));
  endpoint = await chain.start();
});

afterEach(() => chain.stop());

function boot(changes: Partial<Parameters<typeof bootNetwork>[0]> = {}): Promise<void> {
  return bootNetwork({
    endpoint,
    bootPlan: plan,
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
  test("comes from nothing to one that runs can use, in an order that a node takes", async () => {
    await boot();
    expect([...chain.features].sort()).toEqual([preactivateFeature, ...laterFeatures].sort());
    expect(chain.producers).toEqual(["producera", "producerb", "producerc"]);
    for (const { name } of [...plan.accounts, ...plan.producers]) expect(chain.accounts).toContain(name);
    const order = chain.actions.map(({ account, name }) => `${account}::${name}`);
    const firsts = ["eosio::activate", "eosio::newaccount", "eosio.token::issue", "eosio::setprods", "eosio::init"];
    const positions = firsts.map((action) => order.indexOf(action));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(Math.min(...positions)).toBeGreaterThanOrEqual(0);
  });

  test("gives each account its balance, memory, and as much of CPU and NET as all others", async () => {
    await boot();
    const fieldsOf = (action: string) =>
      chain.actions.filter(({ name }) => name === action).map(({ fields }) => fields);
    const names = plan.accounts.map(({ name }) => name);
    expect(fieldsOf("transfer").map(({ to, quantity }) => [to, quantity])).toEqual(
      names.map((name) => [name, "1000.0000 EOS"]),
    );
    expect(fieldsOf("buyrambytes").map(({ receiver }) => receiver)).toEqual(names);
    expect(new Set(fieldsOf("delegatebw").map((fields) => fields.stake_cpu_quantity)).size).toBe(1);
    const [issued = ""] = fieldsOf("issue").map(({ quantity }) => String(quantity));
    expect(Number.parseFloat(issued)).toBeGreaterThan(20 * (1000 + 200));
  });

  test("is left alone when it is there already", async () => {
    await boot();
    const before = chain.actions.length;
    await boot();
    expect(chain.actions).toHaveLength(before);
  });

  test("goes on where it stopped", async () => {
    await boot();
    for (const { name } of plan.accounts.slice(5, 9)) chain.accounts.delete(name);
    const before = chain.actions.length;
    await boot();
    expect(chain.actions.slice(before).filter(({ name }) => name === "newaccount")).toHaveLength(4);
  });

  test("is not touched when it is another", async () => {
    const other = { ...plan, chainId: "34".repeat(32) };
    await expect(boot({ bootPlan: other })).rejects.toMatchObject({ code: "NETWORK_MISMATCH" });
    expect(chain.actions).toEqual([]);
  });

  test("needs the published contracts", async () => {
    await expect(boot({ readAsset: () => Promise.resolve(null) })).rejects.toMatchObject({ code: "USAGE" });
  });
});
