import { type BitsharesDevnetConfig, bitsharesDevnetSchema } from "../../shared/devnet/config.ts";
import { developmentKey } from "../default-config.ts";

/** Accounts 1.2.17 to 1.2.24 with plenty of BTS (1.3.0) and STRESS (1.3.1). */
export function marketNetwork(
  change: {
    readonly nodes?: number;
    readonly blockIntervalMs?: number;
    readonly network?: object;
    readonly orders?: object[];
    readonly genesis?: object;
  } = {},
): BitsharesDevnetConfig {
  return bitsharesDevnetSchema.parse({
    chain: "bitshares",
    ports: new Array<number>(change.nodes ?? 1).fill(0),
    network: change.network ?? {},
    ...(change.blockIntervalMs === undefined ? {} : { blockIntervalMs: change.blockIntervalMs }),
    genesis: {
      accounts: Array.from({ length: 8 }, (_, index) => ({
        name: `trader-${index}`,
        publicKey: developmentKey.publicKey,
        lifetimeMember: true,
        balances: { BTS: "1000000000000", STRESS: "1000000000000" },
      })),
      assets: [{ symbol: "STRESS", precision: 5, issuer: "trader-0", maxSupply: "1000000000000000" }],
      orders: change.orders ?? [],
      ...change.genesis,
    },
  });
}
