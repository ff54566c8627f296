import { chmod, copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { waitUntil } from "../../shared/time/wait.ts";
import { readJson, temporaryFolder } from "../support/programs.ts";
import { docker, imageOf, overseer, remainsOf, writeDeployment } from "./support.ts";

const name = `test-nodes-${process.pid}`;
const image = `loadstone-test-stand-in:${process.pid}`;
const slowMs = 60;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let deployment: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  await copyFile(new URL("stand-in-node.mjs", import.meta.url), join(folder.path, "witness_node"));
  await chmod(join(folder.path, "witness_node"), 0o755);
  const steps = [`FROM ${await imageOf("devnet")}`, "USER root", "COPY witness_node /usr/local/bin/witness_node"];
  await writeFile(join(folder.path, "Dockerfile"), steps.join("\n"));
  await docker("build", "--quiet", "--tag", image, folder.path);
  await writeFile(
    join(folder.path, "scenario.yaml"),
    stringify({
      name: "nodes",
      question: "Are the containers linked as they are to be?",
      chain: "bitshares",
      network: { embedded: { nodes: 2 } },
      accounts: { count: 2, balance: "1 BTS" },
      workload: { mix: { transfer: 1 } },
      phases: [{ name: "hold", rate: "1 tx/s", for: "1s" }],
    }),
  );
  deployment = await writeDeployment(folder.path, {
    name,
    isolated: true,
    network: {
      ...{ kind: "bitshares", scenario: "scenario.yaml", image, producers: 2, backups: 1, seeds: 1, full: 2 },
      delays: [{ between: ["full-2", "producer-1"], delay: `${slowMs}ms` }],
    },
  });
});

afterAll(async () => {
  await overseer("deploy", "down", name);
  await docker("rmi", image);
  await folder.remove();
});

interface Seen {
  readonly name: string;
  readonly genesis: string;
  /** Shortest way there and back in milliseconds, of those that the node itself has dialled. */
  readonly links: Readonly<Record<string, number | null>>;
}

async function look(node: string): Promise<Seen> {
  const ask = `fetch("http://127.0.0.1:8090").then((r) => r.text()).then((t) => process.stdout.write(t))`;
  return JSON.parse(await docker("exec", `loadstone-${name}-${node}`, "node", "-e", ask)) as Seen;
}

describe("overseer deploy with real nodes", () => {
  test("makes a container of each, linked as the topology says", async () => {
    expect(await overseer("deploy", "up", deployment)).toMatchObject({ code: 0 });
    const links: Readonly<Record<string, readonly string[]>> = {
      "producer-1": ["backup-1", "full-1", "full-2", "producer-2", "seed-1"],
      "seed-1": ["backup-1", "full-1", "full-2", "producer-1", "producer-2"],
      "full-1": ["backup-1", "producer-1", "producer-2", "seed-1"],
      "full-2": ["backup-1", "producer-1", "producer-2", "seed-1"],
    };
    for (const [node, expected] of Object.entries(links)) {
      let seen: string[] = [];
      await waitUntil(
        async () => {
          seen = Object.keys((await look(node)).links).sort();
          return JSON.stringify(seen) === JSON.stringify(expected);
        },
        { timeoutMs: 30_000, everyMs: 300, onTimeout: () => new Error(`${node} is linked to ${seen.join(", ")}`) },
      );
    }
    const { chainId } = await readJson<{ chainId: string }>(join(folder.path, `${name}-network`, "network.json"));
    for (const node of ["producer-2", "full-1"])
      expect(await look(node)).toMatchObject({ name: node, genesis: chainId });
  });

  test("a slow link is slow, and the others are not", async () => {
    // The shortest of many trips, which a machine that stalls lengthens as well.
    let links: Seen["links"] = {};
    await waitUntil(
      async () => {
        ({ links } = await look("full-2"));
        return (links["producer-2"] ?? 2 * slowMs) < 2 * slowMs;
      },
      {
        timeoutMs: 30_000,
        everyMs: 300,
        onTimeout: () => new Error(`full-2 is linked in ${JSON.stringify(links)} ms`),
      },
    );
    expect(links["producer-1"]).toBeGreaterThanOrEqual(2 * slowMs - 1);
  });

  test("keys are in no container's settings, and only its user reads them", async () => {
    const { out } = await overseer("deploy", "logs", name);
    const config = await docker("exec", `loadstone-${name}-producer-1`, "cat", "/node/home/config.ini");
    const [, key] = /private-key = \["[^"]+","([^"]+)"\]/.exec(config) ?? [];
    expect(key).toBeDefined();
    expect(await docker("inspect", `loadstone-${name}-producer-1`)).not.toContain(key);
    expect(out).not.toContain(key);
    const stat = await docker(
      "exec",
      `loadstone-${name}-producer-1`,
      "stat",
      "--format",
      "%a %u",
      "/node/home/config.ini",
    );
    expect(stat).toBe("600 1000");
  });

  test("changes nothing the second time, tells of all, and leaves nothing but the files", async () => {
    const ids = async () =>
      (await docker("ps", "--quiet", "--filter", `label=loadstone.deployment=${name}`)).split("\n").sort();
    const before = await ids();
    expect(before).toHaveLength(7);
    expect(await overseer("deploy", "up", deployment)).toMatchObject({ code: 0 });
    expect(await ids()).toEqual(before);
    const { out } = await overseer("deploy", "status", name, "--json");
    const [{ parts }] = JSON.parse(out) as [{ parts: { name: string; state: string }[] }];
    expect(
      parts
        .filter(({ state }) => state === "running")
        .map((part) => part.name)
        .sort(),
    ).toEqual([...["backup-1", "full-1", "full-2", "link-full-2-producer-1", "producer-1", "producer-2", "seed-1"]]);
    expect(await overseer("deploy", "down", name)).toMatchObject({ code: 0 });
    expect(await remainsOf(name)).toEqual([]);
    expect(await readJson(join(folder.path, `${name}-network`, "network.json"))).toMatchObject({ chain: "bitshares" });
  });
});
