import { expect, test } from "@jest/globals";
import type { ResourceRecord } from "../ledger/evidence.ts";
import { ResourceLog } from "./resource-log.ts";

function open(): { log: ResourceLog; records: ResourceRecord[]; told: string[]; at: { micros: number | null } } {
  const records: ResourceRecord[] = [];
  const told: string[] = [];
  const at: { micros: number | null } = { micros: 1e6 };
  const log = new ResourceLog({
    elapsedMicros: () => at.micros,
    append: (record) => records.push(record),
    onTrouble: (source, text) => told.push(`${source}: ${text}`),
    onRecovery: (source) => told.push(`${source} again`),
  });
  return { log, records, told, at };
}

const node = { name: "node", kind: "container", about: "image", measures: [] } as const;

test("what is seen before the start is not kept, who is seen is", () => {
  const { log, records, at } = open();
  at.micros = null;
  const feed = log.found(node);
  feed.sample({ cpu: 1 });
  at.micros = 5;
  feed.sample({ cpu: 2 });
  expect(records).toEqual([
    { type: "source", ...node },
    { type: "sample", source: "node", atMicros: 5, values: { cpu: 2 }, failure: null },
  ]);
});

test("a failure is a gap each time and is told of once, until it is over", () => {
  const { log, records, told } = open();
  const feed = log.found(node);
  feed.failed("gone");
  feed.failed("still gone");
  feed.sample({ cpu: 1 }, "no memory");
  feed.sample({ cpu: 1 });
  expect(told).toEqual(["node: gone", "node again"]);
  expect(records.filter(({ type }) => type === "sample")).toMatchObject([
    { values: null, failure: "gone" },
    { values: null, failure: "still gone" },
    { values: { cpu: 1 }, failure: "no memory" },
    { values: { cpu: 1 }, failure: null },
  ]);
});

test("one that comes and goes all the time is told of a few times", () => {
  const { log, told } = open();
  const feed = log.found(node);
  for (let i = 0; i < 100; i++) {
    feed.failed("gone");
    feed.sample({});
  }
  expect(told.length).toBeLessThanOrEqual(10);
});

test("the same name of two kinds is two sources; found anew it is the same", () => {
  const { log, records } = open();
  log.found(node);
  log.found({ ...node, kind: "process" });
  log.found(node);
  expect(records.map((record) => (record.type === "source" ? record.name : ""))).toEqual(["node", "node (process)"]);
});
