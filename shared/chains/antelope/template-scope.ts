import { type AmountRange, toUnits } from "../../workload/amount.ts";
import type { TemplateScope } from "../../workload/placeholders.ts";
import type { SequenceRandom } from "../../workload/sequence-random.ts";
import type { Token } from "./chain-data.ts";
import type { TransactionDraft } from "./transaction-draft.ts";

const largestUnits = BigInt(Number.MAX_SAFE_INTEGER);

/** The placeholders of a template as eosjs takes them. */
export function templateScope(draft: TransactionDraft, tokens: readonly Token[], counter: number): TemplateScope {
  return {
    random: draft.random,
    counter,
    expirationSeconds: draft.expirationSeconds,
    account: (which) => draft.nameOf(draft.pick(which)),
    asset: (range) => {
      const units = unitRange(range, tokens);
      return assetText(drawUnits(units, draft.random), units.token);
    },
    time: chainTime,
  };
}

/** An amount's bounds in smallest units. */
export interface UnitRange {
  readonly token: Token;
  readonly minimum: number;
  readonly maximum: number;
}

/** Throws Error when the range does not fit a token of the list. */
export function unitRange(range: AmountRange, tokens: readonly Token[]): UnitRange {
  const token = tokens.find((candidate) => candidate.symbol === range.symbol);
  if (!token) throw new Error(`no token ${range.symbol}`);
  const minimum = toUnits(range.minimum, token.precision);
  const maximum = toUnits(range.maximum, token.precision);
  if (minimum === null || maximum === null || maximum > largestUnits) {
    throw new Error(`expected amounts of ${token.symbol} with at most ${token.precision} decimal places`);
  }
  return { token, minimum: Number(minimum), maximum: Number(maximum) };
}

export function drawUnits({ minimum, maximum }: UnitRange, random: SequenceRandom): number {
  return minimum + random.nextBelow(maximum - minimum + 1);
}

/** Such as `1.0000 EOS`. */
export function assetText(units: number, { symbol, precision }: Token): string {
  const digits = String(units).padStart(precision + 1, "0");
  const whole = digits.slice(0, digits.length - precision);
  return precision === 0 ? `${whole} ${symbol}` : `${whole}.${digits.slice(-precision)} ${symbol}`;
}

/** As nodes write it, such as `2026-11-21T00:40:30`. */
function chainTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}
