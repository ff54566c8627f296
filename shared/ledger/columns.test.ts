import { expect, test } from "@jest/globals";
import { decodeChunk, encodeChunk } from "./chunk.ts";
import { createColumns, outcomesLayout, preparedLayout } from "./columns.ts";

test.each([
  ["bytes", (size: number) => new Uint8Array(size)],
  ["a Buffer, as files and sockets give", (size: number) => Buffer.alloc(size)],
])("a chunk comes back from %s with every column, at any alignment", (_, allocate) => {
  const columns = createColumns(outcomesLayout, 5);
  columns.sequence.set([7, 9, 11, 13, 15]);
  columns.due.set([0.5, 1.5, 2.5, 3.5, 4.5]);
  columns.sent.fill(Number.NaN);
  columns.outcome.set([1, 2, 3, 4, 5]);
  const bytes = encodeChunk("outcomes", 3, 17, columns, 1, 4);
  const shifted = allocate(bytes.length + 1);
  shifted.set(bytes, 1);
  const chunk = decodeChunk(shifted.subarray(1));
  if (chunk.table !== "outcomes") throw new Error("wrong table");
  expect({ epoch: chunk.epoch, number: chunk.number, rows: chunk.rows }).toEqual({ epoch: 3, number: 17, rows: 3 });
  expect([...chunk.columns.sequence]).toEqual([9, 11, 13]);
  expect([...chunk.columns.due]).toEqual([1.5, 2.5, 3.5]);
  expect([...chunk.columns.sent]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  expect([...chunk.columns.outcome]).toEqual([2, 3, 4]);
});

test("a chunk that was cut short is refused", () => {
  const bytes = encodeChunk("prepared", 1, 0, createColumns(preparedLayout, 2), 0, 2);
  expect(() => decodeChunk(bytes.subarray(0, bytes.length - 1))).toThrow("not as long as it says");
  expect(() => decodeChunk(bytes.subarray(0, 10))).toThrow("shorter than a header");
});
