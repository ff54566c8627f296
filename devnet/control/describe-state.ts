import type { ObservedNetwork } from "../network/observed-network.ts";

/** What `GET /state` answers. */
export function describeState(network: ObservedNetwork) {
  return {
    chainId: network.chainId,
    missedSlots: network.missedSlots,
    /** How late the devnet was at most with anything that it does at an instant, since the last time it was asked. */
    latestMicros: network.takeLatestMicros(),
    network: network.behaviour,
    nodes: network.nodes.map(({ index, name, chain, queue, holds, counters, behaviour, isStalled, isGone }) => ({
      node: index,
      name,
      head: {
        number: chain.head.number,
        id: chain.head.id,
        timestampSeconds: chain.head.timestampSeconds,
        lastIrreversible: chain.head.lastIrreversible,
      },
      /** Broadcasts that wait for their turn, and transactions that wait for a block. */
      queued: queue.length,
      pending: chain.pendingCount,
      stalled: isStalled,
      gone: isGone,
      /** Microseconds for which answers with a delay were really held back, since the last time it was asked. */
      holdsMicros: holds.take(),
      counters: { ...counters, ...chain.counters },
      behaviour,
    })),
  };
}
