import { expect, test } from "@jest/globals";
import { validityLimits } from "../reporting/validity.ts";
import type { BeaconReading, LiveReading } from "../run/run-watch.ts";
import { validitySoFar } from "./validity-so-far.ts";

const beacon: BeaconReading = {
  name: "b",
  connected: true,
  lost: false,
  planned: 1000,
  prepared: 1000,
  totals: { due: 1000, sent: 1000, accepted: 1000, rejected: 0, unanswered: 0, shed: 0, cancelled: 0 },
  sample: null,
};

function soFar(changes: Partial<LiveReading>) {
  return validitySoFar({ beacons: [beacon], outcomes: [], latenessP99Micros: null, ...changes } as LiveReading);
}

test("nothing is held against a run that keeps its schedule", () => {
  expect(soFar({})).toEqual({ schedule: 0, shedding: 0, beacons: 0 });
});

test("what the report would hold against it is told by the report's limits", () => {
  const { latenessMicros } = validityLimits;
  expect(soFar({ latenessP99Micros: latenessMicros.degraded + 1 }).schedule).toBe(1);
  expect(soFar({ latenessP99Micros: latenessMicros.void + 1 }).schedule).toBe(2);
  expect(soFar({ beacons: [beacon, { ...beacon, lost: true }] }).beacons).toBe(1);
  const shed = { node: "node-1", outcome: "shed", count: 50 } as const;
  expect(soFar({ outcomes: [{ ...shed, reason: "late" }] }).shedding).toBe(2);
  expect(soFar({ outcomes: [{ ...shed, reason: "node-unreachable" }] }).shedding).toBe(0);
});
