import { describe, expect, test } from "@jest/globals";
import type { FoundingOptions } from "../../node-networks.ts";
import { antelopeNodes } from "./antelope-nodes.ts";
import { type AntelopeGenesis, chainIdOf } from "./genesis.ts";

const node = (name: string, role: "producer" | "backup" | "full", ...peers: string[]) => ({ name, role, peers });

function founding(changes: Partial<FoundingOptions> = {}): FoundingOptions {
  return {
    nodes: [
      node("producer-1", "producer"),
      node("producer-2", "producer", "producer-1:9876"),
      node("backup-1", "backup", "producer-1:9876"),
      node("full-1", "full", "producer-1:9876", "producer-2:9876"),
    ],
    accounts: { count: 3, balance: "1000 EOS" },
    settings: { producers: 3, blockIntervalMs: 500, transactionStatus: true },
    parameters: {
      ...{ maximumTransactionBytes: 524_288, maximumBlockBytes: 1_048_576, maximumLifetimeSeconds: 3600 },
      ...{ maximumTransactionCpuMicros: 150_000, maximumBlockCpuMicros: 200_000, minimumTransactionCpuMicros: 100 },
    },
    secret: "of this test",
    nowMs: Date.UTC(2026, 0, 1, 12, 0, 0, 700),
    ...changes,
  };
}

function fileOf(name: string, file: string): string {
  const { files } = antelopeNodes.found(founding());
  return files.find((one) => one.node === name && one.name === file)?.content ?? "";
}

describe("the genesis of a network of nodeos", () => {
  test("its hash is the chain's id: the main network's is known to everybody", () => {
    const mainNetwork: AntelopeGenesis = {
      initial_timestamp: "2018-06-08T08:08:08.888",
      initial_key: "EOS7EarnUhcyYqmdnPon8rm7mBCTnBoot6o7fE2WzjvEX2TdggbL3",
      initial_configuration: {
        ...{ max_block_net_usage: 1_048_576, target_block_net_usage_pct: 1000, max_transaction_net_usage: 524_288 },
        ...{ base_per_transaction_net_usage: 12, net_usage_leeway: 500, context_free_discount_net_usage_num: 20 },
        ...{ context_free_discount_net_usage_den: 100, max_block_cpu_usage: 200_000, target_block_cpu_usage_pct: 1000 },
        ...{ max_transaction_cpu_usage: 150_000, min_transaction_cpu_usage: 100, max_transaction_lifetime: 3600 },
        ...{ deferred_trx_expiration_window: 600, max_transaction_delay: 3_888_000, max_inline_action_size: 4096 },
        ...{ max_inline_action_depth: 4, max_authority_depth: 6 },
      },
    };
    expect(chainIdOf(mainNetwork)).toBe("aca376f206b8fc25a6ed44dbdc66547c36c6c33e3a119ffbeaef943642f0e906");
  });

  test("begins at a half second, is the same for every node, and has the scenario's sizes", () => {
    const { files, chainId } = antelopeNodes.found(founding());
    const texts = files.filter(({ name }) => name === "genesis.json").map(({ content }) => content);
    expect(new Set(texts).size).toBe(1);
    const genesis = JSON.parse(texts[0] as string) as AntelopeGenesis;
    expect(chainIdOf(genesis)).toBe(chainId);
    expect(genesis.initial_timestamp).toBe("2026-01-01T12:00:00.500");
    expect(genesis.initial_configuration).toMatchObject({
      max_block_cpu_usage: 200_000,
      max_block_net_usage: 1_048_576,
    });
  });
});

describe("what nodes are told", () => {
  const producersIn = (text: string) => [...text.matchAll(/producer-name = (.*)/g)].map(([, name]) => name);

  test("each producer makes blocks at one node; the first also those before the producers are set", () => {
    expect(producersIn(fileOf("producer-1", "config.ini"))).toEqual(["eosio", "producera", "producerc"]);
    expect(producersIn(fileOf("producer-2", "config.ini"))).toEqual(["producerb"]);
    expect(producersIn(fileOf("full-1", "config.ini"))).toEqual([]);
  });

  test("a backup has the first one's producers, and makes no blocks until it is told to", () => {
    const backup = fileOf("backup-1", "config.ini");
    expect(producersIn(backup)).toEqual(["producera", "producerc"]);
    expect(backup).toContain("pause-on-startup = true\n");
  });

  test("nodes that serve clients have neither keys nor a producer's API", () => {
    const full = fileOf("full-1", "config.ini");
    expect(full).not.toMatch(/signature-provider|producer_api/);
    expect(full).toContain("http-server-address = 0.0.0.0:8888\n");
    expect(fileOf("producer-2", "config.ini")).toContain("http-server-address = 127.0.0.1:8888\n");
  });
});

test("the core token is the one that the balance is written in, and accounts have stakes of it", () => {
  const { bootPlan, create } = antelopeNodes.found(founding({ accounts: { count: 3, balance: "1.00000 TLOS" } }));
  expect(bootPlan).toMatchObject({ core: { symbol: "TLOS", precision: 5 } });
  expect(create.resources).toMatchObject({ cpu: "100 TLOS", net: "100 TLOS" });
});

test("what the program would refuse is refused before", () => {
  const settings = { producers: 22, blockIntervalMs: 1000 };
  expect(() => antelopeNodes.found(founding({ settings, accounts: { count: 3, balance: "2 BTS/s" } }))).toThrow(
    expect.objectContaining({
      code: "PLAN_IMPOSSIBLE",
      problems: [
        expect.objectContaining({ path: "accounts.balance" }),
        expect.objectContaining({ path: "network.embedded.producers", value: "22" }),
        expect.objectContaining({ path: "network.embedded.blockInterval" }),
      ],
    }),
  );
});
