import type { DevnetConfig, DevnetConfigInput } from "../shared/devnet/config.ts";
import { AppError, type Problem } from "../shared/errors/app-error.ts";
import { BitsharesNetwork } from "./bitshares/bitshares-network.ts";
import { bitsharesProblems } from "./bitshares/genesis-problems.ts";
import { NodeServer } from "./bitshares/rpc/node-server.ts";
import { defaultConfig } from "./default-config.ts";
import type { ClientDoor, ObservedNetwork } from "./network/observed-network.ts";
import type { Scheduler } from "./network/scheduler.ts";

interface EmbeddedNetwork {
  readonly network: ObservedNetwork;
  readonly openDoor: (node: number) => ClientDoor;
}

interface EmbeddedChain<Config> {
  /** What is started without a configuration. */
  readonly defaultConfig: DevnetConfigInput;
  /** What the shape of a configuration alone does not show. */
  problems(config: Config): readonly Problem[];
  create(config: Config, scheduler: Scheduler, startWallMillis: number): EmbeddedNetwork;
}

type EmbeddedChains = {
  readonly [Chain in DevnetConfig["chain"]]?: EmbeddedChain<Extract<DevnetConfig, { chain: Chain }>>;
};

export const embeddedChains: EmbeddedChains = {
  bitshares: {
    defaultConfig,
    problems: bitsharesProblems,
    create(config, scheduler, startWallMillis) {
      const network = new BitsharesNetwork(config, scheduler, startWallMillis);
      return { network, openDoor: (node) => new NodeServer(network, network.nodes[node]!) };
    },
  },
};

/** The entry that belongs to the configuration, which the types do not know to be of the same chain. */
export function embeddedChain({ chain }: DevnetConfig): EmbeddedChain<DevnetConfig> {
  const found = embeddedChains[chain] as EmbeddedChain<DevnetConfig> | undefined;
  if (found === undefined) throw new AppError("CONFIGURATION_INVALID", `there is no embedded ${chain} network`);
  return found;
}
