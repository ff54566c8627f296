import type { NetworkBehaviour, NodeBehaviour } from "../../shared/devnet/config.ts";
import type { ChainBlock } from "./chain-kinds.ts";
import type { ChainCounters } from "./chain-node.ts";
import type { NodeCounters } from "./devnet-node.ts";
import type { HoldRecord } from "./hold-record.ts";

/** A node as the control door sees it, whatever its chain. */
export interface ObservedNode {
  readonly index: number;
  readonly name: string;
  readonly behaviour: NodeBehaviour;
  readonly isStalled: boolean;
  readonly isGone: boolean;
  readonly counters: NodeCounters;
  readonly queue: { readonly length: number };
  readonly holds: HoldRecord;
  readonly chain: {
    readonly head: ChainBlock;
    readonly pendingCount: number;
    readonly counters: ChainCounters;
  };
}

/** A network as the control door sees it, whatever its chain. */
export interface ObservedNetwork {
  /** Hexadecimal. */
  readonly chainId: string;
  readonly nodes: readonly ObservedNode[];
  readonly behaviour: NetworkBehaviour;
  readonly missedSlots: number;
  takeLatestMicros(): number;
  setBehaviour(change: Partial<NetworkBehaviour>): void;
  setNodeBehaviour(node: ObservedNode, change: Partial<NodeBehaviour>): void;
  startFaults(): void;
  stop(): void;
}

/** One node's door for clients. */
export interface ClientDoor {
  /** Resolves to the URL that clients connect to; rejects with PORT_IN_USE or NETWORK_UNREACHABLE. */
  listen(host: string, port: number): Promise<string>;
  close(): Promise<void>;
}
