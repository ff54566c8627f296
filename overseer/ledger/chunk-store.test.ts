import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { encodeChunk } from "../../shared/ledger/chunk.ts";
import { createColumns, outcomesLayout } from "../../shared/ledger/columns.ts";
import { ChunkStore, listChunks, readChunk } from "./chunk-store.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chunks-"));
});

afterEach(() => rm(folder, { recursive: true }));

function chunk(number: number, firstSequence: number): Uint8Array {
  const columns = createColumns(outcomesLayout, 3);
  columns.sequence.set([firstSequence, firstSequence + 1, firstSequence + 2]);
  return encodeChunk("outcomes", 1, number, columns, 0, 3);
}

test("a chunk that comes twice is stored once, and comes back as it was", async () => {
  const store = new ChunkStore(folder);
  expect(await store.store("local-1", chunk(0, 10))).toBe("stored");
  expect(await store.store("local-1", Buffer.from(chunk(0, 10)))).toBe("known");
  expect(await new ChunkStore(folder).store("local-1", chunk(0, 10))).toBe("known");
  const stored = await listChunks(folder);
  expect(stored.map(({ beacon }) => beacon)).toEqual(["local-1"]);
  const { columns, rows } = await readChunk(stored[0] as (typeof stored)[number]);
  expect({ rows, sequence: [...columns.sequence] }).toEqual({ rows: 3, sequence: [10, 11, 12] });
});

test("beacons, numbers and tables do not get in each other's way", async () => {
  const store = new ChunkStore(folder);
  await store.store("b", chunk(1, 0));
  await store.store("a", chunk(0, 0));
  await store.store("b", chunk(0, 3));
  expect((await listChunks(folder)).map(({ path }) => path.slice(folder.length + 1))).toEqual([
    join("a", "outcomes-1-0.chunk"),
    join("b", "outcomes-1-0.chunk"),
    join("b", "outcomes-1-1.chunk"),
  ]);
});

test("two different chunks of one name are both kept", async () => {
  const store = new ChunkStore(folder);
  await store.store("a", chunk(0, 0));
  expect(await store.store("a", chunk(0, 100))).toBe("conflicting");
  expect(await store.store("a", chunk(0, 100))).toBe("conflicting");
  expect(await listChunks(folder)).toHaveLength(2);
});

test("no half-written file is left behind, and bytes that are no chunk are refused", async () => {
  const store = new ChunkStore(folder);
  await store.store("a", chunk(0, 0));
  await expect(store.store("a", chunk(0, 0).subarray(0, 40))).rejects.toMatchObject({ code: "INTERNAL" });
  await expect(store.store("../a", chunk(0, 0))).rejects.toMatchObject({ code: "INTERNAL" });
  expect(await readdir(join(folder, "a"))).toEqual(["outcomes-1-0.chunk"]);
});
