import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { fakeCatalogues } from "../../../shared/scenario/fake-catalogues.ts";
import { createFakeIo } from "../fake-io.ts";
import { validate } from "./validate-handler.ts";

const good = `
name: short
question: Does it work?
chain: bitshares
network: { embedded: {} }
accounts: { count: 10, balance: 100 BTS }
workload: { mix: { transfer: 1 } }
phases: [{ name: hold, rate: 50 tx/s, for: 10s }]
`;
let folder: string;
let goodFile: string;
let badFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "validate-"));
  goodFile = join(folder, "good.yaml");
  badFile = join(folder, "bad.yaml");
  await writeFile(goodFile, good);
  await writeFile(badFile, good.replace("50 tx/s", "fast").replace("chain:", "chian:"));
});

afterAll(() => rm(folder, { recursive: true }));

const chains = fakeCatalogues;

test("a valid file passes, with what is in it", async () => {
  const io = createFakeIo();
  expect(await validate({ files: [goodFile], json: false }, { io, chains })).toBe("passed");
  expect(io.stdout).toMatch(/good\.yaml is valid: 1 phase, 500 transactions in 10 s/);
});

test("every file is checked, and every problem told", async () => {
  const io = createFakeIo();
  const files = [badFile, join(folder, "absent.yaml"), goodFile];
  expect(await validate({ files, json: false }, { io, chains })).toBe("invalid-scenario");
  expect(io.stdout).toContain("bad.yaml has 2 problems");
  expect(io.stdout).toContain('did you mean "chain"?');
  expect(io.stdout).toContain("phases[0].rate");
  expect(io.stdout).toContain("there is no such file");
  expect(io.stdout).toContain("good.yaml is valid");
  expect(io.stderr).toBe("");
});

test("the same as JSON", async () => {
  const io = createFakeIo();
  expect(await validate({ files: [badFile, goodFile], json: true }, { io, chains })).toBe("invalid-scenario");
  expect(JSON.parse(io.stdout)).toMatchObject([
    { valid: false, code: "SCENARIO_INVALID", problems: [{ path: "chian" }, { path: "phases[0].rate", line: 8 }] },
    { valid: true, problems: [], scenario: { seed: 1, drainMicros: 30e6 } },
  ]);
});
