import { expect, test } from "@jest/globals";
import { isAppError, type Problem } from "../shared/errors/app-error.ts";
import { defaultConfig, developmentKey } from "./default-config.ts";
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
    network: { partitions: [{ atMs: 0, forMs: 1, nodes: [3] }] },
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
      "network.partitions[0].nodes",
      "nodes",
    ].sort(),
  );
});
