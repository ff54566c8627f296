import type { BlockUsageMeasure } from "../../shared/chains/driver.ts";
import type { Quantile } from "./run-summary.ts";

/** Between thousands: as thin as the thin space, and no line ends at it. */
const narrowNoBreakSpace = "\u202f";
const noBreakSpace = "\u00a0";

/** `12 345`, with thin spaces; a minus sign where there is one. */
export function formatCount(value: number): string {
  return groupThousands(Math.round(value).toString());
}

/** With as many decimals as make `digits` significant ones, never cutting whole numbers. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  const decimals = Math.max(0, Math.min(6, digits - 1 - magnitude));
  return groupThousands(trimZeros(value.toFixed(decimals)));
}

/** A rate to the precision that counting a few seconds of blocks supports: three digits, whole numbers from 100 on. */
export function formatRate(perSecond: number, unit = "tx/s"): string {
  return `${formatNumber(perSecond, 3)}${noBreakSpace}${unit}`;
}

/** Never rounds up to 100 % or down to 0 % what is not: 99.996 % is not all. */
export function formatShare(share: number): string {
  return `${shareDigits(share)}${narrowNoBreakSpace}%`;
}

/** Of a whole; a dash where there is none. */
export function shareText(part: number, whole: number): string {
  return whole === 0 ? "–" : formatShare(part / whole);
}

function shareDigits(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent === 100 || !Number.isFinite(percent))
    return Number.isFinite(percent) ? `${percent}` : "–";
  if (percent > 0 && percent < 0.001) return "< 0.001";
  if (percent > 99.999 && percent < 100) return "> 99.999";
  const distance = Math.min(percent, Math.abs(100 - percent));
  const decimals = distance >= 10 ? 1 : distance >= 0.1 ? 2 : 3;
  return trimZeros(percent.toFixed(decimals));
}

/** In the unit that keeps the number between 1 and 1000: µs, ms, s, min, h. */
export function formatDuration(micros: number, digits = 3): string {
  return durationText(micros, (value) => formatNumber(value, digits));
}

/** The same with all of its digits, for columns of figures: `4.00 ms` under `3.15 ms`. */
export function formatLatency(micros: number): string {
  return durationText(micros, (value) => {
    const rounded = Number(value.toPrecision(3));
    return groupThousands(rounded.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded))))));
  });
}

function durationText(micros: number, write: (value: number) => string): string {
  if (micros === 0) return "0";
  const magnitude = Math.abs(micros);
  const [divisor, unit] =
    // What three digits would round up to a thousand is one of the next unit.
    magnitude < 999.5
      ? [1, "µs"]
      : magnitude < 999.5e3
        ? [1e3, "ms"]
        : magnitude < 120e6
          ? [1e6, "s"]
          : magnitude < 7200e6
            ? [60e6, "min"]
            : [3600e6, "h"];
  const value = micros / (divisor as number);
  const text = unit === "µs" ? Math.round(value).toString() : write(value);
  return `${text}${noBreakSpace}${unit}`;
}

/** With ≥ where the true value may be larger. */
export function formatQuantile(quantile: Quantile): string {
  return `${quantile.atLeast ? `≥${narrowNoBreakSpace}` : ""}${formatLatency(quantile.micros)}`;
}

export function formatBytes(bytes: number): string {
  const [divisor, unit] = bytes < 1e3 ? [1, "B"] : bytes < 1e6 ? [1e3, "kB"] : bytes < 1e9 ? [1e6, "MB"] : [1e9, "GB"];
  return `${formatNumber(bytes / (divisor as number), 3)}${noBreakSpace}${unit}`;
}

/** What a block used up, in the unit of the chain's vocabulary. */
export function formatUsage(value: number, unit: BlockUsageMeasure["unit"]): string {
  return unit === "µs" ? formatDuration(value) : formatBytes(value);
}

/** An instant after T0 as seconds, such as `12.3 s`. */
export function formatInstant(micros: number): string {
  return `${groupThousands((micros / 1e6).toFixed(1))}${noBreakSpace}s`;
}

/** `1 beacon`, `2 beacons`. */
export function formatOf(count: number, one: string, many: string): string {
  return `${formatCount(count)}${noBreakSpace}${count === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listOf(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function groupThousands(digits: string): string {
  const [whole = "", fraction] = digits.replace("-", "−").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, narrowNoBreakSpace);
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function trimZeros(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

/** Smallest units as a decimal number, without zeros at its end. */
export function toDecimalText(amount: string, precision: number): string {
  const [sign, magnitude] = amount.startsWith("-") ? ["-", amount.slice(1)] : ["", amount];
  if (precision === 0) return amount;
  const digits = magnitude.padStart(precision + 1, "0");
  const fraction = digits.slice(-precision).replace(/0+$/, "");
  return `${sign}${digits.slice(0, -precision)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** The same with its thousands set apart. */
export function formatUnits(amount: string, precision: number): string {
  return groupThousands(toDecimalText(amount, precision));
}
