import { expect, test } from "@jest/globals";
import { codeOfOutcome } from "../../shared/chains/outcome.ts";
import { createColumns, outcomesLayout } from "../../shared/ledger/columns.ts";
import type { Load, Phase } from "../../shared/scenario/scenario.ts";
import { OutcomeBoard } from "./outcome-board.ts";

const baseExpirationSeconds = 1000;
const windows = [{ endSequence: 4, baseExpirationSeconds }];

function boardOf(load: Load): OutcomeBoard {
  const phase: Phase = {
    index: 0,
    name: "flood",
    measured: true,
    startMicros: 0,
    durationMicros: 60e6,
    firstSequence: 0,
    transactions: 4,
    load,
  };
  const board = new OutcomeBoard(4, [phase]);
  const columns = createColumns(outcomesLayout, 4);
  for (let row = 0; row < 4; row++) {
    columns.sequence[row] = row;
    columns.outcome[row] = codeOfOutcome("accepted");
  }
  board.add(columns);
  return board;
}

test("what an unlimited phase sent is waited for until the phase's end and its lifetime are over", () => {
  const board = boardOf({ kind: "unlimited", inFlight: 8 });
  const outstandingAt = (seconds: number) => board.outstanding((sequence) => sequence === 0, windows, seconds * 1000);
  expect(outstandingAt(baseExpirationSeconds + 59)).toEqual({ waiting: 3, expired: 0 });
  expect(outstandingAt(baseExpirationSeconds + 61)).toEqual({ waiting: 0, expired: 3 });
});

test("what a paced phase sent is waited for until each one's own lifetime is over", () => {
  const segments = [{ durationMicros: 60e6, fromPerSecond: 4 / 60, toPerSecond: 4 / 60 }];
  // Due after 0, 15, 30 and 45 seconds.
  const board = boardOf({ kind: "paced", segments, arrivals: { kind: "even" } });
  const { waiting, expired } = board.outstanding(() => false, windows, (baseExpirationSeconds + 31) * 1000);
  expect({ waiting, expired }).toEqual({ waiting: 1, expired: 3 });
});
