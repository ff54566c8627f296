/** Accounts regain what they used over this span, as on real networks. */
export const usageWindowMillis = 24 * 60 * 60 * 1000;

/** What an account had used of CPU time or NET at an instant; from then on it fades at an even pace. */
export interface Usage {
  readonly used: number;
  readonly atMillis: number;
}

export function usedAt(usage: Usage | undefined, millis: number): number {
  if (usage === undefined) return 0;
  const left = Math.max(0, 1 - Math.max(0, millis - usage.atMillis) / usageWindowMillis);
  return Math.ceil(usage.used * left);
}

/** As `get_account` tells it; -1 where there is no limit. */
export interface UsageLimit {
  readonly used: number;
  readonly available: number;
  readonly max: number;
}

export const unlimited: UsageLimit = { used: -1, available: -1, max: -1 };

export function toUsageLimit(usage: Usage | undefined, max: number | null, millis: number): UsageLimit {
  if (max === null) return unlimited;
  const used = usedAt(usage, millis);
  return { used, available: Math.max(0, max - used), max };
}
