import { expect, test } from "@jest/globals";
import type { ResourceRecord } from "../ledger/evidence.ts";
import { resourceSummariesOf } from "./resources.ts";

const source = (name: string, kind: "container" | "metrics" = "container"): ResourceRecord => ({
  type: "source",
  name,
  kind,
  about: "image",
  measures: [{ key: "cpu", label: "Processor time", unit: "cores" }],
});

const sample = (name: string, second: number, cpu: number | null, failure: string | null = null): ResourceRecord => ({
  type: "sample",
  source: name,
  atMicros: second * 1e6,
  values: failure === null ? { cpu } : null,
  failure,
});

test("spreads are of the time with load, and a gap is in no figure", () => {
  const [summary] = resourceSummariesOf(
    [
      source("a"),
      sample("a", -1, 9),
      sample("a", 1, 0.5),
      sample("a", 2, null, "gone"),
      sample("a", 3, 1.5),
      sample("a", 4, 7),
    ],
    3e6,
  );
  expect(summary?.measures[0]).toMatchObject({
    spread: { minimum: 0.5, mean: 1, maximum: 1.5 },
    values: [0.5, null, 1.5, 7],
  });
  expect(summary?.gaps).toEqual({ count: 1, reason: "gone" });
});

test("where samples are missing there is a gap although nobody told of one", () => {
  const seconds = [1, 2, 3, 4, 9, 10];
  const records = [source("a"), ...seconds.map((second) => sample("a", second, 1))];
  const [summary] = resourceSummariesOf(records, 20e6);
  expect(summary?.seconds).toEqual([1, 2, 3, 4, 6.5, 9, 10]);
  expect(summary?.measures[0]?.values).toEqual([1, 1, 1, 1, null, 1, 1]);
  expect(summary?.gaps?.count).toBe(1);
});

test("containers come first, by their numbers; one that never told anything is there", () => {
  const records = [source("host", "metrics"), source("beacon-10"), source("beacon-2"), sample("beacon-2", 1, 1)];
  const summaries = resourceSummariesOf(records, 5e6);
  expect(summaries.map(({ name }) => name)).toEqual(["beacon-2", "beacon-10", "host"]);
  expect(summaries[1]).toMatchObject({ seconds: [], gaps: null, measures: [{ spread: null }] });
});
