import { expect, test } from "@jest/globals";
import type { PhaseCounters } from "../../shared/protocol/messages.ts";
import type { Phase, Threshold } from "../../shared/scenario/scenario.ts";
import { failedAbortThreshold } from "./abort-policy.ts";

const phases = [
  { index: 0, name: "warm-up", measured: false, startMicros: 0 },
  { index: 1, name: "hold", measured: true, startMicros: 5e6 },
] as Phase[];

function counters(phase: number, due: number, rejected: number): PhaseCounters {
  return { phase, due, sent: due, accepted: due - rejected, rejected, unanswered: 0, shed: 0, cancelled: 0 };
}

function threshold(changes: Partial<Threshold> = {}): Threshold {
  return {
    metric: "rejected.share",
    phase: null,
    comparison: "<=",
    limit: 0.01,
    limitText: "<= 1 %",
    abortOnFail: true,
    afterMicros: 0,
    ...changes,
  };
}

test.each([
  ["a share above its limit ends the run", threshold(), [counters(1, 100, 2)], 6e6, true],
  ["a share at its limit does not", threshold(), [counters(1, 100, 1)], 6e6, false],
  ["beacons are added up before they are judged", threshold(), [counters(1, 100, 2), counters(1, 300, 0)], 6e6, false],
  ["a warm-up is not judged", threshold(), [counters(0, 100, 100)], 4e6, false],
  ["unless it is named", threshold({ metric: "warm-up.rejected.share" }), [counters(0, 100, 100)], 4e6, true],
  ["not before its time", threshold({ afterMicros: 3e6 }), [counters(1, 100, 50)], 7e6, false],
  ["but from then on", threshold({ afterMicros: 3e6 }), [counters(1, 100, 50)], 8.1e6, true],
  ["not where it is not asked for", threshold({ abortOnFail: false }), [counters(1, 100, 50)], 9e6, false],
  ["nothing due yet is nothing failed", threshold(), [counters(1, 0, 0)], 6e6, false],
])("%s", (_, it, counted, elapsed, ends) => {
  expect(failedAbortThreshold([it], phases, counted, elapsed) !== null).toBe(ends);
});
