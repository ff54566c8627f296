import type { ReplayedKind } from "../traffic.ts";
import { namedActions } from "./named-actions.ts";

const longestMemo = 256;
const mostBytes = 65_536;
/** What the actor alone decides, on every network that has the usual contracts. */
const replayed: readonly string[] = ["buyrambytes", "delegatebw", "newaccount", "updateauth", "cpu", "ram", "net"];

/** A replay re-issues what has a generator of its own; other contracts are on the captured network only. */
export function replayActions(
  kind: string,
  { meanSize, largestSize }: { readonly meanSize: number; readonly largestSize: number },
): ReplayedKind {
  if (kind === "transfer") return { kind: "entry", operation: kind, parameters: {} };
  if (kind === "transfer with memo") {
    const longest = Math.min(longestMemo, Math.max(1, largestSize));
    return { kind: "entry", operation: "transfer", parameters: { memo: longest === 1 ? 1 : `1..${longest}` } };
  }
  const [contract, action = ""] = kind.split("::");
  if (namedActions.get(action)?.contract !== contract || !replayed.includes(action)) {
    return { kind: "left-out", reason: "has no generator that needs nothing of the captured network" };
  }
  const bytes = Math.min(mostBytes, Math.max(1, Math.round(meanSize)));
  return { kind: "entry", operation: action, parameters: action === "net" ? { bytes } : {} };
}
