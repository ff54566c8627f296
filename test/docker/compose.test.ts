import { execFile } from "node:child_process";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { loadDeployment } from "../../overseer/deploy/deployment.ts";
import type { RunSummary } from "../../overseer/reporting/run-summary.ts";
import { exitCodes } from "../../shared/errors/exit-codes.ts";
import { onlyRun, readJson, temporaryFolder } from "../support/programs.ts";
import { token } from "./support.ts";

const execute = promisify(execFile);
const root = new URL("../../", import.meta.url).pathname;

interface ComposeFile {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image?: string;
        readonly read_only?: boolean;
        readonly cap_drop?: string[];
        readonly ports?: string[];
        readonly entrypoint?: string[];
      }
    >
  >;
}

const file = parse(await readFile(`${root}docker/compose.yaml`, "utf8"), { merge: true }) as ComposeFile;
const composeFiles = ["compose.yaml", "compose.bitshares.yaml", "compose.antelope.yaml"] as const;
const command = await findCompose();
if (command === null) process.stderr.write("There is no docker compose here: its own check of the file is left out.\n");

describe("docker/compose.yaml", () => {
  test("runs our programs confined, in the version of this package", async () => {
    const { version } = await readJson<{ version: string }>(`${root}package.json`);
    expect(await readFile(`${root}docker/.env`, "utf8")).toContain(`LOADSTONE_VERSION=${version}\n`);
    for (const service of Object.values(file.services)) {
      if (service.image?.startsWith("loadstone-") !== true) continue;
      expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
    }
  });

  test("pins every image", async () => {
    for (const name of composeFiles) {
      for (const { image } of Object.values((await read(name)).services)) {
        if (image !== undefined) expect(image).toMatch(/:(\$\{LOADSTONE_VERSION:-)?v?\d+\.\d+/);
      }
    }
  });

  test("publishes ports on this machine's loopback alone", async () => {
    for (const name of composeFiles) {
      for (const { ports = [] } of Object.values((await read(name)).services)) {
        for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
      }
    }
  });

  (command === null ? test.skip : test).each(composeFiles)("is valid for compose itself with %s", async (name) => {
    const [program, ...before] = command ?? [""];
    const files = [...new Set(["compose.yaml", name])].flatMap((one) => ["--file", `${root}docker/${one}`]);
    const profiles = ["run", "monitoring", "elastic"].flatMap((profile) => ["--profile", profile]);
    await expect(
      execute(program as string, [...before, ...files, ...profiles, "config", "--quiet"]),
    ).resolves.toBeDefined();
  });
});

(command === null ? test.skip : test)(
  "brings up an overseer with two beacons at it, and a run is one command away",
  async () => {
    const folder = await temporaryFolder();
    const [program, ...before] = command ?? [""];
    const project = [
      "--project-name",
      `loadstone-test-${process.pid}`,
      "--file",
      join(folder.path, "docker/compose.yaml"),
    ];
    const compose = (...args: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
      execute(program as string, [...before, ...project, ...args], { maxBuffer: 64 * 1024 * 1024 });
    try {
      await cp(`${root}docker`, join(folder.path, "docker"), { recursive: true });
      for (const name of ["token", "operator-token"])
        await writeFile(join(folder.path, "docker", name), `${token}-${name}`);
      await mkdir(join(folder.path, "reports"));
      // Until all are healthy, which beacons are that are connected.
      await compose("up", "--detach", "--wait");
      const me = `${process.getuid?.()}:${process.getgid?.()}`;
      const { stderr, code } = await compose("run", "--rm", "-T", "--user", me, "run").then(
        (done) => ({ ...done, code: 0 }),
        (failed: { code: number; stderr: string }) => failed,
      );
      expect(stderr).toContain("2 of 2 ready");
      // A machine that is busy with other things may void the run's timing, or miss a threshold.
      expect([exitCodes.passed, exitCodes["thresholds-failed"], exitCodes["generator-bound"]]).toContain(code);
      // As Prometheus would, from within the network: by the names of its configuration.
      const figures = async (address: string): Promise<string> => {
        const script = `process.stdout.write(await (await fetch("http://${address}/metrics")).text())`;
        return (await compose("exec", "-T", "overseer", "node", "--input-type=module", "--eval", script)).stdout;
      };
      expect(await figures("overseer:9465")).toMatch(/loadstone_run_stage\{run="[^"]+",stage="ended"\} 1/);
      expect(await figures("beacon:9464")).toMatch(/loadstone_beacon_sent_transactions_total\{[^}]+\} [1-9]/);
      const run = await onlyRun(join(folder.path, "reports"));
      expect((await readJson<RunSummary>(join(run, "run.json"))).verdicts.accounting.holds).toBe(true);
    } finally {
      await compose("down", "--volumes", "--timeout", "30");
      await folder.remove();
    }
  },
);

describe.each(["bitshares", "antelope"])("docker/compose.%s.yaml", (kind) => {
  test("has a container for each node of the network that docker/networks describes, and the same ports", async () => {
    const deployment = await loadDeployment(`${root}docker/networks/${kind}.yaml`);
    const part = deployment.network;
    if (part?.kind !== "nodes") throw new Error("no network of nodes");
    const { services } = await read(`compose.${kind}.yaml`);
    const { software } = part.networks;
    for (const { name, role } of part.plan.nodes) {
      expect(services[name]).toMatchObject({
        image: software.image,
        volumes: [`./networks/${kind}/nodes/${name}:${software.folder}`],
        healthcheck: { test: ["CMD", ...software.healthCheck] },
        stop_signal: software.stopSignal,
        read_only: true,
        cap_drop: ["ALL"],
      });
      expect(services[name]?.entrypoint?.join(" ").replaceAll("=", " ")).toBe(software.command.join(" "));
      expect(services[name]?.ports !== undefined).toBe(role === "full");
    }
    const names = Object.keys(services).filter((name) => /-\d+$/.test(name));
    expect(names.sort()).toEqual(part.plan.nodes.map(({ name }) => name).sort());
  });
});

const promtool = await isThere("promtool");
(promtool ? test : test.skip)("Prometheus takes its configuration", async () => {
  await expect(
    execute("promtool", ["check", "config", `${root}docker/monitoring/prometheus.yaml`]),
  ).resolves.toBeDefined();
});

const shellcheck = await isThere("shellcheck");
(shellcheck ? test : test.skip)("shellcheck finds nothing to warn of in the scripts", async () => {
  const scripts = ["base-image.sh", "images.sh", "antelope/contracts.sh"].map((name) => `${root}docker/${name}`);
  await expect(execute("shellcheck", ["--severity", "warning", ...scripts])).resolves.toBeDefined();
});

async function read(name: string): Promise<ComposeFile> {
  return parse(await readFile(`${root}docker/${name}`, "utf8"), { merge: true }) as ComposeFile;
}

async function isThere(program: string): Promise<boolean> {
  const there = await execute(program, ["--version"]).then(
    () => true,
    () => false,
  );
  if (!there) process.stderr.write(`There is no ${program} here: what it checks is left out.\n`);
  return there;
}

async function findCompose(): Promise<readonly string[] | null> {
  for (const [program, ...args] of [["docker", "compose"], ["docker-compose"]] as const) {
    const there = await execute(program, [...args, "version"]).then(
      () => true,
      () => false,
    );
    if (there) return [program, ...args];
  }
  return null;
}
