import type { Workload } from "../../scenario/scenario.ts";
import type { PrepareContext } from "../driver.ts";
import { derivedPrivateKey } from "../signing/derived-key.ts";
import { type Asset, type BitsharesData, type EntryData, poolOf } from "./chain-data.ts";
import { toWif } from "./keys.ts";

/** Stands for a resolved network where none is needed: for the benchmarks and the tests of signing. */
export interface SampleOptions {
  readonly accounts?: number;
  readonly entries?: readonly EntryData[];
  readonly operationsPerTransaction?: Workload["operationsPerTransaction"];
  readonly seed?: number;
  readonly transactions?: number;
}

export const sampleCoreAsset: Asset = { symbol: "BTS", instance: 0, precision: 5 };
export const sampleOtherAsset: Asset = { symbol: "STRESS", instance: 1, precision: 5 };

export const sampleTransfer: EntryData = {
  kind: "transfer",
  fee: 2_000_000,
  asset: sampleCoreAsset,
  minimum: 100_000,
  maximum: 10_000_000,
};

export function createSampleContext(options: SampleOptions = {}): PrepareContext {
  const count = options.accounts ?? 100;
  const entries = options.entries ?? [sampleTransfer];
  const assets = [sampleCoreAsset, sampleOtherAsset];
  const data: BitsharesData = { coreAsset: sampleCoreAsset, assets, entries };
  const operationOf = (entry: EntryData): string => ("operation" in entry ? entry.operation : entry.kind);
  const chainId = "c92215effd677662c23283ad2d4012b31679e15990e05b88b91fe4a9ec3a8926";
  return {
    chain: "bitshares",
    seed: options.seed ?? 1,
    network: {
      chain: "bitshares",
      chainId,
      nodes: [{ name: "node-1", endpoint: "ws://127.0.0.1:1", headNumber: 118, version: null }],
      blockIntervalMs: 1000,
      maximumBlockBytes: 2_000_000,
      maximumTransactionBytes: 1_000_000,
      maximumLifetimeSeconds: 86_400,
      referenceWindowBlocks: 65_536,
      producers: 11,
      coreSymbol: "BTS",
      blockLimits: {},
      headNumber: 118,
      irreversibleNumber: 107,
      headTimeMs: Date.parse("2026-11-21T00:39:30Z"),
      facts: {},
    },
    workload: {
      operationsPerTransaction: options.operationsPerTransaction ?? { kind: "fixed", count: 1 },
      mix: entries.map((entry, i) => ({
        name: `${operationOf(entry)}-${i}`,
        weight: 1,
        operation: operationOf(entry),
        parameters: {},
        template: entry.kind === "template" ? {} : null,
      })),
      route: { kind: "equal" },
      popularity: { kind: "uniform" },
    },
    resolved: {
      accounts: Array.from({ length: count }, (_, i) => ({
        name: `stress-${i}`,
        id: `1.2.${i + 18}`,
        privateKey: toWif(derivedPrivateKey("sample", i)),
        balances: { BTS: "1000000000000" },
      })),
      pools: entries.map(poolOf),
      data,
    },
    reference: {
      blockNumber: 107,
      blockId: "0000006b13a8aa19921c0c4925963ded20a2c2dc",
      chainTimeMs: Date.parse("2026-11-21T00:39:30Z"),
    },
    transactions: options.transactions,
  };
}
