import { expect, test } from "@jest/globals";
import { type RunReading, RunWatch } from "./run-watch.ts";

const reading = { runId: "r", stage: "draining" } as RunReading;

test("a run can be looked at while it goes on, and as it was at its end until the next one", () => {
  const watch = new RunWatch();
  expect(watch.reading).toBeNull();
  watch.begin(() => reading);
  expect(watch.reading).toMatchObject({ runId: "r", stage: "draining" });
  watch.end();
  expect(watch.reading).toMatchObject({ runId: "r", stage: "ended" });
  // One that ended before it could be looked at.
  watch.end();
  expect(watch.reading).toMatchObject({ runId: "r", stage: "ended" });
  watch.begin(() => ({ ...reading, runId: "next" }));
  expect(watch.reading).toMatchObject({ runId: "next", stage: "draining" });
});
