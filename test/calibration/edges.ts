import { validityLimits } from "../../overseer/reporting/validity.ts";
import type { Bearable } from "./calibration-case.ts";

/**
 * What happens in a stretch of time is known but for its edges: transactions that are due just before the end may be sent,
 * answered or seen in a block just after it. In a valid run 99 % are sent within the verdict's limit; the way there and
 * back, and the arrival of a block, are given as much each.
 */
const edgeMicros = 3 * validityLimits.latenessMicros.degraded;

/** How many transactions may move over the edges of a stretch of time at this rate: in at one, or out at the other. */
export function edgeTransactions(perSecond: number): number {
  return 1 + Math.ceil((perSecond * edgeMicros) / 1e6);
}

/** Neither machine nor devnet may take up more than one of the three. */
export const bearableEdges: Bearable = {
  machineP99Micros: validityLimits.latenessMicros.degraded,
  devnetMicros: validityLimits.latenessMicros.degraded,
};
