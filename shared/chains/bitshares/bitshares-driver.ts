import type { ChainDriver } from "../driver.ts";
import { BitsharesBlockFollower } from "./bitshares-block-follower.ts";
import { BitsharesBroadcaster } from "./bitshares-broadcaster.ts";
import { BitsharesPreparer } from "./bitshares-preparer.ts";
import { bitsharesProvisioning } from "./bitshares-provisioning.ts";
import { BitsharesTraffic } from "./bitshares-traffic.ts";
import { describeNetwork } from "./describe-network.ts";
import { embeddedGenesis } from "./embedded-genesis.ts";
import { estimateCost } from "./estimate-cost.ts";
import { fetchReference } from "./fetch-reference.ts";
import { imitateOperations } from "./imitate-operations.ts";
import { bitsharesNodes } from "./nodes/bitshares-nodes.ts";
import { operationCatalogue } from "./operation-catalogue.ts";
import { resolveChain } from "./resolve-chain.ts";

export const bitsharesDriver: ChainDriver = {
  chain: "bitshares",
  vocabulary: { operation: "operation", operations: "operations", producer: "witness", blockUsage: [] },
  operations: operationCatalogue,
  mainNetworks: new Map([["4018d7844c78f6a6c41c6a552b898022310fc5dec06da467ee7905a8dad512c8", "BitShares"]]),
  nodeProtocols: ["ws", "wss", "http", "https"],
  defaultConnectionsPerNode: 4,
  describe: describeNetwork,
  resolve: resolveChain,
  reference: fetchReference,
  cost: estimateCost,
  createPreparer: (context) => new BitsharesPreparer(context),
  openBroadcaster: (options) => new BitsharesBroadcaster(options),
  follow: (options) => new BitsharesBlockFollower(options),
  embeddedGenesis,
  traffic: {
    embeddedSymbol: "BTS",
    open: (options) => BitsharesTraffic.open(options),
    imitate: imitateOperations,
  },
  provisioning: bitsharesProvisioning,
  nodeNetworks: bitsharesNodes,
};
