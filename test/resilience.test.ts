import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import type { RunSummary } from "../overseer/reporting/run-summary.ts";
import { beaconCases } from "./resilience/beacon-cases.ts";
import type { Case } from "./resilience/case.ts";
import { cutCases } from "./resilience/cut-cases.ts";
import { networkCases } from "./resilience/network-cases.ts";
import { overseerCases } from "./resilience/overseer-cases.ts";
import { temporaryFolder } from "./support/programs.ts";
import { type Ended, ResilienceBench } from "./support/resilience-bench.ts";

/** `npm run resilience` sets it: all cases, and the page is written again. */
const everything = process.env.LOADSTONE_RESILIENCE === "all";
const page = new URL("../docs/resilience.md", import.meta.url);

const cases: readonly Case[] = [...beaconCases, ...cutCases, ...overseerCases, ...networkCases];

/** By what each is about, since several run at a time. */
const rows = new Map<string, string>();
const titleOf = ({ what, stage, how }: Pick<Case, "what" | "stage" | "how">): string => `${what}: ${stage}, ${how}`;
const diskOfOverseer = { what: "the overseer's disk is full", stage: "broadcasting", how: "tmpfs" } as const;
const diskOfBeacon = { what: "a beacon's disk is full", stage: "broadcasting", how: "tmpfs" } as const;
/** In the order of the page. */
const described = [...cases, diskOfOverseer, diskOfBeacon];

function expectWhole(ended: Ended): RunSummary {
  const { summary, err } = ended;
  expect(err).not.toMatch(/\n\s+at /);
  if (summary === null) throw new Error(`no report:\n${err}`);
  expect(summary.verdicts.accounting.lines.filter((line) => !line.holds)).toEqual([]);
  expect(ended.leftovers).toEqual([]);
  const { counts } = summary.overall;
  expect(counts.planned).toBe(counts.sent + counts.shed + counts.cancelled);
  return summary;
}

function note(about: Pick<Case, "what" | "stage" | "how">, ended: Ended): void {
  const { what, stage, how } = about;
  const counts = ended.summary?.overall.counts;
  const figures =
    counts === undefined
      ? "no report"
      : `${counts.sent} sent, ${counts.included} included, ${counts.cancelled} cancelled, ${counts.shed} shed of ${counts.planned}`;
  rows.set(titleOf(about), `| ${what} | ${stage} | ${how} | ${ended.codeOfCourse} | ${figures} |`);
}

/** All of them are many minutes of waiting: several at a time then (`--maxConcurrency`). */
const atOnce = everything ? test.concurrent : test;
const slow = (one: { readonly always?: boolean }): boolean => !everything && one.always !== true;

describe("nothing is lost and nothing hangs when", () => {
  for (const one of cases) {
    const define = slow(one) ? test.skip : atOnce;
    define(
      titleOf(one),
      async () => {
        const bench = await ResilienceBench.start(one.options);
        try {
          await bench.reach(one.stage);
          const ended = (await one.act(bench)) ?? (await bench.end(one.withinMs ?? 90_000));
          const summary = expectWhole(ended);
          expect({ code: ended.codeOfCourse, err: ended.err }).toMatchObject({ code: one.code });
          one.check?.(summary);
          note(one, ended);
        } finally {
          await bench.close();
        }
      },
      (one.withinMs ?? 90_000) + 120_000,
    );
  }
});

/** A file system of its own, so small that it fills up; null where this user may not mount one. */
function smallDisk(path: string, kilobytes: number): (() => void) | null {
  try {
    mkdirSync(path, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", path], { stdio: "ignore" });
    return () => execFileSync("umount", ["-l", path], { stdio: "ignore" });
  } catch {
    return null;
  }
}

async function onSmallDisk(kilobytes: number, work: (path: string) => Promise<void>): Promise<void> {
  const folder = await temporaryFolder();
  const path = join(folder.path, "disk");
  const unmount = smallDisk(path, kilobytes);
  try {
    if (unmount === null) process.stderr.write("skipped: no file system can be mounted here\n");
    else await work(path);
  } finally {
    unmount?.();
    await folder.remove();
  }
}

describe("a disk that is full", () => {
  const scenario = { phases: [{ name: "hold", rate: "300 tx/s", for: "20s" }] };

  (everything ? test : test.skip)(
    "ends the run with code 117 when it is the overseer's",
    async () => {
      await onSmallDisk(400, async (path) => {
        const bench = await ResilienceBench.start({ scenario, reports: path });
        try {
          const ended = await bench.end(90_000);
          note(diskOfOverseer, ended);
          expect(ended.code).toBe(117);
          expect(ended.err).toMatch(/cannot write .*ENOSPC/);
        } finally {
          await bench.close();
        }
      });
    },
    200_000,
  );

  (everything ? test : test.skip)(
    "costs a beacon its safety and the run nothing",
    async () => {
      await onSmallDisk(16, async (path) => {
        const bench = await ResilienceBench.start({ remote: true, spool: join(path, "spool") });
        try {
          const ended = await bench.end(90_000);
          note(diskOfBeacon, ended);
          const summary = expectWhole(ended);
          expect(ended.codeOfCourse).toBe(0);
          expect(summary.overall.counts.sent).toBe(480);
        } finally {
          await bench.close();
        }
      });
    },
    200_000,
  );
});

const marks = ["<!-- table: npm run resilience -->", "<!-- end of table -->"] as const;

afterAll(() => {
  // Not when only some of the cases were asked for.
  const lines = described.map((one) => rows.get(titleOf(one)));
  if (!everything || cases.some((one) => !rows.has(titleOf(one)))) return;
  const text = readFileSync(page, "utf8");
  const [before, after] = [text.split(marks[0])[0], text.split(marks[1])[1]];
  const head =
    "| what happens | when | policy or circumstance | exit code | outcome |\n| --- | --- | --- | --- | --- |";
  writeFileSync(
    page,
    `${before}${marks[0]}\n\n${head}\n${lines.filter((line) => line !== undefined).join("\n")}\n\n${marks[1]}${after}`,
  );
});
