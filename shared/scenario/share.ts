/**
 * Which of a run's transactions one beacon has: those whose sequence number modulo `cycle` is one of `slots`. Shares of
 * the same cycle with disjoint slots that together fill it send every transaction exactly once.
 */
export interface Share {
  readonly cycle: number;
  readonly slots: readonly number[];
}

/** Equal shares for `beacons` beacons. */
export function equalShares(beacons: number): Share[] {
  return Array.from({ length: beacons }, (_, slot) => ({ cycle: beacons, slots: [slot] }));
}

/** How many of the sequence numbers `first` … `first + count - 1` are in the share. */
export function countInShare(share: Share, first: number, count: number): number {
  return share.slots.reduce((sum, slot) => sum + countOfSlot(share.cycle, slot, first, count), 0);
}

function countOfSlot(cycle: number, slot: number, first: number, count: number): number {
  const below = (end: number): number => (end <= slot ? 0 : Math.floor((end - 1 - slot) / cycle) + 1);
  return below(first + count) - below(first);
}

/** The share's sequence numbers from `first` up to but not including `end`, in order. */
export function* sequencesInShare(share: Share, first: number, end: number): Generator<number> {
  const slots = [...share.slots].sort((a, b) => a - b);
  for (let base = Math.floor(first / share.cycle) * share.cycle; base < end; base += share.cycle) {
    for (const slot of slots) {
      const sequence = base + slot;
      if (sequence >= first && sequence < end) yield sequence;
    }
  }
}
