import type { ReplayedKind } from "../traffic.ts";
import { longestSealedLike } from "./memo-sealer.ts";

const longestMemo = 4096;
/** Less would repeat, more is not allowed. */
const customBytes = [16, 65_536] as const;
/** What the sender alone decides, and needs nothing but itself and, for some, objects that the run finds. */
const replayed: readonly string[] = [
  ...["transfer", "limit_order_create", "limit_order_cancel"],
  ...["account_create", "account_update", "account_whitelist", "asset_create", "asset_reserve"],
];

/** A replay re-issues what has a generator of its own; the rest refers to what only the captured network has. */
export function replayOperations(
  kind: string,
  { meanSize, largestSize }: { readonly meanSize: number; readonly largestSize: number },
): ReplayedKind {
  if (kind === "transfer with memo") {
    const longest = Math.min(longestMemo, longestSealedLike(Math.max(1, largestSize)));
    return { kind: "entry", operation: "transfer", parameters: { memo: `1..${longest}` } };
  }
  if (kind === "custom") {
    const bytes = Math.min(customBytes[1], Math.max(customBytes[0], Math.round(meanSize)));
    return { kind: "entry", operation: kind, parameters: { bytes } };
  }
  if (replayed.includes(kind)) return { kind: "entry", operation: kind, parameters: {} };
  return { kind: "left-out", reason: "has no generator that needs nothing of the captured network" };
}
