import type { ChainDriver, NetworkDescription, ResolvedChain } from "../../../shared/chains/driver.ts";
import { fakeCatalogues } from "../../../shared/scenario/fake-catalogues.ts";

export interface FakeDriverOptions {
  readonly network?: Partial<NetworkDescription>;
  readonly pools?: ResolvedChain["pools"];
  /** Smallest units that the accounts have. */
  readonly available?: string;
  readonly shortAccounts?: readonly string[];
  readonly transactionBytes?: number;
}

/** A chain that exists in memory only; what a plan asks of it is answered, all else is an error. */
export function createFakeDriver(options: FakeDriverOptions = {}): ChainDriver {
  const catalogue = fakeCatalogues.catalogueOf("bitshares");
  if (catalogue === null) throw new Error("the fake catalogue has no bitshares");
  const packedBytes = options.transactionBytes ?? 150;
  const notForPlans = (): never => {
    throw new Error("a plan must not do this");
  };
  return {
    chain: "bitshares",
    vocabulary: { operation: "operation", operations: "operations", producer: "witness", blockUsage: [] },
    operations: catalogue,
    nodeProtocols: ["ws"],
    mainNetworks: new Map(),
    defaultConnectionsPerNode: 4,
    describe: ({ endpoints }) =>
      Promise.resolve({
        chain: "bitshares",
        chainId: "ab".repeat(32),
        nodes: endpoints.map((endpoint, i) => ({ name: `node-${i + 1}`, endpoint, headNumber: 120, version: null })),
        blockIntervalMs: 3000,
        maximumBlockBytes: 2_000_000,
        maximumTransactionBytes: 65_536,
        maximumLifetimeSeconds: 86_400,
        referenceWindowBlocks: 65_536,
        producers: 11,
        coreSymbol: "BTS",
        blockLimits: {},
        headNumber: 120,
        irreversibleNumber: 110,
        headTimeMs: 1_800_000_000_000,
        facts: {},
        ...options.network,
      }),
    resolve: ({ accounts, workload }) =>
      Promise.resolve({
        accounts: accounts.map(({ name, privateKey }, i) => ({ name, id: `1.2.${i}`, privateKey, balances: {} })),
        pools: options.pools ?? workload.mix.map(() => null),
        data: {},
      }),
    reference: () => Promise.resolve({ blockNumber: 110, blockId: "00".repeat(20), chainTimeMs: 1_800_000_000_000 }),
    cost: (_resolved, _workload, counts) => ({
      lines: [
        {
          asset: "BTS",
          precision: 5,
          needed: String(counts.reduce((sum, count) => sum + count, 0) * 2_000_000),
          available: options.available ?? "100000000000000",
        },
      ],
      shortAccounts: options.shortAccounts ?? [],
    }),
    createPreparer: () => ({
      typicalBodyBytes: 400,
      prepare(request, target, offset, prepared) {
        if (offset + 400 > target.length) return false;
        prepared.bodyBytes = 400;
        prepared.packedBytes = packedBytes * request.operations;
        return true;
      },
      complete: () => undefined,
    }),
    openBroadcaster: notForPlans,
    follow: notForPlans,
    embeddedGenesis: notForPlans,
  };
}
