import type { ChainDriver } from "../driver.ts";
import { AntelopeBlockFollower } from "./antelope-block-follower.ts";
import { AntelopeBroadcaster } from "./antelope-broadcaster.ts";
import { AntelopePreparer } from "./antelope-preparer.ts";
import { antelopeProvisioning } from "./antelope-provisioning.ts";
import { AntelopeTraffic } from "./antelope-traffic.ts";
import { describeNetwork } from "./describe-network.ts";
import { embeddedGenesis } from "./embedded-genesis.ts";
import { estimateCost } from "./estimate-cost.ts";
import { fetchReference } from "./fetch-reference.ts";
import { imitateActions } from "./imitate-actions.ts";
import { antelopeNodes } from "./nodes/antelope-nodes.ts";
import { operationCatalogue } from "./operation-catalogue.ts";
import { resolveChain } from "./resolve-chain.ts";

export const antelopeDriver: ChainDriver = {
  chain: "antelope",
  vocabulary: {
    operation: "action",
    operations: "actions",
    producer: "producer",
    blockUsage: [
      { key: "cpu", label: "CPU", unit: "µs" },
      { key: "net", label: "NET", unit: "bytes" },
    ],
  },
  operations: operationCatalogue,
  nodeProtocols: ["http", "https"],
  mainNetworks: new Map([
    ["aca376f206b8fc25a6ed44dbdc66547c36c6c33e3a119ffbeaef943642f0e906", "Vaulta (EOS)"],
    ["4667b205c6838ef70ff7988f6e8257e8be0e1284a2f59699054a018f743b1d11", "Telos"],
    ["1064487b3cd1a897ce03ae5b6a865651747e2e152090f99c1d19d44e01aea5a4", "WAX"],
    ["384da888112027f0321850a169f737c33e53b388aad48b5adace4bab97f437e0", "XPR Network (Proton)"],
    ["8fc6dce7942189f842170de953932b1f66693ad3788f766e777b6f9d22335c02", "UX Network"],
    ["21dcae42c0182200e93f954a074011f9048a7624c6fe81d3c9541a614a88bd1c", "FIO"],
  ]),
  defaultConnectionsPerNode: 16,
  describe: describeNetwork,
  resolve: resolveChain,
  reference: fetchReference,
  cost: estimateCost,
  createPreparer: (context) => new AntelopePreparer(context),
  openBroadcaster: (options) => new AntelopeBroadcaster(options),
  follow: (options) => new AntelopeBlockFollower(options),
  embeddedGenesis,
  nodeNetworks: antelopeNodes,
  provisioning: antelopeProvisioning,
  traffic: {
    embeddedSymbol: null,
    open: (options) => AntelopeTraffic.open(options),
    imitate: imitateActions,
  },
};
