import { expect, test } from "@jest/globals";
import type { RunSummary } from "../run-summary.ts";
import { summaryOf } from "../testing/run-folders.ts";
import { makeSyntheticRun } from "../testing/synthetic-run.ts";
import { wrongSection } from "./wrong-section.ts";

type Event = RunSummary["events"][number];

function event(atMicros: number | null, subject: string): Event {
  return { atMicros, wallMillis: 0, kind: "beacon", severity: "warning", subject, text: "node-1: closed" };
}

test("what each of several connections tells at once stands once, with how often", async () => {
  const phases = [{ name: "hold", seconds: 2, fromPerSecond: 10, toPerSecond: 10 }];
  const summary = await summaryOf(makeSyntheticRun({ phases }));
  const told = [
    event(null, "local-1"),
    event(null, "local-1"),
    event(3.0e6, "local-1"),
    event(3.1e6, "local-2"),
    event(3.2e6, "local-1"),
    event(3.9e6, "local-1"),
    event(9.0e6, "local-1"),
  ];
  const { blocks } = wrongSection({ ...summary, events: told });
  const tables = blocks.flatMap((block) =>
    block.kind === "table" && block.table.title === "Events" ? block.table : [],
  );
  expect(tables[0]?.rows.map(([at, about, , text]) => [at, about, text])).toEqual([
    ["before the start", "local-1", "node-1: closed"],
    ["before the start", "local-1", "node-1: closed"],
    [expect.stringMatching(/^3\.0/), "local-1", expect.stringMatching(/^node-1: closed \(3\stimes\)$/)],
    [expect.stringMatching(/^3\.1/), "local-2", "node-1: closed"],
    [expect.stringMatching(/^9\.0/), "local-1", "node-1: closed"],
  ]);
});
