import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Workload } from "../scenario/scenario.ts";
import { assignPoolOrdinals, consumersOf, createPoolCheckpoints, PoolCursor, seekToCheckpoint } from "./pools.ts";
import { WorkloadShape } from "./shape.ts";

const workload: Workload = {
  operationsPerTransaction: { kind: "uniform", minimum: 1, maximum: 4 },
  mix: [
    { name: "transfer", weight: 60, operation: "transfer", parameters: {}, template: null },
    { name: "cancel", weight: 30, operation: "limit_order_cancel", parameters: {}, template: null },
    { name: "cancel-other", weight: 10, operation: "limit_order_cancel", parameters: {}, template: null },
  ],
  route: { kind: "equal" },
  popularity: { kind: "uniform" },
};
const consumes = consumersOf([null, 1000, 1000]);

/** Every (sequence, operation, entry, ordinal), drawn one after the other. */
function allOrdinals(transactions: number): string[] {
  const shape = new WorkloadShape(workload, 7);
  const counts = new Uint32Array(3);
  const out = new Uint32Array(16);
  const rows: string[] = [];
  for (let sequence = 0; sequence < transactions; sequence++) {
    shape.draw(sequence);
    assignPoolOrdinals(shape.entries, shape.operations, counts, out);
    rows.push(rowOf(shape, out, sequence));
  }
  return rows;
}

function rowOf(shape: WorkloadShape, ordinals: Uint32Array, sequence: number): string {
  const pairs = Array.from({ length: shape.operations }, (_, i) => `${shape.entries[i]}#${ordinals[i]}`);
  return `${sequence}: ${pairs.join(" ")}`;
}

test("each use of a pool has the next ordinal of its own mix entry", () => {
  const counts = new Uint32Array(3);
  const out = new Uint32Array(5);
  assignPoolOrdinals(Uint16Array.of(1, 2, 1, 0, 1), 5, counts, out);
  assignPoolOrdinals(Uint16Array.of(2, 1, 0, 0, 0), 2, counts, out);
  expect([...out.subarray(0, 2)]).toEqual([1, 3]);
  expect([...counts]).toEqual([1, 4, 2]);
});

test("a cursor that starts at any checkpoint and skips gives the same ordinals as counting from the start", () => {
  const expected = allOrdinals(500);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 130 }),
      fc.array(fc.integer({ min: 0, max: 499 }), { minLength: 1, maxLength: 20 }),
      (every, picks) => {
        const checkpoints = createPoolCheckpoints(new WorkloadShape(workload, 7), consumes, 0, 500, every);
        const shape = new WorkloadShape(workload, 7);
        const cursor = new PoolCursor(shape, consumes);
        const wanted = [...new Set(picks)].sort((a, b) => a - b);
        seekToCheckpoint(cursor, checkpoints, wanted[0] as number);
        for (const sequence of wanted) {
          cursor.draw(sequence);
          expect(rowOf(shape, cursor.ordinals, sequence)).toBe(expected[sequence]);
        }
      },
    ),
  );
});

test("checkpoints survive a structured clone", () => {
  const checkpoints = createPoolCheckpoints(new WorkloadShape(workload, 7), consumes, 0, 500, 64);
  const shape = new WorkloadShape(workload, 7);
  const cursor = new PoolCursor(shape, consumes);
  seekToCheckpoint(cursor, structuredClone(checkpoints), 450);
  cursor.draw(450);
  expect(rowOf(shape, cursor.ordinals, 450)).toBe(allOrdinals(451)[450]);
});

test("a cursor does not go backwards without a seek", () => {
  const cursor = new PoolCursor(new WorkloadShape(workload, 7), consumes);
  cursor.draw(10);
  expect(cursor.next).toBe(11);
  expect(() => cursor.draw(10)).toThrow(RangeError);
});

test("a workload that consumes nothing is neither counted nor checkpointed", () => {
  const nothing = [false, false, false];
  const checkpoints = createPoolCheckpoints(new WorkloadShape(workload, 7), nothing, 0, 4_000_000_000, 1000);
  expect(checkpoints.counts).toHaveLength(0);
  const shape = new WorkloadShape(workload, 7);
  const cursor = new PoolCursor(shape, nothing);
  seekToCheckpoint(cursor, checkpoints, 3_999_999_999);
  cursor.draw(3_999_999_999);
  expect(shape.operations).toBeGreaterThan(0);
});
