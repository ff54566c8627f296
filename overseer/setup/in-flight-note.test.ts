import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { InFlightNote } from "./in-flight-note.ts";

let folder: string;
let scenario: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "note-"));
  scenario = join(folder, "scenario.yaml");
});

afterEach(() => rm(folder, { recursive: true }));

function settling(heads: number[], waits: number[] = []) {
  return {
    headSeconds: () => Promise.resolve((heads.length > 1 ? heads.shift() : heads[0]) as number),
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    onWait: (seconds: number) => waits.push(seconds),
  };
}

test("what an earlier attempt sent is waited for until the chain's time is past it", async () => {
  await new InFlightNote(scenario, "chain").write(100);
  const waits: number[] = [];
  const heads = [70, 90, 101];
  await new InFlightNote(scenario, "chain").settle(settling(heads, waits));
  expect({ waits, heads }).toEqual({ waits: [30], heads: [101] });
  expect(await readdir(folder)).toEqual([]);
});

test("where nothing was left on its way, and on another chain, nobody waits", async () => {
  const asked = settling([Number.NaN]);
  await new InFlightNote(scenario, "chain").settle(asked);
  await new InFlightNote(scenario, "other").write(Number.MAX_SAFE_INTEGER);
  await new InFlightNote(scenario, "chain").settle(asked);
});

test("a process that is still at it is left alone", async () => {
  const note = { chainId: "chain", untilSeconds: 100, process: process.ppid };
  await writeFile(`${scenario}.setup-under-way`, JSON.stringify(note));
  const settled = new InFlightNote(scenario, "chain").settle(settling([200]));
  await expect(settled).rejects.toMatchObject({ code: "CONFIGURATION_INVALID" });
});

test("a chain whose time stands still is said to", async () => {
  await new InFlightNote(scenario, "chain").write(100);
  const settled = new InFlightNote(scenario, "chain").settle({ ...settling([70]), timeoutMs: 50 });
  await expect(settled).rejects.toMatchObject({ code: "NETWORK_NOT_READY" });
});
