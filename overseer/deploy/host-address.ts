import type Docker from "dockerode";
import { asking } from "./engine.ts";

/** Under which the containers of an engine's network reach the engine's own machine; null: they do not. */
export async function hostAddressIn(engine: Docker, network: string): Promise<string | null> {
  const { IPAM } = (await asking(`cannot look at ${network}`, engine.getNetwork(network).inspect())) as {
    readonly IPAM?: { readonly Config?: readonly { readonly Gateway?: string; readonly Subnet?: string }[] };
  };
  const [first] = IPAM?.Config ?? [];
  return first?.Gateway ?? first?.Subnet?.replace(/\.\d+\/\d+$/, ".1") ?? null;
}
