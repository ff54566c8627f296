import type { Configure } from "../shared/protocol/messages.ts";
import type { Load, Phase } from "../shared/scenario/scenario.ts";
import { countInShare, type Share } from "../shared/scenario/share.ts";

/** Plain data, so that it crosses to the threads as it is. */
export interface Assignment {
  readonly rows: number;
  readonly share: Share;
  /** How many transactions of the share come before the first row. */
  readonly skipped: number;
  readonly phases: readonly OwnPhase[];
}

/** One phase as far as this beacon has part in it: its rows are `firstRow` … `endRow` − 1. */
export interface OwnPhase {
  readonly index: number;
  readonly startMicros: number;
  readonly endMicros: number;
  readonly firstSequence: number;
  readonly firstRow: number;
  readonly endRow: number;
  readonly load: Load;
  /** Transactions that may be without an answer at the same time: this beacon's part of an unlimited phase's number. */
  readonly ownInFlight: number | null;
}

/** A beacon numbers the transactions of its share from 0, in order of their sequence numbers: these are its rows. */
export function assignmentOf(
  configure: Pick<Configure, "phases" | "share" | "firstSequence" | "endSequence">,
): Assignment {
  const share = { cycle: configure.share.cycle, slots: [...configure.share.slots].sort((a, b) => a - b) };
  const skipped = countInShare(share, 0, configure.firstSequence);
  const phases = configure.phases.map((phase) => ownPhaseOf(phase, share, skipped, configure.endSequence));
  return { rows: phases.reduce((end, phase) => Math.max(end, phase.endRow), 0), share, skipped, phases };
}

function ownPhaseOf(phase: Phase, share: Share, skipped: number, endSequence: number): OwnPhase {
  const rowOf = (sequence: number): number =>
    Math.max(0, countInShare(share, 0, Math.min(sequence, endSequence)) - skipped);
  return {
    index: phase.index,
    startMicros: phase.startMicros,
    endMicros: phase.startMicros + phase.durationMicros,
    firstSequence: phase.firstSequence,
    firstRow: rowOf(phase.firstSequence),
    endRow: rowOf(phase.firstSequence + phase.transactions),
    load: phase.load,
    // Dealt over the slots like the transactions themselves, so that the parts of all beacons add up to the whole.
    ownInFlight: phase.load.kind === "unlimited" ? countInShare(share, 0, phase.load.inFlight) : null,
  };
}

/** `share.slots` must be in ascending order, as `assignmentOf` makes them. */
export function sequenceOfRow({ share, skipped }: Pick<Assignment, "share" | "skipped">, row: number): number {
  const { cycle, slots } = share;
  const position = row + skipped;
  const turn = Math.floor(position / slots.length);
  return turn * cycle + (slots[position - turn * slots.length] as number);
}

/** The phase that a row belongs to. Phases follow each other, also in rows. */
export function phaseOfRow(phases: readonly OwnPhase[], row: number): OwnPhase {
  const phase = phases.find(({ endRow }) => row < endRow);
  if (phase === undefined) throw new RangeError(`row ${row} belongs to no phase`);
  return phase;
}
