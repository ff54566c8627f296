import { expect, test } from "@jest/globals";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatInstant,
  formatLatency,
  formatNumber,
  formatQuantile,
  formatRate,
  formatShare,
  formatUnits,
} from "./figures-text.ts";

/** With ordinary spaces, to be read here. */
function plain(text: string): string {
  return text.replace(/[\u00a0\u202f]/g, " ");
}

test("figures never break between their digits or before their unit", () => {
  expect(formatRate(1_234_567)).toBe("1\u202f234\u202f567\u00a0tx/s");
  expect(formatDuration(1_500_000)).toBe("1.5\u00a0s");
  expect(formatUnits("123456789012345678901", 5)).toBe("1\u202f234\u202f567\u202f890\u202f123\u202f456.78901");
});

test.each([
  [formatCount(0), "0"],
  [formatCount(156_250), "156 250"],
  [formatCount(-1234), "−1 234"],
  [formatNumber(0.012_34), "0.0123"],
  [formatNumber(99.96), "100"],
  [formatNumber(1869.7), "1 870"],
  [formatNumber(Number.NaN), "–"],
  [formatShare(0), "0 %"],
  [formatShare(1), "100 %"],
  [formatShare(0.99996), "99.996 %"],
  [formatShare(0.9999999), "> 99.999 %"],
  [formatShare(0.0000001), "< 0.001 %"],
  [formatShare(0.4567), "45.7 %"],
  [formatDuration(0), "0"],
  [formatDuration(512), "512 µs"],
  [formatDuration(1240), "1.24 ms"],
  [formatDuration(999.4), "999 µs"],
  [formatDuration(999_700), "1 s"],
  [formatLatency(999_700), "1.00 s"],
  [formatDuration(90e6), "90 s"],
  [formatDuration(300e6), "5 min"],
  [formatDuration(3 * 3600e6), "3 h"],
  [formatLatency(4000), "4.00 ms"],
  [formatLatency(30_700_000), "30.7 s"],
  [formatQuantile({ micros: 1_960_000, atLeast: true }), "≥ 1.96 s"],
  [formatBytes(160_000), "160 kB"],
  [formatInstant(1_234_560_000), "1 234.6 s"],
])("%s", (text, expected) => {
  expect(plain(text)).toBe(expected);
});
