import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readKeyFile, writeKeyFile } from "./key-file.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "key-file-"));
});

afterEach(() => rm(folder, { recursive: true }));

test("what was written is read again, by its owner alone, and nothing lies beside it", async () => {
  const path = join(folder, "keys.json");
  expect(await readKeyFile(path)).toBeNull();
  await writeKeyFile(path, null, { "load-1": "5Jone" });
  await writeKeyFile(path, { "load-1": "5Jone" }, { "load-1": "5Jone", "load-2": "5Jtwo" });
  expect(await readKeyFile(path)).toEqual({ "load-1": "5Jone", "load-2": "5Jtwo" });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["keys.json"]);
});

test("a file that others may read, and one that holds something else, are refused without a word of them", async () => {
  const path = join(folder, "keys.json");
  await writeFile(path, '{"load-1":"5Jsecret"', { mode: 0o600 });
  const damaged: unknown = await readKeyFile(path).catch((error: unknown) => error);
  await writeFile(path, '{"load-1":"5Jsecret"}');
  await chmod(path, 0o640);
  const readable: unknown = await readKeyFile(path).catch((error: unknown) => error);
  for (const failure of [damaged, readable]) {
    expect(failure).toMatchObject({ code: "ACCOUNT_KEY" });
    expect(JSON.stringify(failure) + String((failure as Error).message)).not.toContain("5Jsecret");
  }
});

test("a folder that is not there is named", async () => {
  await expect(writeKeyFile(join(folder, "none", "keys.json"), null, {})).rejects.toMatchObject({
    code: "ACCOUNT_KEY",
  });
});

test("keys that somebody else has written meanwhile stay", async () => {
  const path = join(folder, "keys.json");
  await writeKeyFile(path, null, { "load-1": "5Jtheirs" });
  for (const known of [null, { "load-1": "5Jours" }]) {
    await expect(writeKeyFile(path, known, { "load-1": "5Jours" })).rejects.toMatchObject({ code: "ACCOUNT_KEY" });
  }
  const first = join(folder, "a.json");
  const writers = Array.from({ length: 8 }, (_, i) => writeKeyFile(first, null, { "load-1": `5J${i}` }));
  const written = (await Promise.allSettled(writers)).filter(({ status }) => status === "fulfilled");
  expect(written).toHaveLength(1);
  expect(await readKeyFile(path)).toEqual({ "load-1": "5Jtheirs" });
  expect((await readdir(folder)).sort()).toEqual(["a.json", "keys.json"]);
});
