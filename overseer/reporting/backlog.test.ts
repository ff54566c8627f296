import { expect, test } from "@jest/globals";
import { backlogSentence } from "./backlog.ts";
import type { Backlog, NamedCount } from "./run-summary.ts";

function sentenceOf(counts: readonly number[], nodes: number): string {
  const byNode = counts.map((count, i): NamedCount => ({ name: `node-${i + 1}`, count }));
  const backlog: Backlog = {
    ...{ transactions: 1000, phase: "flood", phaseEndMicros: 20e6, atMicros: 20e6, goneAtMicros: 28e6 },
    ...{ neverIncluded: 0, byNode },
  };
  return backlogSentence(backlog, nodes).replaceAll(/[\u00a0\u202f]/g, " ");
}

const grown = "The backlog grew to 1 000 (flood, 20.0 s after the start) and was gone 8 s after flood had ended.";

test.each<[string, number[], number, string]>([
  ["at the only node", [1000], 1, ""],
  ["alike at all nodes", [340, 330, 330], 3, " Each of the 3 nodes had its share of it."],
  ["at one of several nodes", [1000], 3, " All of it was at node-1."],
  ["more at some than at others", [700, 300], 3, " 70 % of it was at node-1 and 30 % at node-2."],
  [
    "at more nodes than anybody reads",
    [500, 200, 100, 100, 100],
    5,
    " 50 % of it was at node-1, 20 % at node-2, 10 % at node-3 and the rest at 2 other nodes.",
  ],
])("where a backlog waited is told: %s", (_, counts, nodes, expected) => {
  expect(sentenceOf(counts, nodes)).toBe(`${grown}${expected}`);
});

test("without a backlog there is nothing to tell", () => {
  expect(backlogSentence(null, 3)).toBe("");
});
