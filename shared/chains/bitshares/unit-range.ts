import { AppError } from "../../errors/app-error.ts";
import type { MixEntry } from "../../scenario/scenario.ts";
import { type AmountRange, toUnits } from "../../workload/amount.ts";
import type { Asset } from "./chain-data.ts";

/** An amount of a mix entry in the asset's smallest units. Throws PLAN_IMPOSSIBLE when the asset has no such units. */
export function unitRange(entry: MixEntry, range: AmountRange, asset: Asset): { minimum: number; maximum: number } {
  const minimum = toUnits(range.minimum, asset.precision);
  const maximum = toUnits(range.maximum, asset.precision);
  if (minimum !== null && maximum !== null && maximum <= BigInt(Number.MAX_SAFE_INTEGER)) {
    return { minimum: Number(minimum), maximum: Number(maximum) };
  }
  const expected = `expected amounts of ${asset.symbol} with at most ${asset.precision} decimal places`;
  const problems = [{ path: `mix.${entry.name}`, value: `${range.minimum}..${range.maximum}`, expected }];
  throw new AppError("PLAN_IMPOSSIBLE", `an amount does not fit the asset ${asset.symbol}`, { problems });
}
