/** Parameters that the committee sets, where evaluating depends on them; the rest is in `get_global_properties` alone. */
export const networkRules = {
  htlc: { maxTimeoutSeconds: 2_592_000, maxPreimageBytes: 1_024_000 },
  maximumProposalLifetimeSeconds: 2_419_200,
  committeeReviewSeconds: 1_209_600,
} as const;
