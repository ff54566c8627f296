import { createHash } from "node:crypto";
import type { FoundedNetwork, FoundingOptions, NodeNetworks } from "../../node-networks.ts";
import { derivedPrivateKey } from "../../signing/derived-key.ts";
import { publicKeyText, toWif } from "../keys.ts";
import { bootNetwork } from "./boot-network.ts";
import { coreSymbol, createGenesis, treasurerName } from "./genesis.ts";
import { clientPort, dealWitnesses, folder, nodeFiles, peerPort, type WitnessKey } from "./node-files.ts";

/** Test networks of bitshares-core's witness_node. */
export const bitsharesNodes: NodeNetworks = {
  software: {
    image: "bitshares/bitshares-core:7.0.2",
    // Not the image's own start script, which wants root and upgrades the system over the internet at every start.
    command: ["/usr/local/bin/witness_node", "--data-dir", folder],
    healthCheck: ["bash", "-c", `: </dev/tcp/127.0.0.1/${clientPort}`],
    stopSignal: "SIGINT",
    folder,
    clientPort,
    peerPort,
    clientProtocol: "ws",
    bootsThrough: "full",
  },
  found,
  boot: bootNetwork,
};

function found({ nodes, accounts, settings, parameters, secret, nowMs }: FoundingOptions): FoundedNetwork {
  const witnesses = Array.from({ length: Number(settings.witnesses) }, (_, i): WitnessKey => {
    const key = derivedPrivateKey(secret, "witness", i);
    return { id: `1.6.${i + 1}`, publicKey: publicKeyText(key, coreSymbol), privateKey: toWif(key) };
  });
  const treasurer = derivedPrivateKey(secret, "treasurer");
  const text = `${JSON.stringify(
    createGenesis({
      accounts,
      witnessKeys: witnesses.map(({ publicKey }) => publicKey),
      treasurerKey: publicKeyText(treasurer, coreSymbol),
      blockIntervalMs: Number(settings.blockIntervalMs),
      maximumTransactionBytes: Number(parameters.maximumTransactionBytes),
      maximumBlockBytes: Number(parameters.maximumBlockBytes),
      maximumLifetimeSeconds: Number(parameters.maximumLifetimeSeconds),
      nowMs,
    }),
    null,
    2,
  )}\n`;
  // As the program has it: the hash of the file, byte for byte.
  const chainId = createHash("sha256").update(text).digest("hex");
  const dealt = dealWitnesses(nodes, witnesses);
  return {
    chainId,
    files: nodes.flatMap((node) => nodeFiles(node, dealt, text)),
    funder: { name: treasurerName, privateKey: toWif(treasurer) },
    create: { prefix: "stress-", resources: {} },
    bootPlan: null,
  };
}
