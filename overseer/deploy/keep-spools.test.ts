import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { pack } from "tar-stream";
import { copyChunks } from "./keep-spools.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keep-spools-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("chunks of every spool are copied, and nothing else of the archive", async () => {
  const archive = pack();
  archive.entry({ name: "spool/", type: "directory" });
  archive.entry({ name: "spool/run-1-0/rows-0.chunk" }, "one");
  archive.entry({ name: "spool/run-1-1/rows-0.chunk" }, Buffer.alloc(100_000, 7));
  archive.entry({ name: "spool/run-1-1/rows-1.chunk.partial" }, "half of it");
  archive.entry({ name: "spool/run-1-1/link.chunk", type: "symlink", linkname: "/etc/passwd" });
  archive.entry({ name: "spool/../rows-2.chunk" }, "elsewhere");
  archive.finalize();
  await copyChunks(archive, join(folder, "beacon-1"));
  expect((await readdir(folder, { recursive: true })).sort()).toEqual([
    "beacon-1",
    "beacon-1/run-1-0",
    "beacon-1/run-1-0/rows-0.chunk",
    "beacon-1/run-1-1",
    "beacon-1/run-1-1/rows-0.chunk",
  ]);
  expect(await readFile(join(folder, "beacon-1/run-1-0/rows-0.chunk"), "utf8")).toBe("one");
  expect(await readFile(join(folder, "beacon-1/run-1-1/rows-0.chunk"))).toEqual(Buffer.alloc(100_000, 7));
});

test("an archive that ends too early is told, and leaves no part of a chunk", async () => {
  const archive = pack();
  archive.entry({ name: "spool/run-1-0/rows-0.chunk" }, Buffer.alloc(10_000, 7));
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  const cut = Readable.from([Buffer.concat(parts).subarray(0, 5000)]);
  await expect(copyChunks(cut, folder)).rejects.toThrow("end of data");
  const left = await readdir(folder, { recursive: true, withFileTypes: true });
  expect(left.filter((entry) => entry.isFile())).toEqual([]);
});
