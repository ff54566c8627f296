import type { Asset } from "./objects.ts";

/** `9999879.87640 BTS` */
export function prettyAmount(amount: number, asset: Pick<Asset, "symbol" | "precision">): string {
  const digits = String(Math.abs(amount)).padStart(asset.precision + 1, "0");
  const whole = digits.slice(0, digits.length - asset.precision);
  const fraction = asset.precision > 0 ? `.${digits.slice(-asset.precision)}` : "";
  return `${amount < 0 ? "-" : ""}${whole}${fraction} ${asset.symbol}`;
}
