import { type AntelopeDevnetConfig, antelopeDevnetSchema } from "../../shared/devnet/config.ts";
import { developmentKey } from "../default-config.ts";

/**
 * The genesis of the network that the recorded exchanges of Antelope come from: one producer, alice and bob with SYS.
 * `bob` may be given limits, as the recorded one was before the exchanges that need them.
 */
export function recordedAntelopeNetwork(
  change: { readonly bob?: object; readonly nodes?: number; readonly network?: object } = {},
): AntelopeDevnetConfig {
  const { antelopePublicKey } = developmentKey;
  return antelopeDevnetSchema.parse({
    chain: "antelope",
    ports: new Array<number>(change.nodes ?? 1).fill(0),
    producers: 1,
    genesis: {
      accounts: [
        { name: "alice", publicKey: antelopePublicKey, balances: { SYS: "9987655" } },
        { name: "bob", publicKey: antelopePublicKey, balances: { SYS: "10000" }, ...change.bob },
        // Whoever held the rest does not come up in the exchanges; the whole supply was there.
        { name: "treasury", publicKey: antelopePublicKey, balances: { SYS: "9999990002345" } },
      ],
      tokens: [{ symbol: "SYS", precision: 4, maxSupply: "10000000000000" }],
    },
    ...change.network,
  });
}
