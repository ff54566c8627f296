import { execFile } from "node:child_process";
import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { exitCodes } from "../../shared/errors/exit-codes.ts";
import { Program, temporaryFolder } from "../support/programs.ts";
import {
  containerScenario,
  developmentKey,
  docker,
  dockerShows,
  imageOf,
  overseer,
  remainsOf,
  runInContainer,
  token,
  writeDeployment,
} from "./support.ts";

const execute = promisify(execFile);
const name = `test-run-${process.pid}`;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(async () => {
  await overseer("deploy", "down", name);
  await folder.remove();
});

describe("a run in containers", () => {
  test("two beacons load a network of three nodes, and the report accounts for every transaction", async () => {
    const file = await writeDeployment(folder.path, {
      name,
      isolated: true,
      network: {},
      beacons: { count: 2, overseer: "http://overseer:7411", tokenFile: "token", labels: { region: "here" } },
    });
    const since = performance.now();
    expect(await overseer("deploy", "up", file)).toMatchObject({ code: 0 });
    const upMs = Math.round(performance.now() - since);
    process.stderr.write(`overseer deploy up, three nodes and two beacons: ${upMs} ms\n`);
    const { summary, runFolder, log } = await runInContainer(folder.path, {
      network: `loadstone-${name}`,
      expect: 2,
      scenario: containerScenario(),
    });
    // A machine that is busy with other things may void the run's timing, but never its accounts.
    expect({ exit: summary.exit.name, log }).toEqual({
      exit: expect.stringMatching(/^(passed|generator-bound)$/),
      log: expect.anything(),
    });
    expect(summary.verdicts.accounting.holds).toBe(true);
    const counts = summary.phases[0]?.counts;
    expect(counts).toMatchObject({ planned: 300, rejected: 0, unanswered: 0 });
    // A busy machine may make a beacon late, which sheds and never hides.
    expect((counts?.included ?? 0) + (counts?.shed ?? 0)).toBe(300);
    expect(counts?.included).toBeGreaterThan(300 / 2);
    expect(summary.beacons.map(({ name: beacon }) => beacon).sort()).toEqual([`${name}-beacon-1`, `${name}-beacon-2`]);
    for (const part of ["report.html", "report.md", "ledger.parquet"]) await access(join(runFolder, part));
    expect(await overseer("deploy", "down", name)).toMatchObject({ code: 0 });
    expect(await remainsOf(name)).toEqual([]);
  });
});

test("the command that joins a container works as it is printed, with a token that only its owner reads", async () => {
  const network = `loadstone-test-join-${process.pid}`;
  const devnet = `${network}-devnet`;
  await docker("run", "--detach", "--name", devnet, await imageOf("devnet"));
  let beacon: string | null = null;
  try {
    await dockerShows(["inspect", "--format", "{{.State.Health.Status}}", devnet], (text) => text === "healthy");
    const [address, gateway] = (
      await docker(
        ...["inspect", devnet, "--format"],
        "{{.NetworkSettings.Networks.bridge.IPAddress}} {{.NetworkSettings.Networks.bridge.Gateway}}",
      )
    ).split(" ");
    const file = (name: string): string => join(folder.path, name);
    const endpoints = [8090, 8091, 8092].map((port) => `ws://${address}:${port}`);
    await writeFile(file("joined.yaml"), stringify(containerScenario({ network: { endpoints } })));
    await writeFile(file("key"), developmentKey, { mode: 0o600 });
    await writeFile(file("joining token"), token, { mode: 0o600 });
    const running = new Program("overseer", [
      ...["run", file("joined.yaml"), "--expect", "1", "--listen", `${gateway}:0`, "--without-tls"],
      ...["--token-file", file("joining token"), "--reports", file("reports-of-joined")],
    ]);
    const [, command = ""] = await running.says(/^or +(docker run .+)$/m);
    beacon = (await execute("bash", ["-c", command])).stdout.trim();
    const { code, err } = await running.finished;
    expect(err).toContain("1 of 1 ready");
    // A machine that is busy with other things may void the run's timing.
    expect([exitCodes.passed, exitCodes["generator-bound"]]).toContain(code);
  } finally {
    await docker("rm", "--force", "--volumes", devnet, ...(beacon === null ? [] : [beacon]));
  }
});

test("a beacon in a container is told that it cannot reach an embedded network", async () => {
  const gateway = await docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}");
  const file = (name: string): string => join(folder.path, name);
  const embedded = {
    network: { embedded: { nodes: 1, blockInterval: "1s" } },
    accounts: { count: 10, balance: "100000 BTS" },
  };
  await writeFile(file("embedded.yaml"), stringify(containerScenario(embedded)));
  await writeFile(file("token"), token, { mode: 0o600 });
  const running = new Program("overseer", [
    ...["run", file("embedded.yaml"), "--expect", "1", "--listen", `${gateway}:0`, "--without-tls"],
    ...["--token-file", file("token"), "--reports", file("reports-of-embedded")],
  ]);
  const [, command = ""] = await running.says(/^or +(docker run .+)$/m);
  const beacon = (await execute("bash", ["-c", command])).stdout.trim();
  try {
    const { code, err } = await running.finished;
    expect(err).toMatch(/^warning: .*loopback.*endpoints/m);
    expect(code).toBe(exitCodes.network);
  } finally {
    await docker("rm", "--force", "--volumes", beacon);
  }
});

describe("the images", () => {
  test.each(["beacon", "devnet", "overseer"] as const)("%s runs without root and says what it is", async (program) => {
    const [image] = JSON.parse(await docker("image", "inspect", await imageOf(program))) as [
      { Size: number; Config: { User: string; Labels: Record<string, string>; Healthcheck?: unknown } },
    ];
    expect(image.Config.User).toBe("node");
    expect(image.Config.Healthcheck).toBeDefined();
    expect(image.Config.Labels).toMatchObject({ "org.opencontainers.image.title": `loadstone-${program}` });
    const since = performance.now();
    await docker("run", "--rm", "--read-only", "--cap-drop", "ALL", await imageOf(program), "--help");
    const startMs = Math.round(performance.now() - since);
    process.stderr.write(`${program}: ${Math.round(image.Size / 1e6)} MB, ${startMs} ms from start to end of --help\n`);
  });

  test("the network is healthy soon after its start and ends by itself when it is asked to", async () => {
    const container = `loadstone-test-devnet-${process.pid}`;
    await docker("run", "--detach", "--name", container, "--read-only", "--cap-drop", "ALL", await imageOf("devnet"));
    try {
      await dockerShows(["inspect", "--format", "{{.State.Health.Status}}", container], (text) => text === "healthy");
      // Well below its bound: the program itself ends, it is not killed.
      await docker("stop", "--time", "60", container);
      expect(await docker("inspect", "--format", "{{.State.ExitCode}}", container)).toBe("0");
    } finally {
      await docker("rm", "--force", "--volumes", container);
    }
  });

  test("the network is not healthy any more once its program hangs", async () => {
    const container = `loadstone-test-hanging-${process.pid}`;
    // With an init before it, so that the program can be stopped from inside its container.
    const health = ["--health-interval", "1s", "--health-start-period", "0s", "--health-retries", "2"];
    await docker("run", "--detach", "--init", "--name", container, ...health, await imageOf("devnet"));
    try {
      await dockerShows(["inspect", "--format", "{{.State.Health.Status}}", container], (text) => text === "healthy");
      await docker("exec", container, "sh", "-c", "kill -STOP $(cat /proc/1/task/1/children)");
      await dockerShows(["inspect", "--format", "{{.State.Health.Status}}", container], (text) => text === "unhealthy");
    } finally {
      await docker("rm", "--force", "--volumes", container);
    }
  });

  test.each(["beacon", "overseer"] as const)(
    "%s keeps its files whoever's it is, and not its program",
    async (program) => {
      const where = program === "beacon" ? "/spool" : "/app/reports";
      const script = `touch ${where}/file && [ ! -w /app/dist ] && [ ! -w /app/dist/${program}/main.js ]`;
      for (const user of ["1000", "4711:4711"]) {
        const args = ["--rm", "--cap-drop", "ALL", "--user", user, "--entrypoint", "sh"];
        await docker("run", ...args, await imageOf(program), "-c", script);
      }
    },
  );

  test("a beacon without an overseer says so and ends", async () => {
    const args = ["--overseer", "http://127.0.0.1:9", "--connect-timeout", "1"];
    const failed = docker("run", "--rm", "--read-only", await imageOf("beacon"), ...args);
    await expect(failed).rejects.toMatchObject({ code: 113, stderr: expect.stringContaining("could not be reached") });
  });
});
