import { describe, expect, test } from "@jest/globals";
import { burnerAbi, burnerAccount } from "../../devnet/burner-abi.ts";
import { antelopeDevnetSchema } from "../../devnet/config.ts";
import { parseTemplate } from "../../workload/placeholders.ts";
import { encodeAbi } from "./abi.ts";
import type { EntryData } from "./chain-data.ts";
import { embeddedGenesis } from "./embedded-genesis.ts";
import { estimateCost } from "./estimate-cost.ts";
import { privateKeyBytes, publicKeyText } from "./keys.ts";
import { isName } from "./names.ts";
import { billedNetBytes } from "./network-usage.ts";
import { createSampleContext, sampleToken, sampleTransfer } from "./sample-context.ts";
import { recordedExchanges } from "./testing/recorded-exchanges.ts";

const abis = { [burnerAccount]: { raw: Buffer.from(encodeAbi(burnerAbi)).toString("hex") } };
const parameters = {
  minimumTransactionCpuMicros: 100,
  baseTransactionNetBytes: 12,
  maximumTransactionNetBytes: 524_288,
};

function burner(action: string, template: object): EntryData {
  const { node } = parseTemplate(template);
  return { kind: "action", contract: burnerAccount, action, actor: null, permission: null, node, tokens: [] };
}

const cpu = burner("cpu", {
  owner: { $account: "sender" },
  nonce: { $counter: true },
  micros: { $integer: [500, 1500] },
});
const ram = burner("ram", { owner: { $account: "sender" }, nonce: { $counter: true }, bytes: 100 });

test("NET is what a real node billed", () => {
  const billed = recordedExchanges("broadcast").filter(({ name }) => name.startsWith("accepted"));
  expect(billed.length).toBeGreaterThan(3);
  for (const { send, receive } of billed) {
    const body = JSON.parse(send) as { packed_trx?: string; transaction?: { packed_trx: string } };
    const packed = (body.transaction?.packed_trx ?? body.packed_trx ?? "").length / 2;
    const { processed } = JSON.parse(receive) as { processed: { net_usage: number } };
    expect(billedNetBytes(packed, parameters)).toBe(processed.net_usage);
  }
});

describe("cost", () => {
  test("transfers need a share of tokens that goes around, and nothing of accounts without limits", () => {
    const { resolved, workload } = createSampleContext({ accounts: 10 });
    const { lines, shortAccounts } = estimateCost(resolved, workload, [100_000]);
    expect(lines.map(({ asset, precision }) => [asset, precision])).toEqual([["EOS", 4]]);
    // Of 10,000 of 1 to 10 EOS each, chance may take some hundreds away at once.
    expect(Number(lines[0]?.needed) / (100_000 * 10)).toBeGreaterThan(300);
    expect(Number(lines[0]?.needed) / (100_000 * 10)).toBeLessThan(600);
    expect(lines[0]?.available).toBe("100000000000");
    expect(shortAccounts).toEqual([]);
  });

  test("limited accounts are told when CPU, NET or RAM will not do", () => {
    const limited = { permission: "active", cpuMicros: 5_000_000, netBytes: 1_000_000, ramBytes: 50_000 };
    const unlimited = { permission: "active", cpuMicros: null, netBytes: null, ramBytes: null };
    const accounts = [limited, unlimited, { ...limited, cpuMicros: 10 }, { ...limited, ramBytes: 500_000 }];
    const context = createSampleContext({ accounts: 4, entries: [cpu, ram], data: { abis, accounts } });
    const { lines, shortAccounts } = estimateCost(context.resolved, context.workload, [4000, 4000]);
    const byAsset = new Map(lines.map((line) => [line.asset, line]));
    expect([...byAsset.keys()]).toEqual(["CPU µs", "NET bytes", "RAM bytes"]);
    const perAccount = (asset: string): number => Number(byAsset.get(asset)?.needed) / 3;
    // 2,000 transactions of at least 100 µs, and 1,000 that burn 1,000 µs on average.
    expect(perAccount("CPU µs")).toBeGreaterThan(1_200_000);
    expect(perAccount("CPU µs")).toBeLessThan(1_450_000);
    // 1,000 of 100 bytes on average.
    expect(perAccount("RAM bytes")).toBeGreaterThan(110_000);
    expect(perAccount("RAM bytes")).toBeLessThan(120_000);
    expect(perAccount("NET bytes")).toBeGreaterThan(2000 * 100);
    expect(perAccount("NET bytes")).toBeLessThan(2000 * 160);
    expect(byAsset.get("CPU µs")?.available).toBe("10000010");
    const names = context.resolved.accounts.map((account) => account.name);
    expect(shortAccounts).toEqual([names[0], names[2]]);
  });

  test("what is staked for good is counted in full", () => {
    const fields = { stake_net_quantity: { $asset: "1 EOS" }, stake_cpu_quantity: { $asset: "2..4 EOS" } };
    const { node } = parseTemplate(fields);
    const entry: EntryData = {
      kind: "action",
      contract: "eosio",
      action: "delegatebw",
      actor: null,
      permission: null,
      node,
      tokens: [sampleToken],
    };
    const struct = {
      name: "delegatebw",
      base: "",
      fields: Object.keys(fields).map((name) => ({ name, type: "asset" })),
    };
    const actions = [{ name: "delegatebw", type: "delegatebw", ricardian_contract: "" }];
    const raw = Buffer.from(encodeAbi({ version: "eosio::abi/1.1", structs: [struct], actions })).toString("hex");
    const context = createSampleContext({ accounts: 2, entries: [entry], data: { abis: { eosio: { raw } } } });
    const { lines } = estimateCost(context.resolved, context.workload, [20_000]);
    expect(Number(lines[0]?.needed) / 10_000).toBeGreaterThanOrEqual(20_000 * 4);
    expect(Number(lines[0]?.needed) / 10_000).toBeLessThan(20_000 * 5);
  });
});

describe("an embedded network's genesis", () => {
  const { workload } = createSampleContext({ entries: [sampleTransfer] });
  const genesisOf = (balance: string, accounts = 30, seed = 1): ReturnType<typeof embeddedGenesis> =>
    embeddedGenesis({ seed, accounts, balance, workload, poolNeeds: [0] });

  test("has valid accounts with keys of their own, the same for the same seed", () => {
    const { accounts, genesis } = genesisOf("1000 EOS");
    expect(accounts.every(({ name }) => isName(name) && name.length === 12)).toBe(true);
    expect(new Set(accounts.map(({ privateKey }) => privateKey)).size).toBe(30);
    expect(genesisOf("1000 EOS")).toEqual({ accounts, genesis });
    expect(genesisOf("1000 EOS", 30, 2).accounts[0]?.privateKey).not.toBe(accounts[0]?.privateKey);
    const checked = antelopeDevnetSchema.parse({ chain: "antelope", ports: [0], genesis }).genesis;
    expect(checked.accounts[3]).toMatchObject({ balances: { EOS: "10000000" }, cpuMicrosPerDay: null });
    const [first] = accounts;
    expect(checked.accounts[0]?.publicKey).toBe(publicKeyText(privateKeyBytes(first?.privateKey ?? "", "first")));
  });

  test("takes the core token and its precision from the balance", () => {
    const tokensOf = (balance: string): unknown => (genesisOf(balance).genesis as { tokens: unknown }).tokens;
    expect(tokensOf("1 TLOS")).toMatchObject([{ symbol: "TLOS", precision: 4 }]);
    expect(tokensOf("1.00000001 WAX")).toMatchObject([{ symbol: "WAX", precision: 8 }]);
    expect(tokensOf("5")).toMatchObject([{ symbol: "EOS", precision: 4 }]);
  });

  test.each(["much", "0 EOS", "1 E.OS", "1 TOOLONGG", "1.0000000000000000001 EOS", "500000000000000 EOS"])(
    "refuses a balance of %s",
    (balance) => {
      expect(() => genesisOf(balance)).toThrow(expect.objectContaining({ code: "PLAN_IMPOSSIBLE" }));
    },
  );
});
