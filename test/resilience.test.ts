import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import type { RunSummary } from "../overseer/reporting/run-summary.ts";
import { waitUntil } from "../shared/time/wait.ts";
import { temporaryFolder } from "./support/programs.ts";
import { type BenchOptions, type Ended, ResilienceBench, type Stage } from "./support/resilience-bench.ts";

/** `npm run resilience` sets it: all cases, and the page is written again. */
const everything = process.env.LOADSTONE_RESILIENCE === "all";
const page = new URL("../docs/resilience.md", import.meta.url);

interface Case {
  readonly what: string;
  readonly stage: Stage;
  readonly how: string;
  readonly options?: BenchOptions;
  readonly code: number;
  /** In every `npm test`, not only in the whole matrix. */
  readonly always?: boolean;
  readonly withinMs?: number;
  act(bench: ResilienceBench): Promise<Ended | undefined>;
  check?(summary: RunSummary): void;
}

const slowSigning = {
  phases: [{ name: "hold", rate: "5000 tx/s", for: "20s" }],
  accounts: { count: 50, balance: "10000000 BTS" },
};
const longer = { phases: [{ name: "hold", rate: "60 tx/s", for: "20s" }] };

const rows: string[] = [];

/** Until the overseer has seen that a beacon is lost. */
async function lost(bench: ResilienceBench): Promise<void> {
  await bench.overseer.says(/is lost: /, 30_000);
}

function countsOf(summary: RunSummary, beacon: string) {
  const found = summary.breakdowns.byBeacon.find((one) => one.name === beacon);
  if (found === undefined) throw new Error(`nothing of ${beacon}`);
  return found.counts;
}

async function passes(milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds;
  await waitUntil(() => performance.now() >= until, { timeoutMs: milliseconds + 1000, onTimeout: () => new Error() });
}

const killed = (index: number) => async (bench: ResilienceBench) => {
  await bench.killBeacon(index);
  return undefined;
};

const frozenPastLease = async (bench: ResilienceBench) => {
  const thaw = await bench.freezeBeacon(1);
  await lost(bench);
  thaw();
  return undefined;
};

const cutFor = (seconds: number) => async (bench: ResilienceBench) => {
  bench.proxies[1]?.cut();
  await passes(seconds * 1000);
  bench.proxies[1]?.heal();
  return undefined;
};

/** Signing takes some seconds, and what is sent is no burden. */
const someSigning = { ...slowSigning, phases: [{ name: "hold", rate: "2000 tx/s", for: "15s" }] };
/** Some are never put into a block, so that the drain lasts until they have expired. */
const longDrain = {
  network: { embedded: { nodes: 2, blockInterval: "1s", nodeBehaviours: [{ forgetShare: 0.05 }] } },
  lifetime: "25s",
  drain: "25s",
};
const allSent = ({ overall }: RunSummary): void => expect(overall.counts.sent).toBe(overall.counts.planned);

/** A connection that is cut, before anything is sent and after all is sent. */
const cuts = ([1, 10, 60] as const).flatMap((seconds): Case[] => {
  const short = seconds === 1;
  const what = `a beacon is cut off for ${seconds} s`;
  const how = short ? "within the lease" : "past the lease";
  const act = cutFor(seconds);
  const common = { what, how, act, withinMs: 120_000 };
  return [
    {
      ...common,
      stage: "preparing",
      options: { remote: true, scenario: short ? someSigning : slowSigning },
      // All or none, before T0.
      code: short ? 0 : 112,
    },
    {
      ...common,
      stage: "armed",
      options: { remote: true, scenario: longer },
      code: 0,
      check: (summary) => {
        if (short) allSent(summary);
        else expect(countsOf(summary, "beacon-1").sent).toBe(400);
      },
    },
    { ...common, stage: "draining", options: { remote: true, scenario: longDrain }, code: 0, check: allSent },
    {
      ...common,
      stage: "uploading",
      options: { remote: true },
      code: 0,
      always: short,
      check: (summary) => {
        expect(countsOf(summary, "beacon-1").sent).toBe(160);
        if (short) allSent(summary);
      },
    },
  ];
});

const cases: readonly Case[] = [
  {
    what: "a beacon is killed",
    stage: "preparing",
    how: "any",
    options: { scenario: slowSigning },
    code: 112,
    act: killed(1),
    check: (summary) => expect(summary.stage).toBe("not-started"),
  },
  {
    what: "a beacon is killed",
    stage: "armed",
    how: "any",
    code: 112,
    act: killed(1),
    check: ({ overall }) => expect(overall.counts.sent).toBe(0),
  },
  { what: "a beacon is killed", stage: "broadcasting", how: "continue", code: 0, act: killed(1) },
  {
    what: "a beacon is killed",
    stage: "broadcasting",
    how: "fail",
    options: { scenario: { onBeaconLost: "fail" } },
    code: 112,
    act: killed(1),
    always: true,
    check: ({ overall }) => expect(overall.counts.cancelled).toBeGreaterThan(100),
  },
  {
    what: "a beacon is killed",
    stage: "broadcasting",
    how: "redistribute",
    options: { scenario: { ...longer, onBeaconLost: "redistribute" } },
    code: 0,
    always: true,
    act: killed(1),
    check: (summary) => {
      expect(countsOf(summary, "local-1").sent).toBeGreaterThan(480);
      expect(countsOf(summary, "local-3").sent).toBeGreaterThan(480);
      expect(summary.overall.counts.included).toBeGreaterThan(1000);
    },
  },
  { what: "a beacon is killed", stage: "end of broadcasting", how: "continue", code: 0, act: killed(0) },
  {
    what: "all beacons are killed",
    stage: "broadcasting",
    how: "continue",
    code: 112,
    act: async (bench) => {
      for (const index of [0, 1, 2]) await bench.killBeacon(index);
      return undefined;
    },
  },
  {
    what: "two beacons are killed, one while it takes over from the other",
    stage: "broadcasting",
    how: "redistribute",
    options: { scenario: { ...longer, onBeaconLost: "redistribute" } },
    code: 0,
    act: async (bench) => {
      await bench.killBeacon(1);
      await lost(bench);
      await bench.killBeacon(2);
      return undefined;
    },
    check: (summary) => expect(countsOf(summary, "local-1").sent).toBeGreaterThan(700),
  },
  {
    what: "a beacon is frozen past its lease",
    stage: "preparing",
    how: "any",
    options: { scenario: { ...slowSigning, phases: [{ name: "hold", rate: "5000 tx/s", for: "60s" }] } },
    code: 112,
    act: frozenPastLease,
  },
  {
    what: "a beacon is frozen past its lease and wakes",
    stage: "broadcasting",
    how: "continue",
    options: { scenario: longer },
    code: 0,
    always: true,
    act: frozenPastLease,
    check: (summary) => {
      // It was frozen after some 4 s of 20: what it sent after it woke would show here.
      expect(countsOf(summary, "local-2").sent).toBeLessThan(160);
      expect(summary.errors.some((error) => error.reason === "lease-expired")).toBe(true);
    },
  },
  {
    what: "a beacon is frozen past its lease and wakes",
    stage: "broadcasting",
    how: "redistribute",
    options: { scenario: { ...longer, onBeaconLost: "redistribute" } },
    code: 0,
    act: frozenPastLease,
    check: (summary) => {
      expect(countsOf(summary, "local-2").sent).toBeLessThan(160);
      expect(countsOf(summary, "local-1").sent).toBeGreaterThan(440);
    },
  },
  {
    what: "a beacon is frozen and never wakes",
    stage: "end of broadcasting",
    how: "continue",
    code: 0,
    act: async (bench) => {
      await bench.freezeBeacon(1);
      return undefined;
    },
  },
  { what: "a beacon is killed", stage: "draining", how: "any", code: 0, act: killed(1), check: allSent },
  {
    what: "a beacon is frozen and never wakes",
    stage: "draining",
    how: "any",
    code: 0,
    act: async (bench) => {
      await bench.freezeBeacon(1);
      return undefined;
    },
    check: allSent,
  },
  {
    what: "a beacon is killed",
    stage: "uploading",
    how: "what it had not handed in is not known",
    options: { remote: true },
    code: 0,
    act: killed(1),
    check: (summary) => expect(countsOf(summary, "beacon-1").sent).toBe(160),
  },
  {
    what: "a beacon is killed and started again with its spool",
    stage: "uploading",
    how: "within the lease",
    options: { remote: true, scenario: { beacons: { count: 3, lease: "30s" } } },
    code: 0,
    act: async (bench) => {
      await bench.killBeacon(1);
      await bench.beacons[1]?.finished;
      bench.proxies[1]?.heal();
      bench.startBeacon(1);
      return undefined;
    },
    // What it was told to write once a second is there; only the last moments are missing.
    check: (summary) => expect(countsOf(summary, "beacon-2").sent).toBeGreaterThan(140),
  },
  {
    what: "a beacon is frozen and never wakes",
    stage: "uploading",
    how: "past the lease",
    options: { remote: true },
    code: 0,
    act: async (bench) => {
      await bench.freezeBeacon(1);
      return undefined;
    },
    check: (summary) => expect(countsOf(summary, "beacon-1").sent).toBe(160),
  },
  {
    what: "a beacon is frozen for 2 s",
    stage: "uploading",
    how: "within the lease",
    options: { remote: true, scenario: { beacons: { count: 3, lease: "15s" } } },
    code: 0,
    act: async (bench) => {
      const thaw = await bench.freezeBeacon(1);
      bench.proxies[1]?.heal();
      await passes(2000);
      thaw();
      return undefined;
    },
    check: allSent,
  },
  ...cuts,
  {
    what: "a beacon is killed and started again with its spool",
    stage: "broadcasting",
    how: "continue",
    options: { remote: true },
    code: 0,
    act: async (bench) => {
      // What it records from now on can only come from its disk.
      bench.proxies[1]?.cut();
      await passes(2500);
      await bench.killBeacon(1);
      await bench.beacons[1]?.finished;
      bench.proxies[1]?.heal();
      bench.startBeacon(1);
      return undefined;
    },
    check: (summary) => {
      const { sent, accepted } = countsOf(summary, "beacon-2");
      expect(sent).toBeGreaterThan(70);
      expect(accepted).toBeGreaterThan(60);
    },
  },
  {
    what: "a beacon is cut off for 1 s",
    stage: "broadcasting",
    how: "within the lease",
    options: { remote: true },
    code: 0,
    act: async (bench) => {
      bench.proxies[1]?.cut();
      await passes(1000);
      bench.proxies[1]?.heal();
      return undefined;
    },
    check: ({ overall, beacons }) => {
      expect(beacons.every((beacon) => beacon.lost === null)).toBe(true);
      expect(overall.counts.sent).toBe(480);
    },
  },
  {
    what: "a beacon is cut off for 10 s",
    stage: "broadcasting",
    how: "within the lease",
    options: { remote: true, scenario: { ...longer, beacons: { count: 3, lease: "15s" } } },
    code: 0,
    act: async (bench) => {
      bench.proxies[1]?.block();
      await passes(10_000);
      bench.proxies[1]?.heal();
      return undefined;
    },
    check: ({ overall, beacons }) => {
      expect(beacons.every((beacon) => beacon.lost === null)).toBe(true);
      expect(overall.counts.sent).toBe(1200);
    },
  },
  {
    what: "a beacon is cut off for 10 s",
    stage: "broadcasting",
    how: "past the lease, continue",
    options: { remote: true, scenario: longer },
    code: 0,
    always: true,
    act: async (bench) => {
      bench.proxies[1]?.cut();
      await passes(10_000);
      bench.proxies[1]?.heal();
      return undefined;
    },
    check: (summary) => {
      const { sent, cancelled, accepted } = countsOf(summary, "beacon-2");
      expect(sent + cancelled).toBe(400);
      // It went on to send until its lease ran out, and what it sent is known although nobody heard of it then.
      expect(sent).toBeGreaterThan(100);
      expect(accepted).toBe(sent);
    },
  },
  {
    what: "a beacon is cut off for 60 s",
    stage: "broadcasting",
    how: "past the lease, redistribute",
    options: {
      remote: true,
      scenario: {
        onBeaconLost: "redistribute",
        phases: [{ name: "hold", rate: "20 tx/s", for: "80s" }],
        beacons: { count: 3, lease: "15s" },
      },
    },
    code: 0,
    withinMs: 180_000,
    act: async (bench) => {
      bench.proxies[1]?.cut();
      await passes(60_000);
      bench.proxies[1]?.heal();
      return undefined;
    },
    check: (summary) => expect(summary.overall.counts.sent).toBeGreaterThan(1400),
  },
  {
    what: "the overseer is frozen for 2 s",
    stage: "broadcasting",
    how: "within the lease",
    code: 0,
    act: async (bench) => {
      bench.overseer.signal("SIGSTOP");
      await passes(2000);
      bench.overseer.signal("SIGCONT");
      return undefined;
    },
    check: ({ overall }) => expect(overall.counts.sent).toBe(480),
  },
  {
    what: "the overseer is frozen for 10 s",
    stage: "broadcasting",
    how: "past the lease",
    options: { scenario: longer },
    code: 112,
    act: async (bench) => {
      bench.overseer.signal("SIGSTOP");
      await passes(10_000);
      bench.overseer.signal("SIGCONT");
      return undefined;
    },
    check: ({ overall }) => expect(overall.counts.sent).toBeLessThan(800),
  },
  ...(["preparing", "armed", "broadcasting", "end of broadcasting", "draining"] as const).map(
    (stage): Case => ({
      what: "the overseer is killed",
      stage,
      how: "resume, beacons of this machine",
      ...(stage === "preparing" ? { options: { scenario: slowSigning } } : {}),
      // Also when all had been sent: its network has died with it, and so nobody knows what became of the last ones.
      code: 105,
      always: stage === "broadcasting",
      act: async (bench) => {
        bench.overseer.signal("SIGKILL");
        await bench.overseer.finished;
        return bench.resume();
      },
      ...(stage === "broadcasting" ? { check: sentSomething } : {}),
    }),
  ),
  {
    what: "the overseer is killed",
    stage: "broadcasting",
    how: "resume within the lease, beacons elsewhere",
    options: { remote: true, scenario: { ...longer, beacons: { count: 3, lease: "15s" } } },
    code: 105,
    always: true,
    act: async (bench) => {
      bench.overseer.signal("SIGKILL");
      await bench.overseer.finished;
      return bench.resume({ remote: true });
    },
    check: sentSomething,
  },
  {
    what: "the overseer is killed",
    stage: "broadcasting",
    how: "resume after the lease, beacons elsewhere",
    options: { remote: true, scenario: longer },
    code: 105,
    act: async (bench) => {
      bench.overseer.signal("SIGKILL");
      await bench.overseer.finished;
      await passes(8000);
      return bench.resume({ remote: true });
    },
    check: (summary) => {
      sentSomething(summary);
      expect(summary.errors.some((error) => error.reason === "lease-expired")).toBe(true);
    },
  },
  {
    what: "overseer and a beacon are killed, the beacon is started again with its spool",
    stage: "broadcasting",
    how: "resume, beacons elsewhere",
    options: { remote: true, scenario: longer },
    code: 105,
    act: async (bench) => {
      bench.overseer.signal("SIGKILL");
      await bench.overseer.finished;
      // Long enough for its last rows to be on disk.
      await passes(7000);
      await bench.killBeacon(1);
      await bench.beacons[1]?.finished;
      bench.startBeacon(1);
      return bench.resume({ remote: true });
    },
    check: (summary) => {
      // The network died with the overseer: what became due until the lease ran out was shed, which only the disk knew.
      const { sent, shed } = countsOf(summary, "beacon-2");
      expect(sent).toBeGreaterThan(40);
      expect(shed).toBeGreaterThan(20);
    },
  },
  {
    what: "the overseer is killed",
    stage: "broadcasting",
    how: "resume, network that lives on",
    options: { endpoints: true, scenario: longer },
    code: 105,
    act: async (bench) => {
      bench.overseer.signal("SIGKILL");
      await bench.overseer.finished;
      // Blocks that nobody observes.
      await passes(3000);
      return bench.resume();
    },
    check: (summary) => {
      sentSomething(summary);
      // Read from the nodes afterwards: what was on its way when the overseer died is found in a block.
      expect(summary.overall.counts.included).toBeGreaterThanOrEqual(summary.overall.counts.accepted);
      expect(summary.exit.text).toContain("before the run was over");
    },
  },
  {
    what: "the overseer is killed",
    stage: "draining",
    how: "resume, network that lives on",
    options: { endpoints: true },
    // All that was accepted is found, so nothing is missing.
    code: 0,
    always: true,
    act: async (bench) => {
      bench.overseer.signal("SIGKILL");
      await bench.overseer.finished;
      await passes(3000);
      return bench.resume();
    },
    check: ({ overall }) => expect(overall.counts).toMatchObject({ sent: 480, accepted: 480, included: 480 }),
  },
  {
    what: "a node dies and comes back after 5 s",
    stage: "broadcasting",
    how: "one of two",
    options: { endpoints: true, scenario: longer },
    code: 0,
    act: async (bench) => {
      await bench.loseNode(1, 5000);
      return undefined;
    },
    check: (summary) => {
      const { sent, shed, unanswered, planned } = summary.overall.counts;
      expect(sent + shed).toBe(planned);
      expect(shed).toBeGreaterThan(50);
      expect(shed + unanswered).toBeLessThan(300);
      expect(summary.errors.some((error) => error.reason === "node-unreachable")).toBe(true);
      // It is sent to again once it is back.
      const node = summary.breakdowns.byNode.find(({ name }) => name === "node-2");
      expect(node?.counts.sent).toBeGreaterThan(350);
    },
  },
  {
    what: "the network is killed",
    stage: "broadcasting",
    how: "embedded",
    code: 113,
    act: async (bench) => {
      process.kill(await bench.networkPid(), "SIGKILL");
      return undefined;
    },
  },
  {
    what: "the network is frozen for 3 s",
    stage: "broadcasting",
    how: "embedded",
    code: 0,
    act: async (bench) => {
      const pid = await bench.networkPid();
      process.kill(pid, "SIGSTOP");
      await passes(3000);
      process.kill(pid, "SIGCONT");
      return undefined;
    },
    check: ({ overall }) => expect(overall.counts.sent).toBe(480),
  },
];

function sentSomething(summary: RunSummary): void {
  expect(summary.overall.counts.sent).toBeGreaterThan(100);
  expect(summary.overall.counts.accepted).toBeGreaterThan(100);
}

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

function note({ what, stage, how }: Pick<Case, "what" | "stage" | "how">, ended: Ended): void {
  const counts = ended.summary?.overall.counts;
  const figures =
    counts === undefined
      ? "no report"
      : `${counts.sent} sent, ${counts.included} included, ${counts.cancelled} cancelled, ${counts.shed} shed of ${counts.planned}`;
  rows.push(`| ${what} | ${stage} | ${how} | ${ended.code} | ${figures} |`);
}

const slow = (one: { readonly always?: boolean }): boolean => !everything && one.always !== true;

describe("nothing is lost and nothing hangs when", () => {
  for (const one of cases) {
    const define = slow(one) ? test.skip : test;
    define(
      `${one.what}: ${one.stage}, ${one.how}`,
      async () => {
        const bench = await ResilienceBench.start(one.options);
        try {
          await bench.reach(one.stage);
          const ended = (await one.act(bench)) ?? (await bench.end(one.withinMs ?? 90_000));
          const summary = expectWhole(ended);
          expect({ code: ended.code, err: ended.err }).toMatchObject({ code: one.code });
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
          note({ what: "the overseer's disk is full", stage: "broadcasting", how: "tmpfs" }, ended);
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
          note({ what: "a beacon's disk is full", stage: "broadcasting", how: "tmpfs" }, ended);
          const summary = expectWhole(ended);
          expect(ended.code).toBe(0);
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
  if (!everything || rows.length < cases.length) return;
  const text = readFileSync(page, "utf8");
  const [before, after] = [text.split(marks[0])[0], text.split(marks[1])[1]];
  const head =
    "| what happens | when | policy or circumstance | exit code | outcome |\n| --- | --- | --- | --- | --- |";
  writeFileSync(page, `${before}${marks[0]}\n\n${head}\n${rows.join("\n")}\n\n${marks[1]}${after}`);
});
