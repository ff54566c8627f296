import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { makeCertificate } from "../server/testing/make-certificate.ts";
import { type Deployment, loadDeployment } from "./deployment.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loadstone-"));
  await writeFile(join(folder, "token"), "a-token-of-a-deployment\n");
});

afterAll(() => rm(folder, { recursive: true }));

async function load(beacons: Record<string, unknown>): Promise<Deployment> {
  const path = join(folder, "lab.yaml");
  const common = { overseer: "https://overseer.example:7411", tokenFile: "token" };
  await writeFile(path, stringify({ name: "lab", beacons: { ...common, ...beacons } }));
  return loadDeployment(path);
}

test("beacons trust whom they know by themselves, or the authority in the file beside the deployment's", async () => {
  expect((await load({})).beacons).toMatchObject({ token: "a-token-of-a-deployment", authority: null });
  const { certificate } = await makeCertificate(folder, "authority");
  const { beacons } = await load({ caFile: "authority.pem" });
  expect(beacons?.authority).toBe(await readFile(certificate, "utf8"));
});

test("refuses an authority that is no certificate, before anything is started", async () => {
  await expect(load({ caFile: "token" })).rejects.toMatchObject({
    code: "CONFIGURATION_INVALID",
    problems: [{ path: "beacons.caFile", value: "token", expected: expect.stringMatching(/^expected a certificate/) }],
  });
});
