import { expect, test } from "@jest/globals";
import { capacitySchema } from "./capacity-schema.ts";

test("everything has a default", () => {
  expect(capacitySchema.parse({})).toMatchObject({
    fromPerSecond: 50,
    toPerSecond: 100_000,
    resolution: 0.02,
    holdMicros: 30e6,
    confirmMicros: 60e6,
    repeats: 3,
  });
  expect(capacitySchema.parse({}).criteria.map(({ metric }) => metric)).toEqual([
    "accepted.share",
    "included.share",
    "inclusion.intended.p99",
  ]);
});

test("criteria are taken over with their limits in base units", () => {
  const { criteria } = capacitySchema.parse({ criteria: { "answer.intended.p95": "< 250 ms" } });
  expect(criteria).toEqual([{ metric: "answer.intended.p95", comparison: "<", limit: 250_000, limitText: "250 ms" }]);
});

test.each<[string, Record<string, unknown>, (string | number)[]]>([
  ["a highest rate below the first", { from: "100 tx/s", to: "50 tx/s" }, ["to"]],
  ["a first rate of nothing", { from: "0 tx/s" }, ["from"]],
  ["a factor that does not climb", { growth: 1 }, ["growth"]],
  ["a resolution finer than can be measured", { resolution: "0.1 %" }, ["resolution"]],
  ["points too short for their blocks", { hold: "1s" }, ["hold"]],
  ["a single repeat", { repeats: 1 }, ["repeats"]],
  ["a criterion for no metric", { criteria: { "included.shar": ">= 99 %" } }, ["criteria", "included.shar"]],
  ["a criterion of a phase", { criteria: { "hold.included.share": ">= 99 %" } }, ["criteria", "hold.included.share"]],
  ["a limit in another unit", { criteria: { "included.share": ">= 5 s" } }, ["criteria", "included.share"]],
])("refuses %s", (_, written, path) => {
  const result = capacitySchema.safeParse(written);
  expect(result.error?.issues.map((issue) => issue.path)).toEqual([path]);
});
