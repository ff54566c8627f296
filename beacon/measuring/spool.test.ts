import { expect, test } from "@jest/globals";
import { maximumRowsPerChunk } from "../../shared/ledger/chunk.ts";
import type { Reply } from "../../shared/protocol/messages.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import { Spool, type SpoolFiles } from "./spool.ts";

const acknowledged: Reply = { ok: true, value: null };

/** A disk in memory. */
class FakeFiles implements SpoolFiles {
  readonly files = new Map<string, string>();
  full = false;

  makeDirectory(): Promise<void> {
    return Promise.resolve();
  }

  writeWhole(path: string, bytes: Uint8Array): Promise<void> {
    if (this.full) return Promise.reject(Object.assign(new Error("no space left on device"), { code: "ENOSPC" }));
    this.files.set(path, Buffer.from(bytes).toString());
    return Promise.resolve();
  }

  remove(path: string): Promise<void> {
    for (const name of this.files.keys()) if (name.startsWith(path)) this.files.delete(name);
    return Promise.resolve();
  }
}

class Bench {
  readonly files = new FakeFiles();
  readonly abort = new AbortController();
  readonly uploads: string[] = [];
  readonly troubles: string[] = [];
  /** What the overseer does with the next uploads. */
  answer: () => Promise<Reply> = () => Promise.resolve(acknowledged);
  atOnce = 0;
  mostAtOnce = 0;
  readonly spool = new Spool(
    { directory: "/spool/run", signal: this.abort.signal },
    {
      files: this.files,
      encode: (table, number, first, end) => Buffer.from(`${table} ${number}: ${first}-${end}`),
      onTrouble: (text) => this.troubles.push(text),
      upload: async (bytes) => {
        this.uploads.push(Buffer.from(bytes).toString());
        this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
        try {
          return await this.answer();
        } finally {
          this.atOnce--;
        }
      },
    },
  );
}

async function until(condition: () => boolean): Promise<void> {
  await waitUntil(condition, { timeoutMs: 5000, everyMs: 5, onTimeout: () => new Error("not in time") });
}

test("rows are on disk until they are acknowledged", async () => {
  const bench = new Bench();
  let acknowledge = (_: Reply): void => undefined;
  bench.answer = () =>
    new Promise((resolve) => {
      acknowledge = resolve;
    });
  bench.spool.add("outcomes", 0, 10);
  await until(() => bench.uploads.length === 1);
  expect([...bench.files.files]).toEqual([["/spool/run/outcomes-000000.chunk", "outcomes 0: 0-10"]]);
  expect([bench.spool.spooledRows, bench.spool.acknowledgedRows]).toEqual([10, 0]);
  acknowledge(acknowledged);
  await bench.spool.acknowledged();
  expect(bench.files.files.size).toBe(0);
  expect(bench.spool.acknowledgedRows).toBe(10);
});

test("many rows become chunks without gaps, numbered for each table, a few under way at a time", async () => {
  const bench = new Bench();
  const rows = maximumRowsPerChunk * 9 + 5;
  bench.spool.add("prepared", 0, rows);
  bench.spool.add("outcomes", 0, 7);
  bench.spool.add("outcomes", 7, 9);
  await bench.spool.acknowledged();
  expect([bench.spool.chunks("prepared"), bench.spool.chunks("outcomes")]).toEqual([10, 2]);
  expect(bench.uploads).toHaveLength(12);
  expect(bench.uploads).toContain(`prepared 9: ${maximumRowsPerChunk * 9}-${rows}`);
  expect(bench.uploads).toContain("outcomes 1: 7-9");
  expect(bench.mostAtOnce).toBeLessThanOrEqual(4);
});

test("a chunk whose acknowledgement is lost or refused is sent again, the same", async () => {
  const bench = new Bench();
  const answers: (() => Promise<Reply>)[] = [
    () => Promise.reject(new Error("connection lost")),
    () => Promise.resolve({ ok: false, error: { code: "INTERNAL", message: "no room", problems: [] } }),
  ];
  bench.answer = () => answers.shift()?.() ?? Promise.resolve(acknowledged);
  bench.spool.add("outcomes", 0, 3);
  await bench.spool.acknowledged();
  expect(bench.uploads).toEqual(["outcomes 0: 0-3", "outcomes 0: 0-3", "outcomes 0: 0-3"]);
  expect(bench.troubles).toHaveLength(1);
  expect(bench.spool.unacknowledgedChunks).toBe(0);
});

test("a full disk is told once, and the rows are uploaded all the same", async () => {
  const bench = new Bench();
  bench.files.full = true;
  bench.spool.add("outcomes", 0, 3);
  bench.spool.add("outcomes", 3, 5);
  await bench.spool.acknowledged();
  expect(bench.uploads).toEqual(["outcomes 0: 0-3", "outcomes 1: 3-5"]);
  expect(bench.troubles).toEqual([expect.stringContaining("no space left on device")]);
});

test("when it is given up, waiting ends and what was not acknowledged stays on disk", async () => {
  const bench = new Bench();
  bench.answer = () => Promise.reject(new Error("away"));
  bench.spool.add("outcomes", 0, 3);
  const waiting = bench.spool.acknowledged();
  await until(() => bench.uploads.length > 0);
  bench.abort.abort(new Error("released"));
  await expect(waiting).rejects.toThrow("released");
  expect([...bench.files.files.keys()]).toEqual(["/spool/run/outcomes-000000.chunk"]);
  await bench.spool.remove();
  expect(bench.files.files.size).toBe(0);
});
