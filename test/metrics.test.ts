import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Counts, RunSummary } from "../overseer/reporting/run-summary.ts";
import { type ExposedSeries, parseExposition } from "../overseer/resources/exposition.ts";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import { waitUntil } from "../shared/time/wait.ts";
import { onlyRun, Program, processesWith, readJson, temporaryFolder } from "./support/programs.ts";
import { sentHoweverLate, shortScenario, writeScenario } from "./support/scenarios.ts";

const scraperToken = "the-token-of-scrapers";
const bearer = { authorization: `Bearer ${scraperToken}` };
/** Passed, or passed but for beacons that were late because the machine was busy. */
const passedOnThisMachine: readonly unknown[] = [exitCodes.passed, exitCodes["generator-bound"]];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const programs: Program[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  for (const who of ["beacon", "operator"]) await writeFile(tokenFile(who), `the-token-of-every-${who}`);
  await writeFile(tokenFile("scraper"), scraperToken);
});

afterEach(async () => {
  for (const program of programs) program.signal("SIGTERM");
  await Promise.all(programs.splice(0).map((program) => program.finished));
  expect(await processesWith(folder.path)).toEqual([]);
  await folder.remove();
});

const tokenFile = (who: string): string => join(folder.path, `${who}-token`);

function started(program: Program): Program {
  programs.push(program);
  return program;
}

/** All series of an address, as the project itself reads other exporters. */
async function scrape(url: string, headers: Record<string, string> = {}): Promise<ExposedSeries[]> {
  const response = await fetch(url, { headers });
  expect(response.status).toBe(200);
  const text = await response.text();
  const names = new Set([...text.matchAll(/^([a-z_]+)[{ ]/gm)].map(([, name]) => name as string));
  return parseExposition(text, names);
}

function sumOf(
  series: readonly ExposedSeries[],
  metric: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  return series
    .filter((one) => one.metric === metric && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

function outcomesOf(series: readonly ExposedSeries[], metric: string) {
  const of = (outcome: string): number => sumOf(series, metric, { outcome });
  return {
    accepted: of("accepted"),
    rejected: of("rejected"),
    unanswered: of("unanswered"),
    shed: of("shed"),
    cancelled: of("cancelled"),
  };
}

/** Also those that are not measured. */
function ofAllPhases({ phases }: RunSummary) {
  const names = ["planned", "sent", "accepted", "rejected", "unanswered", "shed", "cancelled", "included"] as const;
  const sum = (name: keyof Counts): number => phases.reduce((total, { counts }) => total + counts[name], 0);
  return Object.fromEntries(names.map((name) => [name, sum(name)])) as Record<(typeof names)[number], number>;
}

function outcomesIn({ accepted, rejected, unanswered, shed, cancelled }: ReturnType<typeof ofAllPhases>) {
  return { accepted, rejected, unanswered, shed, cancelled };
}

describe("metrics", () => {
  test("of beacons and of a served overseer end with the counts of run.json", async () => {
    const overseer = started(
      new Program("overseer", [
        ...[
          "serve",
          "--listen",
          "127.0.0.1:0",
          "--token-file",
          tokenFile("beacon"),
          "--reports",
          join(folder.path, "served"),
        ],
        ...[
          "--operator-token-file",
          tokenFile("operator"),
          "--metrics",
          "0",
          "--metrics-token-file",
          tokenFile("scraper"),
        ],
      ]),
    );
    const [, url] = await overseer.says(/Serving\s+(http:[^;\s]+);/);
    const [, overseerMetrics] = await overseer.says(/Metrics\s+(http:\S+)/);
    const beaconMetrics: string[] = [];
    for (const name of ["far-1", "far-2"]) {
      const beacon = started(
        new Program("beacon", [
          ...["--overseer", url as string, "--name", name, "--spool", join(folder.path, "spools")],
          ...["--token-file", tokenFile("beacon"), "--metrics", "127.0.0.1:0"],
        ]),
      );
      beaconMetrics.push((await beacon.says(/"metrics":"([^"]+)"/))[1] as string);
    }
    expect((await fetch(overseerMetrics as string)).status).toBe(401);
    await waitUntil(
      async () => sumOf(await scrape(overseerMetrics as string, bearer), "loadstone_overseer_connected_beacons") === 2,
      { timeoutMs: 60_000, everyMs: 100, onTimeout: () => new Error("the overseer does not tell of its beacons") },
    );
    const scenario = await writeScenario(folder.path, shortScenario({ thresholds: {} }));
    const run = started(
      new Program("overseer", [
        ...["run", scenario, "--on", url as string, "--token-file", tokenFile("operator")],
        ...["--reports", join(folder.path, "fetched")],
      ]),
    );
    const { code, err } = await run.finished;
    expect({ code: passedOnThisMachine.includes(code) ? 0 : code, err }).toEqual({ code: 0, err });
    const summary = await readJson<RunSummary>(join(await onlyRun(join(folder.path, "fetched")), "run.json"));
    const counts = ofAllPhases(summary);

    const told = await scrape(overseerMetrics as string, bearer);
    expect(sumOf(told, "loadstone_run_stage", { stage: "ended", run: summary.runId })).toBe(1);
    expect(sumOf(told, "loadstone_run_planned_transactions")).toBe(counts.planned);
    expect(sumOf(told, "loadstone_run_sent_transactions_total")).toBe(counts.sent);
    expect(outcomesOf(told, "loadstone_run_transactions_total")).toEqual(outcomesIn(counts));
    expect(outcomesOf(told, "loadstone_run_settled_transactions_total")).toEqual(outcomesIn(counts));
    expect(sumOf(told, "loadstone_run_included_transactions")).toBe(counts.included);
    expect(sumOf(told, "loadstone_run_inclusion_seconds_count")).toBe(sumOf(told, "loadstone_run_inclusions_total"));

    const own = (await Promise.all(beaconMetrics.map((address) => scrape(address)))).flat();
    expect(sumOf(own, "loadstone_beacon_planned_transactions")).toBe(counts.planned);
    expect(sumOf(own, "loadstone_beacon_prepared_transactions_total")).toBe(counts.planned);
    expect(sumOf(own, "loadstone_beacon_sent_transactions_total")).toBe(counts.sent);
    expect(outcomesOf(own, "loadstone_beacon_settled_transactions_total")).toEqual(outcomesIn(counts));
    expect(sumOf(own, "loadstone_beacon_answer_service_seconds_count")).toBe(counts.accepted + counts.rejected);
    expect(sumOf(own, "loadstone_beacon_in_flight_transactions")).toBe(0);
    for (const node of ["node-1", "node-2", "node-3"]) {
      const bySettled = sumOf(own, "loadstone_beacon_settled_transactions_total", { node });
      expect(bySettled).toBeGreaterThan(0);
      expect(sumOf(told, "loadstone_run_settled_transactions_total", { node })).toBe(bySettled);
    }
  });

  test("of a run tell how it goes while it goes on", async () => {
    const phases = [{ name: "hold", rate: "50 tx/s", for: "120s" }];
    const scenario = await writeScenario(
      folder.path,
      shortScenario({ thresholds: {}, phases, sending: sentHoweverLate }),
    );
    const run = started(
      new Program("overseer", [
        "run",
        scenario,
        "--beacons",
        "1",
        "--metrics",
        "0",
        "--reports",
        join(folder.path, "reports"),
      ]),
    );
    const [, url] = await run.says(/Metrics\s+(http:\S+)/);
    let last: ExposedSeries[] = [];
    const shows = async (condition: () => boolean): Promise<void> =>
      waitUntil(
        async () => {
          last = await scrape(url as string);
          return condition();
        },
        { timeoutMs: 90_000, everyMs: 100, onTimeout: () => new Error(`never came so far:\n${run.err}`) },
      );
    await shows(
      () =>
        sumOf(last, "loadstone_run_stage", { stage: "broadcasting" }) === 1 &&
        sumOf(last, "loadstone_run_phase", { phase: "hold" }) === 1 &&
        sumOf(last, "loadstone_run_included_transactions") > 0,
    );
    const [before, due] = [last, sumOf(last, "loadstone_run_due_transactions_total")];
    expect(sumOf(before, "loadstone_run_beacon_connected", { beacon: "local-1" })).toBe(1);
    expect(sumOf(before, "loadstone_run_node_head_block", { node: "node-1" })).toBeGreaterThan(0);
    await shows(() => sumOf(last, "loadstone_run_due_transactions_total") > due);
    run.signal("SIGINT");
    expect((await run.finished).code).toBe(exitCodes.stopped);
  });
});
