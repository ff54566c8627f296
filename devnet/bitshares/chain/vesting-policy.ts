import type { VestingBalance, VestingPolicy } from "./objects.ts";

/** What of a vesting balance its owner may take at that time. */
export function allowedWithdrawal({ balance, policy }: VestingBalance, nowSeconds: number): number {
  switch (policy.kind) {
    case "linear": {
      const elapsed = nowSeconds - policy.beginSeconds;
      if (elapsed <= 0 || elapsed < policy.cliffSeconds) return 0;
      const { beginBalance, durationSeconds } = policy;
      const vested =
        elapsed < durationSeconds
          ? Number((BigInt(beginBalance) * BigInt(elapsed)) / BigInt(durationSeconds))
          : beginBalance;
      return vested - (beginBalance - balance.amount);
    }
    case "coin-days": {
      if (nowSeconds <= policy.startClaimSeconds) return 0;
      return Number(earnedAt(policy, balance.amount, nowSeconds) / vestingOf(policy));
    }
    case "instant":
      return balance.amount;
  }
}

/** The policy after `taken` of `balance` were withdrawn. */
export function afterWithdrawal(policy: VestingPolicy, balance: number, taken: number, now: number): VestingPolicy {
  if (policy.kind !== "coin-days") return policy;
  const earned = earnedAt(policy, balance, now) - BigInt(taken) * vestingOf(policy);
  return { ...policy, earned, updatedSeconds: now };
}

type CoinDays = Extract<VestingPolicy, { readonly kind: "coin-days" }>;

function vestingOf({ vestingSeconds }: CoinDays): bigint {
  return BigInt(Math.max(vestingSeconds, 1));
}

/** Coin seconds: they grow with the balance and the time, up to a fully vested balance. */
function earnedAt(policy: CoinDays, balance: number, now: number): bigint {
  const earned = policy.earned + BigInt(balance) * BigInt(now - policy.updatedSeconds);
  const most = BigInt(balance) * vestingOf(policy);
  return earned < most ? earned : most;
}
