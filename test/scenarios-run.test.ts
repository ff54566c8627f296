import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import type { RunSummary } from "../overseer/reporting/run-summary.ts";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import { loadScenario } from "../shared/scenario/load-scenario.ts";
import { onlyRun, Program, processesWith, readJson, temporaryFolder } from "./support/programs.ts";
import { writeScenario } from "./support/scenarios.ts";
import { shortened } from "./support/shorten-scenario.ts";

const folder = new URL("../scenarios/", import.meta.url);
const files = (await readdir(folder)).filter((file) => file.endsWith(".yaml"));
/** Runs at a time: most of each is waiting for networks to start and for the last blocks. */
const atOnce = 2;

interface Ran {
  readonly code: number | null;
  readonly err: string;
  readonly summary: RunSummary;
}

async function runShortened(file: string, reports: string): Promise<Ran> {
  const { scenario } = await loadScenario(new URL(file, folder).pathname);
  const written = parse(await readFile(new URL(file, folder), "utf8")) as Record<string, unknown>;
  const path = await writeScenario(reports, shortened(written, scenario));
  const program = new Program("overseer", ["run", path, "--reports", join(reports, "reports")]);
  const { code, err } = await program.finished;
  const run = await onlyRun(join(reports, "reports")).catch(() => null);
  if (run === null) throw new Error(`${file} ended with ${code} before there was a report:\n${err}`);
  return { code, err, summary: await readJson<RunSummary>(join(run, "run.json")) };
}

describe("every scenario, shortened, against the devnet", () => {
  const results = new Map<string, Ran | Error>();
  const folders: Awaited<ReturnType<typeof temporaryFolder>>[] = [];

  beforeAll(async () => {
    const waiting = [...files];
    const work = async (): Promise<void> => {
      for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
        const own = await temporaryFolder();
        folders.push(own);
        results.set(file, await runShortened(file, own.path).catch((error: Error) => error));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }, 600_000);

  afterAll(async () => {
    for (const own of folders) await own.remove();
  });

  test.each(files)("%s runs to its end, every transaction accounted for", (file) => {
    const ran = results.get(file);
    if (ran === undefined || ran instanceof Error) throw ran ?? new Error(`${file} was not run`);
    // Whether this machine lets the beacons keep their schedule is not what is asked here.
    const code = ran.code === exitCodes["generator-bound"] ? 0 : ran.code;
    expect({ file, code, err: code === 0 ? "" : ran.err }).toEqual({ file, code: 0, err: "" });
    expect(ran.summary.verdicts.accounting.holds).toBe(true);
    const [planned, sent, shed, included] = (["planned", "sent", "shed", "included"] as const).map((key) =>
      ran.summary.phases.reduce((sum, phase) => sum + phase.counts[key], 0),
    ) as [number, number, number, number];
    expect(planned).toBeGreaterThan(10);
    expect(sent + shed).toBe(planned);
    expect(sent).toBeGreaterThan(planned / 2);
    expect(included).toBe(sent);
  });

  test.each(files)(
    "%s as it stands finds the funds and objects that it needs",
    async (file) => {
      const { code, out, err } = await new Program("overseer", ["plan", new URL(file, folder).pathname, "--json"])
        .finished;
      expect({ code: [0, exitCodes.refused].includes(code ?? -1), err }).toMatchObject({ code: true });
      // How long signing takes depends on the machine.
      const { problems } = JSON.parse(out) as { problems: { path: string }[] };
      expect(problems.filter(({ path }) => /^(accounts|workload|network)/.test(path))).toEqual([]);
    },
    120_000,
  );

  test("nothing is left running", async () => {
    for (const own of folders) expect(await processesWith(own.path)).toEqual([]);
  });
});
