import { expect, test } from "@jest/globals";
import { isAmount, parseBytes, parseComparison, parseDurationMicros, parseRatePerSecond, parseShare } from "./units.ts";

test.each([
  ["500ms", 500_000],
  ["5s", 5e6],
  ["5 s", 5e6],
  ["1.5s", 1.5e6],
  ["2m", 120e6],
  ["1h", 3600e6],
  ["1m 30s", 90e6],
  ["250us", 250],
  ["250µs", 250],
  ["0s", 0],
  ["0.1s", 100_000],
  ["", null],
  ["5", null],
  ["s", null],
  ["-5s", null],
  ["5 seconds", null],
  ["1e3s", null],
  ["5s later", null],
])("duration %j", (text, micros) => {
  expect(parseDurationMicros(text)).toBe(micros);
});

test.each([
  ["2000 tx/s", 2000],
  ["0.5tx/s", 0.5],
  ["0 tx/s", 0],
  ["2000", null],
  ["2,000 tx/s", null],
  ["-1 tx/s", null],
  ["2000 tx/min", null],
  ["unlimited", null],
])("rate %j", (text, perSecond) => {
  expect(parseRatePerSecond(text)).toBe(perSecond);
});

test.each([
  ["99.9 %", 0.999],
  ["99.99%", 0.9999],
  ["100 %", 1],
  ["0 %", 0],
  ["0.001", 0.001],
  ["101 %", null],
  ["1.5", null],
  ["-1 %", null],
  ["all", null],
])("share %j is the nearest double", (text, share) => {
  expect(parseShare(text)).toBe(share);
});

test.each([
  [">= 99.9 %", { comparison: ">=", limit: "99.9 %" }],
  ["<6 s", { comparison: "<", limit: "6 s" }],
  ["≤ 6 s", { comparison: "<=", limit: "6 s" }],
  ["= 0 %", { comparison: "==", limit: "0 %" }],
  ["6 s", null],
  ["<=", null],
  ["=> 5", null],
])("comparison %j", (text, expected) => {
  expect(parseComparison(text)).toEqual(expected);
});

test.each([
  ["65536", 65_536],
  ["64 KiB", 65_536],
  ["2MB", 2_000_000],
  ["1.5 MB", null],
  ["2 GB", null],
])("size %j", (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each([
  ["1000 BTS", true],
  ["0.5 BRIDGE.EOS", true],
  ["1000", false],
  ["BTS 1000", false],
  ["1000 bts", false],
])("amount %j", (text, good) => {
  expect(isAmount(text)).toBe(good);
});
