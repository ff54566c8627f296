import { expect, test } from "@jest/globals";
import type { Phase } from "../../shared/scenario/scenario.ts";
import { firstSequenceDueAfter } from "./takeover.ts";

const paced: Phase = {
  index: 0,
  name: "hold",
  measured: true,
  startMicros: 0,
  durationMicros: 10e6,
  firstSequence: 0,
  transactions: 100,
  load: {
    kind: "paced",
    arrivals: { kind: "even" },
    segments: [{ durationMicros: 10e6, fromPerSecond: 10, toPerSecond: 10 }],
  },
};
const unlimited: Phase = {
  ...paced,
  index: 1,
  startMicros: 10e6,
  firstSequence: 100,
  load: { kind: "unlimited", inFlight: 9 },
};
const after: Phase = { ...paced, index: 2, startMicros: 20e6, firstSequence: 200 };

test.each([
  ["before the start", -1e6, 0],
  ["between two due instants", 0.55e6, 6],
  ["at the very instant that one is due", 0.5e6, 5],
  ["after the last of a phase", 9.95e6, 100],
  ["at an unlimited phase's start", 10e6, 100],
  ["within an unlimited phase", 12e6, 200],
  ["after the end", 31e6, 300],
])("what is due from then on: %s", (_, micros, sequence) => {
  expect(firstSequenceDueAfter([paced, unlimited, after], micros)).toBe(sequence);
});
