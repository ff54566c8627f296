import { expect, test } from "@jest/globals";
import { codeOfOutcome, codeOfReason, type Outcome, type Reason } from "../../shared/chains/outcome.ts";
import { createColumns, outcomesLayout } from "../../shared/ledger/columns.ts";
import { NodeOutcomes } from "./node-outcomes.ts";

function rows(...given: readonly [sequence: number, outcome: Outcome, reason: Reason][]) {
  const columns = createColumns(outcomesLayout, given.length);
  for (const [row, [sequence, outcome, reason]] of given.entries()) {
    columns.sequence[row] = sequence;
    columns.outcome[row] = codeOfOutcome(outcome);
    columns.reason[row] = codeOfReason(reason);
  }
  return columns;
}

const evenAndOdd = { nodeOf: (sequence: number) => sequence % 2 };

test("each transaction counts once at its node, also when its row comes twice", () => {
  const outcomes = new NodeOutcomes({ transactions: 4, nodes: 2, router: evenAndOdd });
  outcomes.add(rows([0, "accepted", "none"], [1, "rejected", "duplicate"], [2, "accepted", "none"]));
  outcomes.add(rows([1, "rejected", "duplicate"], [2, "accepted", "none"]));
  expect(outcomes.entries).toEqual([
    { node: 0, outcome: "accepted", reason: "none", count: 2 },
    { node: 1, outcome: "rejected", reason: "duplicate", count: 1 },
  ]);
});

test("what another beacon has sent after all is cancelled no more, whichever row comes first", () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const outcomes = new NodeOutcomes({ transactions: 1, nodes: 1, router: { nodeOf: () => 0 } });
    const both = [rows([0, "cancelled", "beacon-lost"]), rows([0, "accepted", "none"])];
    for (const at of order) outcomes.add(both[at] as ReturnType<typeof rows>);
    expect(outcomes.entries).toEqual([{ node: 0, outcome: "accepted", reason: "none", count: 1 }]);
  }
});
