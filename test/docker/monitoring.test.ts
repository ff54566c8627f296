import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { waitUntil } from "../../shared/time/wait.ts";
import { Program, readJson, temporaryFolder } from "../support/programs.ts";
import { sentHoweverLate, shortScenario, writeScenario } from "../support/scenarios.ts";
import { type Monitoring, monitoringPrograms, startMonitoring } from "./monitoring.ts";

const execute = promisify(execFile);
const root = new URL("../../", import.meta.url).pathname;

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

interface Compose {
  readonly services: Readonly<Record<string, { readonly command?: readonly string[] }>>;
}

interface ScrapeJob {
  readonly job_name: string;
  readonly static_configs?: readonly { readonly targets: readonly string[] }[];
  readonly dns_sd_configs?: readonly { readonly names: readonly string[]; readonly port: number }[];
}

interface Answer {
  readonly data: {
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[];
  };
}

const programs = await monitoringPrograms();
if (programs === null) process.stderr.write("There is no Prometheus here: what it makes of the figures is left out.\n");
const there = programs === null ? test.skip : test;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let monitoring: Monitoring | null = null;
const started: Program[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(async () => {
  for (const program of started) program.signal("SIGTERM");
  await Promise.all(started.map((program) => program.finished));
  await monitoring?.stop();
  await folder.remove();
});

const scrapeJobs = async (): Promise<readonly ScrapeJob[]> =>
  (parse(await readFile(`${root}docker/monitoring/prometheus.yaml`, "utf8")) as { scrape_configs: ScrapeJob[] })
    .scrape_configs;

test("Prometheus is told to look where compose has the overseer and the beacons serve their figures", async () => {
  const { services } = parse(await readFile(`${root}docker/compose.yaml`, "utf8"), { merge: true }) as Compose;
  const jobs = await scrapeJobs();
  const jobOf = (name: string) => jobs.find((job) => job.job_name === name);
  const [, port] = /--metrics=0\.0\.0\.0:(\d+)/.exec(services.overseer?.command?.join(" ") ?? "") ?? [];
  expect(jobOf("overseer")?.static_configs).toEqual([{ targets: [`overseer:${port}`] }]);
  const [, beaconPort] = /--metrics=0\.0\.0\.0:(\d+)/.exec(services.beacon?.command?.join(" ") ?? "") ?? [];
  expect(jobOf("beacons")?.dns_sd_configs).toMatchObject([{ names: ["beacon"], port: Number(beaconPort) }]);
});

there(
  "a run fills every panel of its dashboard, with figures that Prometheus' lint has nothing to say of",
  async () => {
    const program = (name: "overseer" | "beacon", args: readonly string[]): Program => {
      const one = new Program(name, args);
      started.push(one);
      return one;
    };
    const file = (who: string): string => join(folder.path, who);
    for (const who of ["token", "operator-token"]) await writeFile(file(who), `the-${who}-of-this-test`);
    const overseer = program("overseer", [
      ...["serve", "--listen", "127.0.0.1:0", "--token-file", file("token"), "--metrics", "0"],
      ...["--operator-token-file", file("operator-token"), "--reports", file("served")],
    ]);
    const [, url = ""] = await overseer.says(/Serving\s+(http:[^;\s]+);/);
    const targets = { overseer: [hostOf((await overseer.says(/Metrics\s+(http:\S+)/))[1])], beacons: [] as string[] };
    for (const name of ["far-1", "far-2"]) {
      const beacon = program("beacon", [
        ...[
          "--overseer",
          url,
          "--name",
          name,
          "--token-file",
          file("token"),
          "--spool",
          file("spools"),
          "--metrics",
          "0",
        ],
      ]);
      targets.beacons.push(hostOf((await beacon.says(/"metrics":"([^"]+)"/))[1]));
    }
    // The jobs of compose, under their names, with the addresses of this machine.
    const jobs = (await scrapeJobs())
      .filter(({ job_name }) => job_name in targets)
      .map(({ job_name }) => ({ job_name, static_configs: [{ targets: targets[job_name as keyof typeof targets] }] }));
    monitoring = await startMonitoring(programs as NonNullable<typeof programs>, folder.path, jobs);
    const { serverUrl } = monitoring;
    const ask = async (expr: string): Promise<Answer["data"]["result"]> => {
      const response = await fetch(`${serverUrl}/api/v1/query?query=${encodeURIComponent(expr)}`);
      expect({ expr, status: response.status }).toEqual({ expr, status: 200 });
      return ((await response.json()) as Answer).data.result;
    };

    const phases = [{ name: "hold", rate: "50 tx/s", for: "300s" }];
    const scenario = await writeScenario(
      folder.path,
      shortScenario({ thresholds: {}, phases, sending: sentHoweverLate }),
    );
    const operator = ["--on", url, "--token-file", file("operator-token")];
    program("overseer", ["run", scenario, ...operator, "--reports", file("fetched")]);

    // cAdvisor is not to be had here: what is asked of it stays untried.
    const dashboard = await readJson<Dashboard>(`${root}docker/monitoring/run.json`);
    const asked = dashboard.panels
      .flatMap(({ targets }) => targets.map(({ expr }) => expr))
      .filter((expr) => !expr.includes("container_"));
    const isOfFailures = (expr: string): boolean => expr.includes("reason");
    const open = new Set(asked);
    const fill = async (expected: (expr: string) => boolean): Promise<void> =>
      waitUntil(
        async () => {
          for (const expr of [...open].filter(expected)) {
            const series = await ask(expr);
            if (series.some(({ value }) => value[1] !== "NaN")) open.delete(expr);
          }
          return ![...open].some(expected);
        },
        { timeoutMs: 200_000, everyMs: 500, onTimeout: () => new Error(`never a series: ${[...open].join("\n")}`) },
      );
    await fill((expr) => !isOfFailures(expr));
    const [info] = await ask("loadstone_run_info");
    const stopped = program("overseer", ["stop", info?.metric.run as string, ...operator]);
    expect((await stopped.finished).code).toBe(0);
    // What was not sent any more is cancelled, and the reason is told.
    await fill(isOfFailures);
    expect(asked.length).toBeGreaterThan(20);
    for (const host of [...targets.overseer, ...targets.beacons]) {
      expect(await lintOf(await (await fetch(`http://${host}/metrics`)).text())).toBe("");
    }
    expect(await ask('count(up{job=~"overseer|beacons"} == 1)')).toMatchObject([{ value: [expect.anything(), "3"] }]);
  },
);

there("the alerts of the documentation are rules that Prometheus takes", async () => {
  const text = await readFile(`${root}docs/monitoring.md`, "utf8");
  const rules = [...text.matchAll(/```yaml\n(groups:[\s\S]*?)```/g)].map(([, yaml]) => yaml as string);
  expect(rules).toHaveLength(1);
  const path = join(folder.path, "rules.yaml");
  await writeFile(path, rules[0] as string);
  await expect(execute("promtool", ["check", "rules", path])).resolves.toMatchObject({
    stdout: expect.stringContaining("SUCCESS"),
  });
});

function hostOf(url: string | undefined): string {
  return new URL(url as string).host;
}

/** What Prometheus' own lint has to say of names, types and help. */
async function lintOf(text: string): Promise<string> {
  const checking = execute("promtool", ["check", "metrics"]);
  checking.child.stdin?.end(text);
  return checking.then(
    ({ stdout, stderr }) => stdout + stderr,
    (failed: { stdout: string; stderr: string }) => `failed: ${failed.stdout}${failed.stderr}`,
  );
}
