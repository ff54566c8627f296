import { expect, test } from "@jest/globals";
import type { OperationCatalogue } from "../chains/driver.ts";
import { type CapturedBlock, newCaptureHeader } from "../traffic/capture-format.ts";
import { CapturedParties } from "../workload/captured-parties.ts";
import { SequenceRandom } from "../workload/sequence-random.ts";
import { WorkloadShape } from "../workload/shape.ts";
import { dueCursorOf } from "./arrivals.ts";
import { replaySchema } from "./replay-schema.ts";
import { ReplayBuilder, type ReplayTraffic, replayFindings } from "./replay-traffic.ts";
import { scheduleReplay, segmentsOf } from "./schedule-replay.ts";

const catalogue: OperationCatalogue = {
  named: ["pay", "note"],
  all: ["pay", "note", "vote"],
  knows: () => true,
  validate: ({ parameters }) => ("wrong" in parameters ? [{ path: "wrong", expected: "is no parameter" }] : []),
  replay: (kind, { largestSize }) =>
    kind === "vote"
      ? { kind: "left-out", reason: "is of that network only" }
      : { kind: "entry", operation: kind, parameters: kind === "note" ? { most: largestSize } : {} },
};

const header = newCaptureHeader({
  ...{ chain: "paper", chainId: "ab", blockIntervalMs: 1000, firstBlock: 1, lastBlock: 4 },
  ...{ blocks: 4, transactions: 5, operations: 7, accounts: 9, names: null },
  kinds: [
    { kind: "pay", operations: 4 },
    { kind: "note", operations: 2 },
    { kind: "vote", operations: 1 },
  ],
});
const [pay, note, vote] = [0, 1, 2];
/** Block 3 is two slots after block 2. */
const blocks: readonly CapturedBlock[] = [
  [
    1,
    1000,
    [
      [
        [pay, [0, 1], 0, {}],
        [note, [0], 7, {}],
      ],
      [[vote, [3], 0, {}]],
    ],
  ],
  [2, 2000, []],
  [
    3,
    4000,
    [
      [[pay, [2, 7], 0, {}]],
      [
        [pay, [0, 5], 0, {}],
        [vote, [0], 0, {}],
      ],
    ],
  ],
  [
    4,
    5000,
    [
      [
        [note, [8], 30, {}],
        [pay, [8, 1], 0, {}],
      ],
    ],
  ],
];

function built(written: Record<string, unknown> = {}): ReturnType<ReplayBuilder["build"]> {
  const builder = new ReplayBuilder(header, replaySchema.parse({ capture: "x", ...written }), catalogue);
  for (const block of blocks) builder.add(block);
  return builder.build();
}

function traffic(written: Record<string, unknown> = {}): ReplayTraffic {
  const result = built(written);
  if (!("mix" in result)) throw new Error(JSON.stringify(result));
  return result;
}

function shapesOf({ distribution, mix, popularity }: ReplayTraffic, sequences: readonly number[]): string[] {
  const shape = new WorkloadShape(
    { operationsPerTransaction: distribution, mix, popularity, route: { kind: "equal" } },
    1,
  );
  return sequences.map((sequence) => {
    shape.draw(sequence);
    return [...shape.entries.subarray(0, shape.operations)].map((entry) => mix[entry]?.name).join("+");
  });
}

test("transactions keep their operations in their order, without those that cannot be replayed", () => {
  const replay = traffic();
  expect(replay.mix.map(({ name, weight, parameters }) => [name, weight, parameters])).toEqual([
    ["pay", 4, {}],
    ["note", 2, { most: 30 }],
  ]);
  expect(shapesOf(replay, [0, 1, 2, 3])).toEqual(["pay+note", "pay", "pay", "note+pay"]);
  expect(replay.distribution).toMatchObject({ largest: 2, mean: 6 / 4 });
  expect(replay.distribution.source).toMatchObject({
    transactions: { captured: 5, replayed: 4 },
    operations: { captured: 7, replayed: 6 },
    leftOut: [{ kind: "vote", operations: 1, reason: "is of that network only" }],
  });
});

test("after the last transaction comes the first one again", () => {
  expect(shapesOf(traffic(), [4, 7])).toEqual(["pay+note", "note+pay"]);
});

test("only the kinds that are wanted are replayed", () => {
  const replay = traffic({ kinds: ["note"] });
  expect(shapesOf(replay, [0, 1])).toEqual(["note", "note"]);
  expect(replay.distribution.source.leftOut.map(({ kind }) => kind)).toEqual(["pay", "vote"]);
  expect(built({ kinds: ["vote"] })).toMatchObject([{ path: ["workload", "replay", "capture"] }]);
});

test("a slot without a block is empty, and the pace makes slots shorter", () => {
  expect(traffic()).toMatchObject({ slots: [1, 0, 0, 2, 1], slotMicros: 1e6 });
  expect(traffic({ pace: "4 x" }).slotMicros).toBe(250_000);
});

test("captured accounts are the run's, the busiest have one of their own, and nobody pays to itself", () => {
  const parties = new CapturedParties(traffic().popularity, 4);
  const partiesOf = (sequence: number, position: number): number[] => {
    const payer = parties.payerOf(sequence, position);
    return [payer, parties.otherOf(sequence, position, payer)];
  };
  expect(partiesOf(0, 0)).toEqual([0, 1]);
  expect(partiesOf(0, 1)).toEqual([0, -1]);
  expect(partiesOf(1, 0)).toEqual([2, 3]);
  // 8 and 4 are both the run's first account; 5 is its second.
  expect(partiesOf(2, 0)).toEqual([0, 1]);
  expect(partiesOf(3, 1)).toEqual([0, 1]);
  expect(new CapturedParties(traffic().popularity, 2).otherOf(2, 0, 1)).toBe(0);
  expect([parties.sizeOf(0, 1), parties.sizeOf(3, 0)]).toEqual([7, 30]);
  expect([...parties.payerShares()]).toEqual([5 / 6, 0, 1 / 6, 0]);
  expect([...parties.otherShares()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
  const random = new SequenceRandom();
  random.reset(1, 1);
  expect([0, 2]).toContain(parties.anyPayer(random));
});

test("phases take the capture's slots one after the other, and refuse more than there is", () => {
  const phase = (capturedMicros: number | null) => ({
    ...{ name: "p", measured: true, durationMicros: 0, transactions: null },
    load: { kind: "captured" as const, capturedMicros, arrivals: null },
  });
  const replay = traffic({ pace: "2 x" });
  const { phases, findings } = scheduleReplay([phase(3e6), phase(null)], replay);
  expect(findings).toEqual([]);
  expect(phases).toMatchObject([
    { durationMicros: 1.5e6, transactions: 1, load: { arrivals: { counts: [1, 0, 0] } } },
    { durationMicros: 1e6, transactions: 3, load: { arrivals: { counts: [2, 1] } } },
  ]);
  expect(scheduleReplay([phase(6e6)], replay).findings).toMatchObject([{ path: ["phases", 0, "replay"] }]);
  expect(scheduleReplay([phase(null), phase(null)], replay).findings).toMatchObject([
    { path: ["phases", 1, "replay"] },
  ]);
});

test("transactions are due at equal distances within their slot, in any order of asking", () => {
  const arrivals = { kind: "slots" as const, slotMicros: 1000, counts: [2, 0, 0, 1, 4, 0] };
  const cursor = dueCursorOf({ kind: "paced", segments: segmentsOf(arrivals), arrivals });
  const due = [250, 750, 3500, 4125, 4375, 4625, 4875];
  expect(cursor).toMatchObject({ transactions: 7, durationMicros: 6000 });
  expect(due.map((_, i) => cursor?.dueOffsetMicros(i))).toEqual(due);
  expect([6, 0, 3, 2, 1, 5].map((i) => cursor?.dueOffsetMicros(i))).toEqual([6, 0, 3, 2, 1, 5].map((i) => due[i]));
  const target = new Float64Array(3);
  cursor?.fill(target, 1, 2);
  expect([...target]).toEqual([750, 4125, 4625]);
  expect(() => cursor?.dueOffsetMicros(7)).toThrow(RangeError);
});

test("the curve of rates has no more pieces than can be drawn, and all transactions", () => {
  const counts = Array.from({ length: 1201 }, (_, i) => i % 7);
  const segments = segmentsOf({ kind: "slots", slotMicros: 500_000, counts });
  expect(segments.length).toBeLessThanOrEqual(500);
  const transactions = segments.reduce(
    (sum, { durationMicros, fromPerSecond }) => sum + (durationMicros / 1e6) * fromPerSecond,
    0,
  );
  expect(transactions).toBeCloseTo(counts.reduce((sum, count) => sum + count, 0));
});

test("a capture of another chain, and kinds that it does not have, are told with what was probably meant", () => {
  const findingsOf = (written: Record<string, unknown>, chain = "paper"): unknown =>
    replayFindings(header, replaySchema.parse({ capture: "x", ...written }), chain).map(({ path }) => path.join("."));
  expect(findingsOf({}, "other")).toEqual(["workload.replay.capture"]);
  expect(findingsOf({ kinds: ["pay", "nota"], parameters: { pey: {} } })).toEqual([
    "workload.replay.kinds.1",
    "workload.replay.parameters.pey",
  ]);
  expect(built({ parameters: { pay: { wrong: 1 } } })).toMatchObject([
    { path: ["workload", "replay", "parameters", "pay", "wrong"] },
  ]);
});
