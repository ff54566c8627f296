import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { assignmentOf, sequenceOfRow } from "../../beacon/assignment.ts";
import { createDueCursor } from "../../shared/scenario/load-profile.ts";
import type { Phase, RateSegment } from "../../shared/scenario/scenario.ts";
import { equalShares } from "../../shared/scenario/share.ts";

const rates = fc.double({ min: 0, max: 400, noNaN: true });
const segments = fc.array(
  fc.record({ durationMicros: fc.integer({ min: 1, max: 3e6 }), fromPerSecond: rates, toPerSecond: rates }),
  { minLength: 1, maxLength: 4 },
);

function phasesOf(profiles: readonly (readonly RateSegment[])[]): Phase[] {
  let startMicros = 0;
  let firstSequence = 0;
  return profiles.map((profile, index) => {
    const durationMicros = profile.reduce((sum, segment) => sum + segment.durationMicros, 0);
    const { transactions } = createDueCursor(profile);
    const load = { kind: "paced" as const, arrivals: { kind: "even" as const }, segments: profile };
    const phase = {
      index,
      name: `phase-${index}`,
      measured: true,
      startMicros,
      durationMicros,
      firstSequence,
      transactions,
      load,
    };
    startMicros += durationMicros;
    firstSequence += transactions;
    return phase;
  });
}

/** What the beacons of a run would send, by sequence number: each row's due instant, after T0. */
function schedule(phases: Phase[], beacons: number): Map<number, number[]> {
  const due = new Map<number, number[]>();
  for (const share of equalShares(beacons)) {
    const assignment = assignmentOf({
      phases,
      firstSequence: 0,
      endSequence: Number.MAX_SAFE_INTEGER,
      share: { cycle: share.cycle, slots: [...share.slots] },
    });
    for (const phase of assignment.phases) {
      if (phase.load.kind !== "paced") continue;
      const cursor = createDueCursor(phase.load.segments);
      for (let row = phase.firstRow; row < phase.endRow; row++) {
        const sequence = sequenceOfRow(assignment, row);
        const instant = phase.startMicros + cursor.dueOffsetMicros(sequence - phase.firstSequence);
        due.set(sequence, [...(due.get(sequence) ?? []), instant]);
      }
    }
  }
  return due;
}

test("any number of beacons together sends every due time of any profile once, and at the time that one would have", () => {
  fc.assert(
    fc.property(
      fc.array(segments, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 40 }),
      (profiles, beacons) => {
        const phases = phasesOf(profiles);
        const alone = schedule(phases, 1);
        const planned = phases.reduce((sum, phase) => sum + phase.transactions, 0);
        expect(alone.size).toBe(planned);
        const together = schedule(phases, beacons);
        expect(together.size).toBe(planned);
        for (const [sequence, instants] of together) expect(instants).toEqual(alone.get(sequence));
      },
    ),
    { numRuns: 60 },
  );
});
