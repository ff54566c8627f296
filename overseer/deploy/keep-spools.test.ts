import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { pack } from "tar-stream";
import { copyChunks, placesOf } from "./keep-spools.ts";
import { labelsOf, taskLabelsOf } from "./labels.ts";
import type { SwarmTask } from "./swarm.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keep-spools-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("chunks of every spool of the run are copied, and nothing else of the archive", async () => {
  const archive = pack();
  archive.entry({ name: "spool/", type: "directory" });
  archive.entry({ name: "spool/run-1-0/rows-0.chunk" }, "one");
  archive.entry({ name: "spool/run-1-1/rows-0.chunk" }, Buffer.alloc(100_000, 7));
  archive.entry({ name: "spool/run-1-1/rows-1.chunk.partial" }, "half of it");
  archive.entry({ name: "spool/run-1-1/link.chunk", type: "symlink", linkname: "/etc/passwd" });
  archive.entry({ name: "spool/../rows-2.chunk" }, "elsewhere");
  archive.entry({ name: "spool/run-0-0/rows-0.chunk" }, "of the run before");
  archive.finalize();
  expect(await copyChunks(archive, { prefix: "run-1-", folder: join(folder, "beacon-1") })).toBe(2);
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
  await expect(copyChunks(cut, { prefix: "run-1-", folder })).rejects.toThrow("end of data");
  const left = await readdir(folder, { recursive: true, withFileTypes: true });
  expect(left.filter((entry) => entry.isFile())).toEqual([]);
});

function task(ID: string, changes: Partial<SwarmTask> = {}): SwarmTask {
  return {
    ...{ ID, ServiceID: "service", NodeID: "here", Slot: 1, DesiredState: "running" },
    Spec: { ContainerSpec: { Image: "image" } },
    Status: { State: "running", Timestamp: "", ContainerStatus: { ContainerID: `container-${ID}` } },
    ...changes,
  };
}

function ofTask(ID: string): { readonly Id: string; readonly Labels: Record<string, string> } {
  return { Id: `container-${ID}`, Labels: { ...taskLabelsOf("lab", "beacon"), "com.docker.swarm.task.id": ID } };
}

test("a beacon's container is found by its number, and one that is gone is told", () => {
  const containers = [2, 12].map((index) => ({ Id: `c${index}`, Labels: labelsOf("lab", "beacon", index) }));
  const there = { containers, tasks: [], ownNode: null };
  expect(placesOf(2, there)).toEqual({ containers: ["c2"], missed: [] });
  expect(placesOf(1, there)).toEqual({ containers: [], missed: ["its container is gone"] });
});

test("what a swarm's beacon left is looked for in all the tasks that it was", () => {
  const tasks = [task("a", { DesiredState: "shutdown" }), task("b"), task("c", { Slot: 2 })];
  const containers = ["a", "b", "c"].map(ofTask);
  expect(placesOf(1, { containers, tasks, ownNode: "here" })).toEqual({
    containers: ["container-a", "container-b"],
    missed: [],
  });
});

test("tasks on machines whose engines are not asked are told, and so is a container that is gone", () => {
  const tasks = [task("a", { NodeID: "there" }), task("b"), task("c")];
  const { containers, missed } = placesOf(1, { containers: [ofTask("c")], tasks, ownNode: "here" });
  expect(containers).toEqual(["container-c"]);
  expect(missed).toEqual([expect.stringContaining("node there"), "its container container-b is gone"]);
});

test("a task that never came to have a container has left nothing", () => {
  const waiting = task("b", { NodeID: "there", Status: { State: "pending", Timestamp: "" } });
  const there = { containers: [ofTask("a")], tasks: [task("a"), waiting], ownNode: "here" };
  expect(placesOf(1, there)).toEqual({ containers: ["container-a"], missed: [] });
});
