import { expect, test } from "@jest/globals";
import { systemClock } from "../shared/time/clock.ts";
import { clockWith, noFaults, parseFaults } from "./faults.ts";

test("without the variable nothing is wrong, and the clock is the host's own", () => {
  expect(parseFaults(undefined)).toEqual(noFaults);
  expect(parseFaults("")).toEqual(noFaults);
  expect(clockWith(noFaults)).toBe(systemClock);
});

test("what is described is what is wrong", () => {
  const faults = parseFaults('{"clock":{"offsetMicros":3000000,"driftPpm":0,"anchorMicros":0}}');
  expect(faults.blockSendLoop).toEqual([]);
  const ahead = clockWith(faults).nowMicros() - systemClock.nowMicros();
  expect(Math.abs(ahead - 3e6)).toBeLessThan(50_000);
});

test.each(["{", "[]", '{"blockSendLoop":[{"atMs":1}]}', '{"unknown":1}'])("%s is refused", (text) => {
  expect(() => parseFaults(text)).toThrow(/LOADSTONE_FAULTS/);
});
