import { type BitsharesDevnetConfig, bitsharesDevnetSchema } from "../../shared/devnet/config.ts";
import { developmentKey } from "../default-config.ts";

/** The genesis of the network that the recorded exchanges come from: nathan and 200 accounts, no asset but the core one. */
export function recordedNetwork(
  overrides: { readonly nodes?: number; readonly seed?: number } = {},
): BitsharesDevnetConfig {
  const { publicKey } = developmentKey;
  return bitsharesDevnetSchema.parse({
    chain: "bitshares",
    seed: overrides.seed ?? 1,
    ports: new Array<number>(overrides.nodes ?? 1).fill(0),
    genesis: {
      accounts: [
        { name: "nathan", publicKey, balances: { BTS: "100000000000000" } },
        ...Array.from({ length: 200 }, (_, index) => ({
          name: `stress-${index}`,
          publicKey,
          balances: { BTS: "1000000000000" },
        })),
      ],
    },
  });
}
