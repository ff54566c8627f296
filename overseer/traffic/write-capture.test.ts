import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TrafficBlock, TrafficOperation } from "../../shared/chains/traffic.ts";
import type { CapturedBlock, CaptureHeader } from "../../shared/traffic/capture-format.ts";
import { withCapture } from "../../shared/traffic/read-capture.ts";
import { writeCapture } from "./write-capture.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "capture-"));
});

afterAll(() => rm(folder, { recursive: true }));

const network = { chain: "paper", chainId: "abc", blockIntervalMs: 1000 };
const operation = (kind: string, ...accounts: string[]): TrafficOperation => ({ kind, accounts, size: 3, fields: {} });

async function* blocks(): AsyncGenerator<TrafficBlock> {
  yield { number: 7, timestampMs: 7000, transactions: [{ operations: [operation("rare", "ann", "bob")] }] };
  yield { number: 8, timestampMs: 8000, transactions: [] };
  await Promise.resolve();
  yield {
    number: 9,
    timestampMs: 9000,
    transactions: [
      { operations: [operation("often", "eve", "ann"), operation("often", "eve", "bob")] },
      { operations: [operation("often", "eve", "ann")] },
    ],
  };
}

function write(name: string, withNames = false): Promise<CaptureHeader> {
  return writeCapture(blocks(), { path: join(folder, name), network, range: { first: 7, last: 9 }, withNames });
}

async function read(name: string): Promise<CapturedBlock[]> {
  return withCapture(join(folder, name), async (reader) => {
    const all: CapturedBlock[] = [];
    for await (const block of reader.blocks()) all.push(block);
    return all;
  });
}

test("what is captured is read again, with accounts and kinds numbered by how often they occur", async () => {
  const header = await write("good");
  expect(header).toMatchObject({ blocks: 3, transactions: 3, operations: 4, accounts: 3, names: null });
  expect(header.kinds).toEqual([
    { kind: "often", operations: 3 },
    { kind: "rare", operations: 1 },
  ]);
  // eve sent two transactions and ann one; bob only received.
  expect(await read("good")).toEqual([
    [7, 7000, [[[1, [1, 2], 3, {}]]]],
    [8, 8000, []],
    [
      9,
      9000,
      [
        [
          [0, [0, 1], 3, {}],
          [0, [0, 2], 3, {}],
        ],
        [[0, [0, 1], 3, {}]],
      ],
    ],
  ]);
});

test("names are kept only where they are wanted", async () => {
  await write("plain");
  expect(gunzipSync(await readFile(join(folder, "plain"))).toString()).not.toMatch(/ann|bob|eve/);
  expect((await write("named", true)).names).toEqual(["eve", "ann", "bob"]);
});

test("a capture that cannot be finished leaves nothing behind", async () => {
  const failing = async function* (): AsyncGenerator<TrafficBlock> {
    yield* blocks();
    throw new Error("the node is gone");
  };
  const path = join(folder, "failing");
  const options = { path, network, range: { first: 7, last: 10 }, withNames: false };
  await expect(writeCapture(failing(), options)).rejects.toThrow("the node is gone");
  expect((await readdir(folder)).filter((name) => name.startsWith("failing"))).toEqual([]);
  const nowhere = { ...options, path: join(folder, "no", "such", "folder") };
  await expect(writeCapture(blocks(), nowhere)).rejects.toMatchObject({ code: "REPORT_FAILED" });
});

test("files that are no capture, of another version, cut off or damaged are refused", async () => {
  await write("whole");
  const whole = await readFile(join(folder, "whole"));
  const lines = gunzipSync(whole).toString().trimEnd().split("\n");
  const damaged: Readonly<Record<string, Uint8Array | string>> = {
    text: "hello",
    "other-json": gzipSync('{"a":1}\n'),
    "other-version": gzipSync((lines[0] as string).replace('"version":1', '"version":2')),
    "without-end": gzipSync(lines.slice(0, -1).join("\n")),
    "without-block": gzipSync(lines.filter((_, i) => i !== 2).join("\n")),
    "half-a-line": gzipSync(lines.join("\n").slice(0, -30)),
  };
  for (const [name, content] of Object.entries(damaged)) await writeFile(join(folder, name), content);
  await writeFile(join(folder, "cut-off"), whole);
  await truncate(join(folder, "cut-off"), whole.length - 20);
  for (const name of [...Object.keys(damaged), "cut-off", "absent"]) {
    await expect(read(name)).rejects.toMatchObject({ code: "CAPTURE_UNREADABLE" });
  }
});
