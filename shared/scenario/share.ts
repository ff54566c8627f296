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

/**
 * The share dealt out among `parts`: every one of its transactions is in exactly one of them, and those that follow each
 * other in it are with different ones.
 */
export function splitShare({ cycle, slots }: Share, parts: number): Share[] {
  const inOrder = [...slots].sort((a, b) => a - b);
  const shares = Array.from({ length: parts }, () => ({ cycle: cycle * parts, slots: [] as number[] }));
  for (let turn = 0; turn < parts; turn++) {
    for (const [i, slot] of inOrder.entries()) {
      shares[(turn * inOrder.length + i) % parts]?.slots.push(turn * cycle + slot);
    }
  }
  return shares;
}

/**
 * Shares of one cycle that have its transactions by weight, each spread over the cycle as evenly as whole numbers allow.
 * Weights are whole numbers above 0.
 */
export function weightedShares(weights: readonly number[]): Share[] {
  const divisor = weights.reduce(greatestCommonDivisor, 0);
  const turns = weights.flatMap((weight, owner) => {
    const own = weight / divisor;
    return Array.from({ length: own }, (_, k) => ({ owner, at: (k + 0.5) / own }));
  });
  turns.sort((a, b) => a.at - b.at || a.owner - b.owner);
  const shares = weights.map(() => ({ cycle: turns.length, slots: [] as number[] }));
  for (const [slot, { owner }] of turns.entries()) shares[owner]?.slots.push(slot);
  return shares;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
