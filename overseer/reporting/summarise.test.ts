import { expect, test } from "@jest/globals";
import { codeOfOutcome } from "../../shared/chains/outcome.ts";
import type { Distribution, Quantile, RunSummary } from "./run-summary.ts";
import { summaryOf } from "./testing/run-folders.ts";
import {
  makeSyntheticRun,
  meteredChain,
  type SyntheticBeacon,
  type SyntheticRun,
  type SyntheticRunOptions,
} from "./testing/synthetic-run.ts";

const hold = { name: "hold", seconds: 8, fromPerSecond: 100, toPerSecond: 100 };

function smallRun(options: SyntheticRunOptions = {}): SyntheticRun {
  return makeSyntheticRun({ phases: [hold], drainSeconds: 12, rejectShare: 0, ...options });
}

function phaseNamed(summary: RunSummary, name: string): RunSummary["phases"][number] {
  return summary.phases.find((phase) => phase.name === name) as RunSummary["phases"][number];
}

function brokenLines(summary: RunSummary): string[] {
  return summary.verdicts.accounting.lines.filter((line) => !line.holds).map((line) => line.name);
}

/** Smallest value that at least the share `level` does not exceed. */
function bruteForce(values: readonly number[], level: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * level - 1e-9) - 1)] as number;
}

test("a sound run is valid, accounted for and passes", async () => {
  const summary = await summaryOf(smallRun());
  expect(summary.verdicts.validity.verdict).toBe("valid");
  expect(brokenLines(summary)).toEqual([]);
  expect(summary.exit).toMatchObject({ name: "passed", code: 0 });
  expect(summary.stage).toBe("finished");
  expect(summary.overall.counts).toMatchObject({ planned: 800, due: 800, sent: 800, accepted: 800, included: 800 });
  expect(summary.overall.rates.includedPerSecond).toBeCloseTo(100, 0);
  expect(summary.errors).toEqual([]);
});

test("percentiles are those of all values, not averages of percentiles", async () => {
  const values: Record<string, number[]> = {};
  const run = smallRun({ phases: [hold, { ...hold, name: "more", fromPerSecond: 50, toPerSecond: 300 }] });
  const summary = await summaryOf(run, async ({ database }) => {
    const rows = await database.rows(
      "SELECT included_us - due_us AS i, answered_us - sent_us AS a, sent_us - due_us AS l FROM ledger",
    );
    values.inclusion = rows.map((row) => Number(row.i));
    values.answer = rows.map((row) => Number(row.a));
    values.lateness = rows.map((row) => Number(row.l));
  });
  const { inclusionIntended, answerService, lateness } = summary.overall.latencies;
  for (const [distribution, all] of [
    [inclusionIntended, values.inclusion],
    [answerService, values.answer],
    [lateness, values.lateness],
  ] as [Distribution, number[]][]) {
    const levels = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999, max: 1 };
    for (const [name, level] of Object.entries(levels)) {
      const quantile = distribution[name as keyof typeof levels];
      expect([name, quantile]).toEqual([name, { micros: bruteForce(all, level), atLeast: false }]);
    }
    expect(distribution.mean.micros).toBeCloseTo(all.reduce((sum, value) => sum + value, 0) / all.length, 3);
    expect(distribution).toMatchObject({ count: all.length, censored: 0 });
  }
});

test("what was shed counts with the time it had waited, and a percentile that rests on it says so", async () => {
  // A fifth of the transactions is shed in the last 1.6 s.
  const summary = await summaryOf(smallRun({ stall: [6.4, 8] }));
  const { inclusionIntended, inclusionOfIncluded, answerService } = summary.overall.latencies;
  expect(inclusionIntended).toMatchObject({ count: 800, censored: 160 });
  // Three quarters were included, so that what the others waited can be told from both sides.
  expect(inclusionIntended?.p75).toMatchObject({ atLeast: true, atMostMicros: expect.any(Number) });
  expect(inclusionIntended?.p90).toEqual({ micros: expect.any(Number), atLeast: true });
  const longest = inclusionOfIncluded?.max.micros ?? 0;
  expect(inclusionIntended?.max).toEqual({ micros: longest, atLeast: true } satisfies Quantile);
  expect(inclusionOfIncluded).toMatchObject({ count: 640, censored: 0 });
  expect(answerService).toMatchObject({ count: 640, censored: 0 });
  expect(summary.timeline.inclusionIntended.censored.slice(5, 8)).toEqual([0, 60, 100]);
  expect(summary.timeline.inclusionIntended.p99AtLeast.slice(5, 8)).toEqual([false, true, true]);
});

test("rates over time: each by the second in which it happened", async () => {
  const { timeline } = await summaryOf(smallRun({ stall: [2, 3] }));
  expect(timeline.duePerSecond.slice(0, 9)).toEqual([100, 100, 100, 100, 100, 100, 100, 100, 0]);
  expect(timeline.shedPerSecond.slice(0, 4)).toEqual([0, 0, 100, 0]);
  expect(timeline.sentPerSecond.reduce((sum, rate) => sum + rate, 0)).toBe(700);
  expect(timeline.includedPerSecond.reduce((sum, rate) => sum + rate, 0)).toBe(700);
  expect(timeline.awaitingAnswer.at(-1)).toBe(0);
  expect(timeline.awaitingBlock.at(-1)).toBe(0);
});

test("the answer finds the rate at which blocks were full", async () => {
  const climb = { name: "climb", seconds: 60, fromPerSecond: 50, toPerSecond: 250 };
  const { answer } = await summaryOf(smallRun({ phases: [climb], capacityPerSecond: 150, drainSeconds: 30 }));
  expect(answer.sustained?.perSecond).toBeGreaterThan(143);
  expect(answer.sustained?.perSecond).toBeLessThanOrEqual(151);
  expect(answer.brokeAtPerSecond).toBeGreaterThan(150);
  expect(answer.brokeAtPerSecond).toBeLessThan(165);
  expect(answer.text).toMatch(/^Blocks came to the largest size of .* from the first node to the last/);
  const within = await summaryOf(smallRun({ phases: [climb], capacityPerSecond: 400 }));
  expect(within.answer.brokeAtPerSecond).toBeNull();
  expect(within.answer.text).toContain("its limit lies higher");
  expect(within.answer.text).not.toContain("largest size");
});

test.each([
  { perSecond: 100, carries: 90, blockIntervalSeconds: 1 },
  { perSecond: 8, carries: 7, blockIntervalSeconds: 1 },
  { perSecond: 30, carries: 27, blockIntervalSeconds: 3 },
  { perSecond: 100, carries: 90, blockIntervalSeconds: 0.5 },
])(
  "what random arrivals make of a window's ends is not blamed on the network: $perSecond tx/s, blocks of $blockIntervalSeconds s",
  async ({ perSecond, carries, blockIntervalSeconds }) => {
    const phases = [{ name: "hold", seconds: 40, fromPerSecond: perSecond, toPerSecond: perSecond }];
    for (let seed = 1; seed <= 8; seed++) {
      const settings = { arrivals: "poisson", seed, phases, blockIntervalSeconds, drainSeconds: 40 } as const;
      const { answer } = await summaryOf(smallRun({ ...settings, capacityPerSecond: 3 * perSecond }));
      expect({ seed, ...answer }).toMatchObject({ seed, brokeAtPerSecond: null });
      expect(answer.sustained?.perSecond).toBeGreaterThan(perSecond * 0.95);
      // The same arrivals where blocks have no room for all of them.
      const { answer: behind } = await summaryOf(smallRun({ ...settings, capacityPerSecond: carries }));
      expect({ seed, ...behind }).not.toMatchObject({ brokeAtPerSecond: null });
      expect(behind.sustained?.perSecond ?? 0).toBeLessThanOrEqual(carries * 1.03);
    }
  },
);

test.each([
  ["a rate below it held", 135, 0, { phase: "confirm", perSecond: 135, held: true }, /confirmed up to 135\s/],
  ["a rate below it did not hold", 135, 0.1, { phase: "confirm", perSecond: 135, held: false }, /not confirmed/],
  ["the rate is that of a recovery", 20, 0, null, /fell behind at \S+\stx\/s\. The backlog/],
  ["the rate is beyond what was found", 220, 0, null, /fell behind at \S+\stx\/s\. The backlog/],
])(
  "a limit that was found in a climb is confirmed by what is held after it: %s",
  async (_, rate, lost, expected, said) => {
    const climb = { name: "climb", seconds: 40, fromPerSecond: 50, toPerSecond: 220 };
    const recovery = { name: "recovery", seconds: 20, fromPerSecond: 10, toPerSecond: 10, measured: false };
    const confirm = { name: "confirm", seconds: 20, fromPerSecond: rate, toPerSecond: rate };
    const phases = [climb, recovery, confirm];
    const run = smallRun({ phases, capacityPerSecond: 150, drainSeconds: 30 });
    const firstToConfirm = run.manifest.scenario.phases[2]?.firstSequence ?? 0;
    const { sequence, block, included } = run.inclusions.columns;
    for (let row = 0; row < run.inclusions.rows; row++) {
      const number = sequence[row] as number;
      if (number < firstToConfirm || number % 100 >= lost * 100) continue;
      block[row] = 0;
      included[row] = Number.NaN;
    }
    const { answer } = await summaryOf(run);
    if (expected === null) expect(answer.confirmation).toBeNull();
    else expect(answer.confirmation).toMatchObject({ ...expected, seconds: 20 });
    expect(answer.text).toMatch(said);
  },
);

test.each([
  // 200 come due every second of ten and blocks hold 120: 800 are left, and a phase of 20 leaves room for 100 of them.
  ["a calm that follows", 20, { transactions: 800, phase: "flood", goneAfterSeconds: 8 }],
  // 110 come due where 120 get in: never gone before nothing is due any more.
  ["a phase that leaves hardly any room", 110, { transactions: 800, phase: "flood", goneAfterSeconds: 24 }],
])("a backlog is measured until blocks have caught up with the schedule: %s", async (_, perSecond, expected) => {
  const calm = { name: "calm", seconds: 5, fromPerSecond: 20, toPerSecond: 20 };
  const flood = { name: "flood", seconds: 10, fromPerSecond: 200, toPerSecond: 200 };
  const ebb = { name: "ebb", seconds: 20, fromPerSecond: perSecond, toPerSecond: perSecond };
  const { answer } = await summaryOf(
    smallRun({ phases: [calm, flood, ebb], capacityPerSecond: 120, drainSeconds: 30, lifetimeSeconds: 300 }),
  );
  expect(answer.backlog).toMatchObject({ phase: expected.phase, phaseEndMicros: 15e6 });
  // Blocks take from all nodes in turn.
  const { byNode, transactions } = answer.backlog as NonNullable<typeof answer.backlog>;
  expect(byNode.map(({ name }) => name).sort()).toEqual(["node-1", "node-2", "node-3"]);
  expect(Math.abs(byNode.reduce((sum, { count }) => sum + count, 0) - transactions)).toBeLessThanOrEqual(20);
  expect(answer.text).toContain("Each of the 3 nodes had its share of it.");
  // To what one block takes in, and to the interval between two.
  expect(Math.abs((answer.backlog?.transactions ?? 0) - expected.transactions)).toBeLessThanOrEqual(120);
  const goneAfterSeconds = ((answer.backlog?.goneAtMicros ?? 0) - 15e6) / 1e6;
  expect(Math.abs(goneAfterSeconds - expected.goneAfterSeconds)).toBeLessThanOrEqual(3);
  expect(answer.text).toMatch(
    /The backlog grew to \S+ \(flood, .* after the start\) and was gone \S+\ss after flood had ended/,
  );
});

test("what is left of a backlog when the last block is seen is told", async () => {
  const flood = { name: "flood", seconds: 10, fromPerSecond: 200, toPerSecond: 200 };
  // Of 2,000 that came due, 120 a second get in: for the ten seconds of the flood and two more.
  const { answer } = await summaryOf(
    smallRun({ phases: [flood], capacityPerSecond: 120, drainSeconds: 2, lifetimeSeconds: 300 }),
  );
  expect(answer.backlog).toMatchObject({ phase: "flood", goneAtMicros: null });
  expect(Math.abs((answer.backlog?.transactions ?? 0) - 800)).toBeLessThanOrEqual(120);
  expect(Math.abs((answer.backlog?.neverIncluded ?? 0) - 560)).toBeLessThanOrEqual(120);
  expect(answer.text).toMatch(/and was never gone: \d+ got into no block/);
});

test("what is lost meanwhile is not waited for, and told", async () => {
  const phases = [
    { name: "flood", seconds: 10, fromPerSecond: 200, toPerSecond: 200 },
    { name: "ebb", seconds: 20, fromPerSecond: 20, toPerSecond: 20 },
  ];
  const { answer } = await summaryOf(
    smallRun({ phases, capacityPerSecond: 120, drainSeconds: 30, lifetimeSeconds: 300, forgetShare: 0.05 }),
  );
  // 1,900 get in, of them 700 after the flood, beside 19 new ones a second. A twentieth is lost from the third second on,
  // when blocks begin to be behind, until then.
  const goneAfterSeconds = ((answer.backlog?.goneAtMicros ?? 0) - 10e6) / 1e6;
  expect(Math.abs(goneAfterSeconds - 7)).toBeLessThanOrEqual(1.5);
  expect(Math.abs((answer.backlog?.neverIncluded ?? 0) - 80)).toBeLessThanOrEqual(35);
  expect(answer.text).toMatch(/after flood had ended, but for \d+ that got into no block/);
});

test("what is lost in a flood that ends the run does not keep its backlog from being gone", async () => {
  const flood = { name: "flood", seconds: 10, fromPerSecond: 200, toPerSecond: 200 };
  const { answer } = await summaryOf(
    smallRun({ phases: [flood], capacityPerSecond: 120, drainSeconds: 30, lifetimeSeconds: 300, forgetShare: 0.05 }),
  );
  // 1,900 get in at 120 a second, and further blocks come after them.
  expect(Math.abs(((answer.backlog?.goneAtMicros ?? 0) - 10e6) / 1e6 - 5.8)).toBeLessThanOrEqual(1.5);
  expect(answer.backlog?.neverIncluded).toBeGreaterThan(0);
  expect(answer.text).toMatch(/after flood had ended, but for \d+ that got into no block/);
});

test("a network that rejects everything has shown no rate, however long the phases", async () => {
  const { answer, overall } = await summaryOf(smallRun({ rejectShare: 1 }));
  expect(overall.counts.rejected).toBe(overall.counts.sent);
  expect(answer).toMatchObject({ sustained: null, brokeAtPerSecond: null });
  expect(answer.text).toMatch(/^Nodes rejected everything/);
});

test("a network that keeps up has no backlog", async () => {
  const { answer } = await summaryOf(smallRun());
  expect(answer.backlog).toBeNull();
  expect(answer.text).not.toContain("backlog");
});

test("a warm-up is in the timeline and the phases, and not in the figures that answer the question", async () => {
  const warmUp = { ...hold, name: "warm-up", measured: false, seconds: 4 };
  const summary = await summaryOf(smallRun({ phases: [warmUp, hold], stall: [1, 2] }));
  expect(summary.overall.counts).toMatchObject({ planned: 800, shed: 0 });
  expect(phaseNamed(summary, "warm-up").counts).toMatchObject({ planned: 400, shed: 100 });
  expect(summary.verdicts.validity.verdict).toBe("valid");
  expect(summary.timeline.shedPerSecond[1]).toBe(100);
});

test.each([
  [{ latenessMs: 0.1 }, "valid", "passed"],
  [{ latenessMs: 8 }, "degraded", "passed"],
  [{ latenessMs: 60 }, "void", "generator-bound"],
  [{ stall: [2, 2.05] }, "degraded", "passed"],
  [{ stall: [2, 3] }, "void", "generator-bound"],
] as const)("with %j the run is %s and ends as %s", async (options, verdict, exit) => {
  const summary = await summaryOf(smallRun(options));
  expect(summary.verdicts.validity.verdict).toBe(verdict);
  expect(summary.exit.name).toBe(exit);
});

test("a void run gives no answer", async () => {
  const { answer } = await summaryOf(smallRun({ stall: [2, 3] }));
  expect(answer.text).toMatch(/^Void/);
  expect(answer.sustained).toBeNull();
});

test("a busy host, an unmeasured clock and a lost beacon each degrade", async () => {
  const busy = smallRun();
  for (const sample of busy.samples) Object.assign(sample, { hostCpuShare: 0.99 });
  const unmeasured = smallRun();
  const beacons = unmeasured.manifest.beacons.map((beacon) => ({ ...beacon, clock: null }));
  unmeasured.manifest = { ...unmeasured.manifest, beacons };
  const lost = smallRun({ beaconLostAt: 7 });
  for (const [run, name] of [
    [busy, "beacon hosts"],
    [unmeasured, "clocks"],
    [lost, "beacons"],
  ] as const) {
    const { verdict, checks } = (await summaryOf(run)).verdicts.validity;
    expect(verdict).toBe("degraded");
    expect(checks.filter((check) => check.verdict !== "valid").map((check) => check.name)).toEqual([name]);
  }
});

test("a run with everything that can happen is still accounted for", async () => {
  const summary = await summaryOf(
    smallRun({
      rejectShare: 0.05,
      forgetShare: 0.02,
      stall: [3, 3.1],
      connectionsLostAt: 5,
      beaconLostAt: 7,
      orphanAt: 2,
    }),
  );
  expect(brokenLines(summary)).toEqual([]);
  const { counts } = summary.overall;
  expect(counts.planned).toBe(counts.sent + counts.shed + counts.cancelled);
  expect(counts.forkedOut).toBe(2);
  expect(counts.lost).toBeGreaterThan(0);
  expect(counts.includedUnanswered).toBeGreaterThan(0);
  const kinds = new Set(summary.errors.map((error) => error.kind));
  expect(kinds).toEqual(new Set(["rejected", "shed", "unanswered", "cancelled", "lost", "forked-out"]));
  const [rejection] = summary.errors.filter((error) => error.reason === "insufficient-balance");
  expect(rejection?.samples).toHaveLength(3);
  expect(rejection?.byNode.reduce((sum, node) => sum + node.count, 0)).toBe(rejection?.count);
});

type Tampering = readonly [string, (run: SyntheticRun) => void, RegExp];

function firstBeacon(run: SyntheticRun): SyntheticBeacon {
  return run.beacons[0] as SyntheticBeacon;
}

test.each<Tampering>([
  ["an outcome that was never decided", (run) => firstBeacon(run).outcomes.outcome.fill(0, 3, 4), /without an outcome/],
  [
    "an accepted one that was never sent",
    (run) => firstBeacon(run).outcomes.sent.fill(Number.NaN, 3, 4),
    /sent, shed or cancelled/,
  ],
  [
    "a sent one that says it was shed",
    (run) => firstBeacon(run).outcomes.outcome.fill(codeOfOutcome("shed"), 3, 4),
    /not sent is in a block/,
  ],
  [
    "an answer without its instant",
    (run) => firstBeacon(run).outcomes.answered.fill(Number.NaN, 3, 4),
    /instant it came/,
  ],
  ["an inclusion that no block knows of", (run) => Object.assign(run.blocks[2] as object, { ours: 0 }), /blocks hold/],
  [
    "a row of an unplanned transaction",
    (run) => firstBeacon(run).outcomes.sequence.fill(90_000, 3, 4),
    /never planned/,
  ],
  [
    "a live counter that says otherwise",
    (run) => Object.assign(run.manifest.beacons[0]?.counters[0] as object, { accepted: 399 }),
    /local-1 counted the same: accepted/,
  ],
])("%s breaks the accounting", async (_, tamper, line) => {
  const run = smallRun();
  tamper(run);
  const summary = await summaryOf(run);
  expect(brokenLines(summary).join("\n")).toMatch(line);
  expect(summary.exit.name).toBe("accounting-broken");
});

test("a run that is stopped before its later signing windows were armed is accounted for", async () => {
  const run = smallRun();
  const first = { number: 1, epoch: 1, firstSequence: 0, endSequence: 800, startMicros: 0 };
  const windows = [{ ...first, baseExpirationSeconds: 60, armed: true }];
  const later = { ...first, number: 2, epoch: 2, firstSequence: 800, endSequence: 1600, startMicros: 8e6 };
  const { scenario, plan } = run.manifest;
  const [phase] = scenario.phases;
  if (phase === undefined) throw new Error("there is no phase");
  const next = { ...phase, index: 1, name: "next", firstSequence: 800, startMicros: 8e6 };
  run.manifest = {
    ...run.manifest,
    scenario: { ...scenario, phases: [phase, next] },
    plan: { ...plan, transactions: 1600 },
    windows: [...windows, { ...later, baseExpirationSeconds: null, armed: false }],
    ending: { ...(run.manifest.ending as NonNullable<typeof run.manifest.ending>), exitName: "stopped" },
  };
  const summary = await summaryOf(run);
  expect(brokenLines(summary)).toEqual([]);
  expect(summary.exit.name).toBe("stopped");
  expect(phaseNamed(summary, "next").counts).toMatchObject({ planned: 800, cancelled: 800 });
});

test("a run that ended before T0 is void and says why, without inventing figures", async () => {
  const run = smallRun();
  for (const beacon of run.beacons) {
    beacon.outcomeRows = 0;
    beacon.preparedRows = 0;
  }
  run.inclusions.rows = 0;
  run.blocks.length = 0;
  run.samples.length = 0;
  run.manifest = {
    ...run.manifest,
    t0WallMillis: null,
    beacons: [],
    ending: {
      exitName: "network",
      text: "node-2 is of another chain",
      broadcastEndedMicros: null,
      drainEndedMicros: null,
      drainComplete: false,
      lastBlockNumber: null,
      lastBlockTimeMs: null,
    },
  };
  const summary = await summaryOf(run);
  expect(summary).toMatchObject({ stage: "not-started", exit: { name: "network", code: 113 } });
  expect(summary.verdicts.validity.verdict).toBe("void");
  expect(summary.answer.text).toContain("node-2 is of another chain");
  expect(summary.overall.latencies.inclusionIntended).toBeNull();
  expect(brokenLines(summary)).toEqual([]);
});

test("a run that was cut off without an ending is reported as cut short", async () => {
  const run = smallRun();
  run.manifest = { ...run.manifest, ending: null };
  const summary = await summaryOf(run);
  expect(summary).toMatchObject({ stage: "cut-short", exit: { name: "internal-error" } });
  expect(summary.overall.counts.included).toBe(800);
});

test("an unlimited phase is judged by what it sent, not by its reserve", async () => {
  const run = makeSyntheticRun({
    phases: [{ name: "flood", seconds: 8, fromPerSecond: 100, toPerSecond: 100, unlimited: 2000 }],
    rejectShare: 0,
    thresholds: [
      {
        metric: "included.share",
        phase: null,
        comparison: ">=",
        limit: 1,
        limitText: "100 %",
        abortOnFail: false,
        afterMicros: 0,
      },
    ],
  });
  const summary = await summaryOf(run);
  expect(summary.overall.counts).toMatchObject({ planned: 2000, unused: 1200, due: 800, included: 800 });
  expect(summary.verdicts.thresholds).toMatchObject({ passed: 1, failed: 0 });
  expect(summary.overall.latencies.lateness).toBeNull();
  expect(summary.errors).toEqual([]);
});

test("rates of a phase that was cut short are over the time that it had", async () => {
  const run = smallRun();
  const ending = run.manifest.ending as NonNullable<typeof run.manifest.ending>;
  run.manifest = { ...run.manifest, ending: { ...ending, exitName: "stopped", broadcastEndedMicros: 5e6 } };
  for (const { outcomes, outcomeRows } of run.beacons) {
    for (let row = 0; row < outcomeRows; row++) {
      if ((outcomes.due[row] as number) < 5e6) continue;
      outcomes.outcome[row] = codeOfOutcome("cancelled");
      outcomes.sent[row] = Number.NaN;
      outcomes.answered[row] = Number.NaN;
    }
  }
  const summary = await summaryOf(run);
  expect(summary).toMatchObject({ stage: "cut-short", overall: { seconds: 5, rates: { duePerSecond: 100 } } });
});

test("acceptances count towards the rate of the phase in which they came, whenever they were due", async () => {
  const phases = ["first", "second", "third"].map((name) => ({ ...hold, name, seconds: 2 }));
  const came = [0, 0, 0];
  const summary = await summaryOf(smallRun({ phases }), async ({ database }) => {
    // As if the nodes had a backlog of one and a half phases.
    await database.run("UPDATE ledger SET answered_us = answered_us + 3000000");
    const rows = await database.rows(
      "SELECT answered_us // 2000000 AS phase, count(*) AS count FROM ledger GROUP BY ALL",
    );
    for (const { phase, count } of rows) came[Number(phase)] = Number(count);
  });
  const reported = summary.phases.map(({ rates, seconds }) => Math.round(rates.acceptedPerSecond * seconds));
  expect(reported).toEqual(came.slice(0, 3));
  expect(reported[0]).toBe(0);
});

test("what blocks used up besides bytes is summed up against its limit, without orphaned blocks", async () => {
  const run = smallRun({ ...meteredChain, orphanAt: 3 });
  const { blocks } = await summaryOf(run);
  const kept = run.blocks.filter((block) => !block.orphaned).map((block) => block.usage.cpu as number);
  const most = Math.max(...kept);
  const [cpu, net] = blocks.usage;
  expect(cpu).toMatchObject({ key: "cpu", label: "CPU", unit: "µs", limit: 200_000 });
  expect(cpu?.total).toBe(kept.reduce((sum, value) => sum + value, 0));
  expect(cpu?.perBlock?.maximum).toBe(most);
  expect(cpu?.shareOfLimit?.maximum).toBe(most / 200_000);
  expect(net).toMatchObject({ key: "net", unit: "bytes", limit: null, shareOfLimit: null });
  expect(blocks.series.map((block) => block.usage)).toEqual(run.blocks.map((block) => block.usage));
  expect((await summaryOf(smallRun())).blocks.usage).toEqual([]);
});
