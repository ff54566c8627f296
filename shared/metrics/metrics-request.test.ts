import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type MetricsArguments, metricsRequestOf } from "./metrics-request.ts";

let folder: string;
let tokenFile: string;
const token = "a-token-for-scrapers";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loadstone-"));
  tokenFile = join(folder, "token");
  await writeFile(tokenFile, `${token}\n`);
  await writeFile(join(folder, "short"), "short");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("nothing is served unless it is asked for, and then on this machine alone", async () => {
  expect(await metricsRequestOf({}, [])).toBeNull();
  expect(await metricsRequestOf({ metrics: "9464" }, [])).toEqual({ host: "127.0.0.1", port: 9464, token: null });
});

test("beyond loopback it takes a token, or the word that none is wanted", async () => {
  const metrics = "0.0.0.0:9464";
  await expect(metricsRequestOf({ metrics }, [])).rejects.toMatchObject({ code: "CONFIGURATION_INVALID" });
  expect(await metricsRequestOf({ metrics, "metrics-token-file": tokenFile }, [])).toMatchObject({ token });
  expect(await metricsRequestOf({ metrics, "metrics-without-token": true }, [])).toMatchObject({ token: null });
});

test("a token that opens more than figures is not taken", async () => {
  await expect(
    metricsRequestOf({ metrics: "9464", "metrics-token-file": tokenFile }, ["another", token]),
  ).rejects.toMatchObject({ code: "CONFIGURATION_INVALID" });
});

test.each<[string, () => MetricsArguments, string]>([
  ["a host without a port", () => ({ metrics: "localhost" }), "USAGE"],
  ["a token without an address", () => ({ "metrics-token-file": tokenFile }), "USAGE"],
  [
    "no token and a token",
    () => ({ metrics: "1", "metrics-token-file": tokenFile, "metrics-without-token": true }),
    "USAGE",
  ],
  [
    "a token that is guessed soon",
    () => ({ metrics: "1", "metrics-token-file": join(folder, "short") }),
    "CONFIGURATION_INVALID",
  ],
  [
    "a file that is not there",
    () => ({ metrics: "1", "metrics-token-file": join(folder, "none") }),
    "CONFIGURATION_INVALID",
  ],
])("%s is refused", async (_, args, code) => {
  await expect(metricsRequestOf(args(), [])).rejects.toMatchObject({ code });
});
