/**
 * What became of a planned transaction, as the beacon saw it. The index is the code stored in the ledger's columns.
 * Every planned transaction ends as one of all but `pending`.
 */
export const outcomes = ["pending", "accepted", "rejected", "unanswered", "shed", "cancelled"] as const;
export type Outcome = (typeof outcomes)[number];

/**
 * Why, in the words of the tool, the same for every chain. The index is the code stored in the ledger's columns, so the
 * list only ever grows at its end.
 */
export const reasons = [
  "none",
  // rejected by the node
  "duplicate",
  "expired",
  "expiration-too-far",
  "tapos",
  "missing-authority",
  "irrelevant-signature",
  "bad-signature",
  "insufficient-balance",
  "insufficient-fee",
  "unknown-object",
  "order-gone",
  "order-not-filled",
  "order-expired",
  "too-large",
  "invalid-operation",
  "not-permitted",
  "malformed",
  "resources-exhausted",
  "contract-assertion",
  "node-overloaded",
  "unsupported",
  "other",
  // unanswered
  "connection-lost",
  "answer-timeout",
  "answer-unreadable",
  // shed
  "late",
  "in-flight-bound",
  "node-unreachable",
  // cancelled
  "stopped",
  "phase-over",
  "beacon-lost",
  "aborted",
  "lease-expired",
] as const;
export type Reason = (typeof reasons)[number];

const outcomeCodes = new Map<string, number>(outcomes.map((name, code) => [name, code]));
const reasonCodes = new Map<string, number>(reasons.map((name, code) => [name, code]));

export function codeOfOutcome(outcome: Outcome): number {
  return outcomeCodes.get(outcome) as number;
}

export function codeOfReason(reason: Reason): number {
  return reasonCodes.get(reason) as number;
}
