import { AppError } from "../../../errors/app-error.ts";
import type { FoundedNetwork, FoundingOptions, NodeNetworks } from "../../node-networks.ts";
import { derivedPrivateKey } from "../../signing/derived-key.ts";
import { readBalance } from "../embedded-genesis.ts";
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

/** Of each account; what counts of stakes is that all have as much. */
const ram = "64 KiB";
const staked = 100;

function found(options: FoundingOptions): FoundedNetwork {
  const { nodes, settings, parameters, secret, nowMs } = options;
  const core = requirePossible(options);
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
  const bootPlan: BootPlan = { producers: producers.map(({ name, publicKey }) => ({ name, publicKey })), core };
  const stake = `${staked} ${core.symbol}`;
  return {
    ...{ chainId: chainIdOf(genesis), files, bootPlan },
    funder: { name: system.name, privateKey: system.privateKey },
    create: { prefix: "stress1", resources: { ram, cpu: stake, net: stake } },
  };
}

/** Returns the core token. */
function requirePossible({ accounts, settings }: FoundingOptions): BootPlan["core"] {
  const balance = readBalance(accounts.balance, accounts.count);
  const [producers, blockIntervalMs] = [Number(settings.producers), Number(settings.blockIntervalMs)];
  const problems = [
    ...("units" in balance ? [] : [balance]),
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
  if ("units" in balance && problems.length === 0) return { symbol: balance.symbol, precision: balance.precision };
  throw new AppError("PLAN_IMPOSSIBLE", "a network of real nodes cannot be as the scenario says", { problems });
}
