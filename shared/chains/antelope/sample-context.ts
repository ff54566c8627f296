import type { Workload } from "../../scenario/scenario.ts";
import { toLetters } from "../../workload/letters.ts";
import type { PrepareContext } from "../driver.ts";
import { derivedPrivateKey } from "../signing/derived-key.ts";
import type { AntelopeData, EntryData, Token } from "./chain-data.ts";
import { toPrivateKeyText } from "./keys.ts";

/** Stands for a resolved network where none is needed: for the benchmarks and the tests of signing. */
export interface SampleOptions {
  readonly accounts?: number;
  readonly entries?: readonly EntryData[];
  readonly operationsPerTransaction?: Workload["operationsPerTransaction"];
  readonly seed?: number;
  readonly transactions?: number;
  readonly data?: Partial<AntelopeData>;
}

export const sampleToken: Token = { contract: "eosio.token", symbol: "EOS", precision: 4 };

export const sampleTransfer: EntryData = {
  kind: "transfer",
  token: sampleToken,
  minimum: 1,
  maximum: 100_000,
  minimumMemo: 0,
  maximumMemo: 0,
};

export function createSampleContext(options: SampleOptions = {}): PrepareContext {
  const count = options.accounts ?? 100;
  const entries = options.entries ?? [sampleTransfer];
  const unlimited = { permission: "active", cpuMicros: null, netBytes: null, ramBytes: null };
  const data: AntelopeData = {
    broadcastCall: "send_transaction2",
    coreToken: sampleToken,
    tokens: [sampleToken],
    abis: {},
    accounts: Array.from({ length: count }, () => unlimited),
    parameters: {
      minimumTransactionCpuMicros: 100,
      baseTransactionNetBytes: 12,
      maximumTransactionNetBytes: 524_288,
    },
    entries,
    ...options.data,
  };
  const operationOf = (entry: EntryData): string =>
    entry.kind === "transfer" ? "transfer" : `${entry.contract}::${entry.action}`;
  return {
    chain: "antelope",
    seed: options.seed ?? 1,
    network: sampleNetwork,
    workload: {
      operationsPerTransaction: options.operationsPerTransaction ?? { kind: "fixed", count: 1 },
      mix: entries.map((entry, i) => ({
        name: `${operationOf(entry)}-${i}`,
        weight: 1,
        operation: operationOf(entry),
        parameters: {},
        template: entry.kind === "transfer" ? null : {},
      })),
      route: { kind: "equal" },
      popularity: { kind: "uniform" },
    },
    resolved: {
      accounts: Array.from({ length: count }, (_, i) => sampleAccount(i)),
      pools: entries.map(() => null),
      data,
    },
    reference: {
      blockNumber: 12,
      blockId: "0000000c20303ea35d4e38e9262f5171135cf4f55479e9369b1e193e0532f5a9",
      chainTimeMs: Date.parse("2026-11-21T00:52:30Z"),
    },
    transactions: options.transactions,
  };
}

const sampleNetwork: PrepareContext["network"] = {
  chain: "antelope",
  chainId: "8a34ec7df1b8cd06ff4a8abbaa7cc50300823350cadc59ab296cb00d104d2b8f",
  nodes: [{ name: "node-1", endpoint: "http://127.0.0.1:1", headNumber: 13, version: null }],
  blockIntervalMs: 500,
  maximumBlockBytes: 1_048_576,
  maximumTransactionBytes: 524_288,
  maximumLifetimeSeconds: 3600,
  referenceWindowBlocks: 65_536,
  producers: 1,
  coreSymbol: "EOS",
  blockLimits: { cpu: 200_000, net: 1_048_576 },
  headNumber: 13,
  irreversibleNumber: 12,
  headTimeMs: Date.parse("2026-11-21T00:52:30Z"),
  facts: {},
};

function sampleAccount(index: number): PrepareContext["resolved"]["accounts"][number] {
  const name = `sample1${toLetters(index, 5)}`;
  return {
    name,
    id: name,
    privateKey: toPrivateKeyText(derivedPrivateKey("sample", index)),
    balances: { EOS: "10000000000" },
  };
}
