import { expect, test } from "@jest/globals";
import { isAppError, type Problem } from "../shared/errors/app-error.ts";
import { defaultAntelopeConfig, defaultConfig, developmentKey } from "./default-config.ts";
import { parseConfig } from "./load-config.ts";

function problemsOf(config: unknown): readonly Problem[] {
  try {
    parseConfig(JSON.stringify(config));
  } catch (error) {
    if (isAppError(error) && error.code === "CONFIGURATION_INVALID") return error.problems;
    throw error;
  }
  return [];
}

const { publicKey } = developmentKey;

test("the default configuration is valid", () => {
  expect(problemsOf(defaultConfig)).toEqual([]);
});

test("names, keys, assets, balances and orders are checked against each other", () => {
  const problems = problemsOf({
    chain: "bitshares",
    ports: [0],
    blockIntervalMs: 1500,
    nodes: [{}, {}],
    network: {
      partitions: [{ atMs: 0, forMs: 1, nodes: [3] }],
      linkDelays: [{ between: [0, 0], ms: 1 }],
    },
    genesis: {
      accounts: [
        { name: "alice-1", publicKey, balances: { NOSUCH: "1", BTS: "1000000000000001" } },
        { name: "alice-1", publicKey: "BTS123" },
        { name: "-bad", publicKey },
        { name: "init3", publicKey },
      ],
      assets: [{ symbol: "GOLD", precision: 2, issuer: "nobody", maxSupply: "1000" }],
      orders: [
        { seller: "alice-1", sell: { symbol: "GOLD", amount: "1" }, receive: { symbol: "BTS", amount: "1" } },
        { seller: "bob", sell: { symbol: "GOLD", amount: "1" }, receive: { symbol: "BTS", amount: "1" } },
      ],
    },
  });
  expect(problems.map(({ path }) => path).sort()).toEqual(
    [
      "genesis.accounts",
      "genesis.accounts[0].balances.NOSUCH",
      "genesis.accounts[1].name",
      "genesis.accounts[1].publicKey",
      "genesis.accounts[2].name",
      "genesis.accounts[3].name",
      "blockIntervalMs",
      "genesis.assets[0].issuer",
      "genesis.orders[0].sell.amount",
      "genesis.orders[1].seller",
      "network.linkDelays[0].between",
      "network.partitions[0].nodes",
      "nodes",
    ].sort(),
  );
});

test("the default configuration of Antelope is valid", () => {
  expect(problemsOf(defaultAntelopeConfig)).toEqual([]);
});

test("accounts, tokens, limits and topology of an Antelope network are checked against each other", () => {
  const { antelopePublicKey } = developmentKey;
  const problems = problemsOf({
    chain: "antelope",
    ports: [0, 0, 0],
    topology: {
      roles: ["producer", "seed"],
      links: [
        [0, 1],
        [1, 5],
        [2, 2],
      ],
    },
    parameters: { maximumTransactionBytes: 2_000_000, maximumTransactionCpuMicros: 300_000 },
    genesis: {
      accounts: [
        { name: "alice", publicKey: antelopePublicKey, balances: { SYS: "600", NONE: "1" } },
        { name: "alice", publicKey: "EOS123", balances: { SYS: "600" } },
        { name: "Not.A.Name", publicKey: antelopePublicKey },
        { name: "eosio.token", publicKey: antelopePublicKey },
        { name: "defproducera", publicKey: antelopePublicKey },
      ],
      tokens: [
        { symbol: "SYS", precision: 4, maxSupply: "1000" },
        { symbol: "SYS", precision: 4, maxSupply: "9223372036854775807" },
      ],
    },
  });
  expect(problems.map(({ path }) => path).sort()).toEqual(
    [
      "genesis.accounts",
      "genesis.accounts[0].balances.NONE",
      "genesis.accounts[1].name",
      "genesis.accounts[1].publicKey",
      "genesis.accounts[2].name",
      "genesis.accounts[3].name",
      "genesis.accounts[4].name",
      "genesis.tokens[1].maxSupply",
      "genesis.tokens[1].symbol",
      "parameters.maximumTransactionBytes",
      "parameters.maximumTransactionCpuMicros",
      "topology.links[1]",
      "topology.links[2]",
      "topology.roles",
      "topology.roles",
    ].sort(),
  );
});

test("a node that no link leads to is found", () => {
  const { antelopePublicKey: key } = developmentKey;
  const problems = problemsOf({
    chain: "antelope",
    ports: [0, 0, 0],
    topology: { roles: ["producer", "full", "full"], links: [[0, 1]] },
    genesis: {
      accounts: [{ name: "alice", publicKey: key }],
      tokens: [{ symbol: "SYS", precision: 4, maxSupply: "1000" }],
    },
  });
  expect(problems.map(({ path }) => path)).toEqual(["topology.links"]);
});
