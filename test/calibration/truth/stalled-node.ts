export interface StalledNode {
  readonly perSecond: number;
  readonly durationMicros: number;
  readonly stallMicros: number;
  /** Infinity: what waited is answered at once when the stall is over. */
  readonly capacityPerSecond: number;
}

/**
 * Quantile of the answer's delay when transactions come evenly and the node freezes once. One that comes `u` into the
 * stall waits for its end and for those before it: L − u (1 − λ/C) + 1/C. That falls in a straight line to zero over
 * the time R = L / (1 − λ/C), so the share R/T of all is spread evenly between nothing and L; the rest waits 1/C.
 */
export function stallQuantileMicros(node: StalledNode, level: number): number {
  const serviceMicros = 1e6 / node.capacityPerSecond;
  return serviceMicros + Math.max(0, node.stallMicros * (1 - (1 - level) / affectedShare(node)));
}

/** Of all transactions, those that waited at all. */
export function affectedShare({ perSecond, durationMicros, stallMicros, capacityPerSecond }: StalledNode): number {
  return stallMicros / (1 - perSecond / capacityPerSecond) / durationMicros;
}
