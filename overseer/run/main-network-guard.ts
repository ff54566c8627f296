import type { ChainDriver } from "../../shared/chains/driver.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Scenario } from "../../shared/scenario/scenario.ts";

/**
 * Public main networks belong to others: load on one is refused unless the scenario and the command line both name its
 * chain id, so that neither a copied file nor a slip of the hand is enough.
 */
export function refuseMainNetwork(
  driver: ChainDriver,
  chainId: string,
  scenario: Scenario,
  allowedChainId: string | null,
): void {
  const name = driver.mainNetworks.get(chainId);
  if (name === undefined) return;
  const named = scenario.network.kind === "endpoints" && scenario.network.chainId === chainId;
  if (named && allowedChainId === chainId) return;
  throw new AppError("MAIN_NETWORK", `the endpoints belong to ${name}, a public main network (chain id ${chainId})`, {
    hint: `to load it all the same, with the consent of those who run it, name the chain id in the scenario (network.chainId) and on the command line (--allow-main-network ${chainId})`,
  });
}
