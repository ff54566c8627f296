import { expect, test } from "@jest/globals";
import { createSharedRecord, Recorder, RecordReader } from "./recorder.ts";
import { SettledRows } from "./settled-rows.ts";

test("outcomes are counted by node and reason as they stand, however they overtake each other", () => {
  const record = createSharedRecord(6, 1);
  const recorder = new Recorder(record);
  const nodeOfRow = Uint8Array.of(0, 1, 0, 1, 0, 1);
  const settled = new SettledRows({ reader: new RecordReader(record), nodeOfRow, nodes: 2 });
  expect(settled.tally().entries).toEqual([]);
  for (let row = 0; row < 3; row++) {
    recorder.due(0);
    recorder.sent(row, 0, 0);
  }
  recorder.answered(1, 0, "duplicate", 10);
  recorder.answered(2, 0, "none", 10);
  expect(settled.tally().entries).toEqual([
    { node: 0, outcome: "accepted", reason: "none", count: 1 },
    { node: 1, outcome: "rejected", reason: "duplicate", count: 1 },
  ]);
  recorder.unanswered(0, 0, "connection-lost", 20);
  // What is stopped before it is due has an end, too.
  recorder.cancelled(5, 0, "stopped");
  const expected = [
    { node: 0, outcome: "accepted", reason: "none", count: 1 },
    { node: 0, outcome: "unanswered", reason: "connection-lost", count: 1 },
    { node: 1, outcome: "rejected", reason: "duplicate", count: 1 },
    { node: 1, outcome: "cancelled", reason: "stopped", count: 1 },
  ];
  expect(settled.tally().entries).toEqual(expected);
  expect(settled.tally().entries).toEqual(expected);
});
