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

test("mistakes in the devnet's configuration are told with what is there and what was expected", async () => {
  const path = join(folder, "network.yaml");
  await writeFile(path, stringify({ name: "lab", network: { config: "devnet.yaml" } }));
  await writeFile(join(folder, "devnet.yaml"), stringify({ chain: "bitshares", ports: 3, genesis: {}, prots: [1] }));
  await expect(loadDeployment(path)).rejects.toMatchObject({
    code: "CONFIGURATION_INVALID",
    problems: expect.arrayContaining([
      { path: "ports", value: "3", expected: expect.stringMatching(/^expected/) },
      { path: "prots", value: expect.anything(), expected: expect.stringContaining("ports") },
    ]),
  });
});

test("a file that is no YAML is named, with the place", async () => {
  const path = join(folder, "broken.yaml");
  await writeFile(path, "name: [lab\n");
  await expect(loadDeployment(path)).rejects.toMatchObject({
    code: "CONFIGURATION_INVALID",
    problems: [{ path: "(file)", value: path, expected: expect.stringMatching(/^expected YAML or JSON: .* line 2/) }],
  });
});
