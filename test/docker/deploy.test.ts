import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { Program, temporaryFolder } from "../support/programs.ts";
import { docker, imageOf, overseer, remainsOf, token, volumeNames, writeDeployment } from "./support.ts";

const name = `test-deploy-${process.pid}`;
/** Nobody is there: beacons wait for it, which is all that these tests need of them. */
const beacons = { overseer: "http://overseer:7411", tokenFile: "token" };
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let volumesBefore: string[];

beforeAll(async () => {
  folder = await temporaryFolder();
  volumesBefore = await volumeNames();
});

afterEach(async () => {
  await overseer("deploy", "down", name);
  expect(await remainsOf(name)).toEqual([]);
});

afterAll(async () => {
  // Also those without a label: what an image declares itself.
  expect((await volumeNames()).filter((volume) => !volumesBefore.includes(volume))).toEqual([]);
  await folder.remove();
});

async function beaconIds(): Promise<string[]> {
  const filters = [`label=loadstone.deployment=${name}`, "label=loadstone.role=beacon"];
  const list = await docker("ps", "--quiet", ...filters.flatMap((filter) => ["--filter", filter]));
  return list
    .split("\n")
    .filter((id) => id !== "")
    .sort();
}

describe("overseer deploy", () => {
  test("brings a deployment up, tells of it, scales it and takes it down", async () => {
    const file = await writeDeployment(folder.path, {
      name,
      isolated: true,
      network: {},
      beacons: { ...beacons, count: 2 },
    });
    expect(await overseer("deploy", "up", file)).toMatchObject({ code: 0 });
    const first = await beaconIds();
    expect(first).toHaveLength(2);

    expect(await overseer("deploy", "up", file)).toMatchObject({ code: 0 });
    expect(await beaconIds()).toEqual(first);

    // As a scale leaves it that is killed between the making and the start: nothing would ever start it.
    const labels = [`loadstone.deployment=${name}`, "loadstone.role=beacon", "loadstone.index=3"];
    const named = ["--name", `loadstone-${name}-beacon-3`, ...labels.flatMap((label) => ["--label", label])];
    await docker("create", ...named, await imageOf("beacon"));
    expect(await overseer("deploy", "scale", file, "4")).toMatchObject({ code: 0 });
    expect(await beaconIds()).toEqual(expect.arrayContaining(first));
    expect(await beaconIds()).toHaveLength(4);
    expect(await overseer("deploy", "scale", file, "1")).toMatchObject({ code: 0 });
    const [left] = (await beaconIds()) as [string];
    expect(await beaconIds()).toHaveLength(1);

    // As after a restart of the machine, or what somebody did by hand.
    await docker("kill", `loadstone-${name}-devnet`, left);
    expect(await overseer("deploy", "up", file)).toMatchObject({ code: 0 });
    expect(await beaconIds()).toContain(left);
    expect(await overseer("deploy", "scale", file, "1")).toMatchObject({ code: 0 });

    const { out } = await overseer("deploy", "status", name, "--json");
    expect(JSON.parse(out)).toMatchObject([
      {
        name,
        complete: true,
        parts: [
          { name: "devnet", state: "running" },
          { name: "beacon-1", state: "running" },
        ],
      },
    ]);
    expect((await overseer("deploy", "logs", name)).out).toMatch(/"event":"ready"/);
    expect(await overseer("deploy", "sweep")).toMatchObject({ out: expect.stringContaining(`kept     ${name}`) });
    expect(await overseer("deploy", "down", name)).toMatchObject({ code: 0 });
    expect(await remainsOf(name)).toEqual([]);
  });

  test("says where its nodes are and what an overseer of this machine has to listen on", async () => {
    const dialsHost = { ...beacons, count: 1, overseer: "http://host.docker.internal:7411" };
    const network = { publish: "127.0.0.1" };
    const file = await writeDeployment(folder.path, { name, network, beacons: dialsHost });
    const { code, err } = await overseer("deploy", "up", file);
    expect(code).toBe(0);
    expect(err).toContain("nodes at 127.0.0.1:8090, 127.0.0.1:8091, 127.0.0.1:8092\n");
    const gateway = await docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}");
    expect(err).toContain(
      `next: overseer run FILE --expect 1 --listen ${gateway}:7411 --token-file TOKEN --without-tls\n`,
    );
    expect(await overseer("deploy", "down", name)).toMatchObject({ code: 0 });
  });

  test("the token is in no container's settings, and only its user can read it", async () => {
    const file = await writeDeployment(folder.path, { name, isolated: true, beacons });
    expect(await overseer("deploy", "up", file)).toMatchObject({ code: 0 });
    const [id] = (await beaconIds()) as [string];
    expect(await docker("inspect", id)).not.toContain(token);
    expect(await docker("exec", id, "cat", "/run/loadstone/token")).toBe(token);
    expect(await docker("exec", id, "stat", "--format", "%a %u", "/run/loadstone/token")).toBe("400 1000");
  });

  test("runs the network that a file describes", async () => {
    await writeFile(
      join(folder.path, "devnet.yaml"),
      JSON.stringify({
        chain: "bitshares",
        ports: [9001, 9002],
        network: { propagationDelayMs: 40 },
        genesis: { accounts: [] },
      }),
    );
    const file = await writeDeployment(folder.path, { name, isolated: true, network: { config: "devnet.yaml" } });
    expect(await overseer("deploy", "up", file)).toMatchObject({ code: 0 });
    expect((await overseer("deploy", "logs", name)).out).toMatch(/ws:\/\/0\.0\.0\.0:9001.*ws:\/\/0\.0\.0\.0:9002/);
  });
});

describe("nothing is left", () => {
  test("after Ctrl-C of an attached deployment", async () => {
    const file = await writeDeployment(folder.path, { name, isolated: true, network: {} });
    const attached = new Program("overseer", ["deploy", "up", file, "--attached"]);
    await attached.says(/Ctrl-C takes everything down/, 60_000);
    expect(await remainsOf(name)).not.toEqual([]);
    expect((await overseer("deploy", "sweep")).out).toContain(`kept     ${name}: is held`);
    attached.signal("SIGINT");
    expect(await attached.finished).toMatchObject({ code: 0 });
    expect(await remainsOf(name)).toEqual([]);
  });

  test("after Ctrl-C while it is being set up", async () => {
    const file = await writeDeployment(folder.path, {
      name,
      isolated: true,
      network: {},
      beacons: { ...beacons, count: 3 },
    });
    const starting = new Program("overseer", ["deploy", "up", file]);
    await starting.says(/starting 3 beacons/, 60_000);
    starting.signal("SIGINT");
    expect(await starting.finished).toMatchObject({ code: 105 });
    expect(await remainsOf(name)).toEqual([]);
  });

  test("after kill -9 and a sweep", async () => {
    const file = await writeDeployment(folder.path, {
      name,
      isolated: true,
      network: {},
      beacons: { ...beacons, count: 2 },
    });
    const killed = new Program("overseer", ["deploy", "up", file, "--attached"]);
    await killed.says(/Ctrl-C takes everything down/, 60_000);
    killed.signal("SIGKILL");
    await killed.finished;
    expect((await remainsOf(name)).length).toBeGreaterThanOrEqual(4);
    expect((await overseer("deploy", "sweep")).out).toContain(`removed  ${name}`);
    expect(await remainsOf(name)).toEqual([]);
  });

  test("after a start that fails because of a missing image", async () => {
    const image = "loadstone-no-such-image:0";
    const file = await writeDeployment(folder.path, {
      name,
      isolated: true,
      network: {},
      beacons: { ...beacons, image },
    });
    expect(await overseer("deploy", "up", file)).toMatchObject({ code: 104, err: expect.stringContaining(image) });
    expect(await remainsOf(name)).toEqual([]);
  });

  test("after a start that fails because a port is taken", async () => {
    const server = createServer();
    const port = await listen(server);
    await writeFile(
      join(folder.path, "taken.yaml"),
      JSON.stringify({ chain: "bitshares", ports: [port], genesis: { accounts: [] } }),
    );
    const network = { config: "taken.yaml", publish: "127.0.0.1" };
    const file = await writeDeployment(folder.path, { name, network });
    try {
      expect(await overseer("deploy", "up", file)).toMatchObject({
        code: 113,
        err: expect.stringContaining(String(port)),
      });
    } finally {
      server.close();
    }
    expect(await remainsOf(name)).toEqual([]);
  });
});

describe("clear answers", () => {
  test("an engine that is not there", async () => {
    const { code, err } = await overseer("deploy", "status", "--engine", "tcp://127.0.0.1:9");
    expect({ code, err }).toEqual({ code: 113, err: expect.stringContaining("tcp://127.0.0.1:9 cannot be reached") });
  });

  test("a deployment that is not there", async () => {
    expect(await overseer("deploy", "down", "never-made")).toMatchObject({ code: 2 });
  });

  test("all mistakes in a file at once", async () => {
    const file = await writeDeployment(folder.path, {
      name: "Upper Case",
      beacons: { cuont: 2, overseer: "overseer:1" },
    });
    const { code, err } = await overseer("deploy", "up", file);
    expect(code).toBe(104);
    for (const path of ["name", "beacons.cuont", "beacons.overseer", "beacons.tokenFile"]) expect(err).toContain(path);
    expect(err).toContain('did you mean "count"');
  });
});

async function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
    });
  });
}
