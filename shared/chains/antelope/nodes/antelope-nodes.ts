import { AppError } from "../../../errors/app-error.ts";
import type { FoundedNetwork, FoundingOptions, NodeNetworks } from "../../node-networks.ts";
import { derivedPrivateKey } from "../../signing/derived-key.ts";
import { publicKeyText, toPrivateKeyText } from "../keys.ts";
import { type BootPlan, bootNetwork } from "./boot-network.ts";
import { type ChainSizes, chainIdOf, createGenesis } from "./genesis.ts";
import { clientPort, folder, nodeFiles, type ProducerKey, peerPort, systemAccount } from "./node-files.ts";

/** `max_producers` of the system contract's schedule. */
const mostProducers = 21;

/** Test networks of nodeos. There is no published image: docker/antelope has a Dockerfile that makes this one. */
export const antelopeNodes: NodeNetworks = {
  software: {
    image: "loadstone-spring:1.2.2",
    command: [
      ...["nodeos", "--config-dir", folder, "--data-dir", `${folder}/data`],
      ...["--genesis-json", `${folder}/genesis.json`],
    ],
    healthCheck: [
      "curl",
      "--fail",
      "--silent",
      "--output",
      "/dev/null",
      `http://127.0.0.1:${clientPort}/v1/chain/get_info`,
    ],
    stopSignal: "SIGTERM",
    folder,
    clientPort,
    peerPort,
    clientProtocol: "http",
    bootsThrough: "producer",
  },
  found,
  boot: bootNetwork,
};

interface EmbeddedGenesisFile {
  readonly accounts: readonly {
    readonly name: string;
    readonly publicKey: string;
    readonly balances: Readonly<Record<string, string>>;
  }[];
  readonly tokens: readonly { readonly symbol: string; readonly precision: number; readonly maxSupply: string }[];
}

function found(options: FoundingOptions): FoundedNetwork {
  const { nodes, settings, parameters, secret, nowMs } = options;
  const embedded = options.genesis as EmbeddedGenesisFile;
  refuse(Number(settings.producers), Number(settings.blockIntervalMs));
  const key = (name: string, ...words: (string | number)[]): ProducerKey => {
    const bytes = derivedPrivateKey(secret, ...words);
    return { name, publicKey: publicKeyText(bytes), privateKey: toPrivateKeyText(bytes) };
  };
  const system = key(systemAccount, "system");
  // Twelve letters at most, of those that names may have.
  const producers = Array.from({ length: Number(settings.producers) }, (_, i) =>
    key(`producer${String.fromCharCode(97 + i)}`, "producer", i),
  );
  const genesis = createGenesis(system.publicKey, parameters as unknown as ChainSizes, nowMs);
  const text = `${JSON.stringify(genesis, null, 2)}\n`;
  const makers = nodes.filter(({ role }) => role === "producer").map(({ name }) => name);
  const files = nodes.flatMap((node) => {
    const at = node.role === "backup" ? 0 : makers.indexOf(node.name);
    return nodeFiles({
      node,
      producers: at < 0 ? [] : producers.filter((_, i) => i % makers.length === at),
      system: node.name === makers[0] ? system : null,
      genesis: text,
      transactionStatus: settings.transactionStatus === true,
    });
  });
  const chainId = chainIdOf(genesis);
  const bootPlan: BootPlan = {
    chainId,
    system: { name: system.name, publicKey: system.publicKey, privateKey: system.privateKey },
    producers: producers.map(({ name, publicKey }) => ({ name, publicKey })),
    accounts: embedded.accounts.map(({ name, publicKey, balances }) => ({
      name,
      publicKey,
      balances: { ...balances },
    })),
    tokens: embedded.tokens.map((token) => ({ ...token })),
  };
  return { chainId, files, bootPlan };
}

function refuse(producers: number, blockIntervalMs: number): void {
  const problems = [
    ...(producers > mostProducers
      ? [
          {
            path: "network.embedded.producers",
            value: String(producers),
            expected: `expected at most ${mostProducers}`,
          },
        ]
      : []),
    ...(blockIntervalMs === 500
      ? []
      : [
          {
            path: "network.embedded.blockInterval",
            value: `${blockIntervalMs} ms`,
            expected: "expected 500ms, which is compiled into nodeos",
          },
        ]),
  ];
  if (problems.length === 0) return;
  throw new AppError("PLAN_IMPOSSIBLE", "a network of real nodes cannot be as the scenario says", { problems });
}
