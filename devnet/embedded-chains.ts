import type { DevnetConfig, DevnetConfigInput } from "../shared/devnet/config.ts";
import type { Problem } from "../shared/errors/app-error.ts";
import { AntelopeNetwork } from "./antelope/antelope-network.ts";
import { antelopeProblems } from "./antelope/genesis-problems.ts";
import { NodeServer as AntelopeServer } from "./antelope/rpc/node-server.ts";
import { BitsharesNetwork } from "./bitshares/bitshares-network.ts";
import { bitsharesProblems } from "./bitshares/genesis-problems.ts";
import { NodeServer as BitsharesServer } from "./bitshares/rpc/node-server.ts";
import { defaultAntelopeConfig, defaultConfig } from "./default-config.ts";
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
  readonly [Chain in DevnetConfig["chain"]]: EmbeddedChain<Extract<DevnetConfig, { chain: Chain }>>;
};

export const embeddedChains: EmbeddedChains = {
  bitshares: {
    defaultConfig,
    problems: bitsharesProblems,
    create(config, scheduler, startWallMillis) {
      const network = new BitsharesNetwork(config, scheduler, startWallMillis);
      return { network, openDoor: (node) => new BitsharesServer(network, network.nodes[node]!) };
    },
  },
  antelope: {
    defaultConfig: defaultAntelopeConfig,
    problems: antelopeProblems,
    create(config, scheduler, startWallMillis) {
      const network = new AntelopeNetwork(config, scheduler, startWallMillis);
      return { network, openDoor: (node) => new AntelopeServer(network, network.nodes[node]!, config) };
    },
  },
};

/** The entry that belongs to the configuration, which the types do not know to be of the same chain. */
export function embeddedChain({ chain }: DevnetConfig): EmbeddedChain<DevnetConfig> {
  return embeddedChains[chain] as EmbeddedChain<DevnetConfig>;
}
