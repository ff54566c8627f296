import { faultsVariable } from "../../../beacon/faults.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { type Skew, toSkewed } from "../../../shared/time/skewed-clock.ts";
import type { Observed } from "../bench.ts";
import { type Bearable, type CalibrationCase, judged } from "../calibration-case.ts";
import { accountsAddUp, between, type Comparison, near, refuted, same } from "../comparison.ts";

/** What is wrong with each beacon's clock; the first is the yardstick. */
const wrong = [
  { name: "right", offsetMicros: 0, driftPpm: 0 },
  { name: "behind-fast", offsetMicros: -3e6, driftPpm: 200 },
  { name: "ahead-slow", offsetMicros: 3e6, driftPpm: -200 },
] as const;
const perSecond = 150;
const seconds = 15;
/** What is compared is corrected by exchanges whose uncertainty is half their time there and back, 5 ms at most. */
const bearable: Bearable = { machineP99Micros: 5000, devnetMicros: 50_000 };

export const clocks: CalibrationCase = {
  name: "clocks",
  proves: "clocks that are off by −3 s and +3 s and drift by 200 ppm are found out, and the latencies set right",
  quick: false,
  run: async (bench) => {
    const anchorMicros = systemClock.nowMicros();
    const skews = wrong.map((beacon): Skew => ({ ...beacon, anchorMicros }));
    const run = await bench.run({
      nodes: [{}],
      scenario: {
        phases: [{ name: "hold", rate: `${perSecond} tx/s`, for: `${seconds}s` }],
        drain: "10s",
        beacons: { count: wrong.length },
      },
      beacons: wrong.map(({ name, offsetMicros, driftPpm }) => ({
        name,
        environment: { [faultsVariable]: JSON.stringify({ clock: { offsetMicros, driftPpm, anchorMicros } }) },
      })),
    });
    return judged(run, bearable, [
      ...wrong.flatMap(({ name }, i) => compareOffsets(run, name, skews[i] as Skew)),
      ...(await compareLatencies(run)),
      ...(await noneNegative(run)),
      accountsAddUp(run.summary.verdicts.accounting.holds),
      same("exit code", 0, run.exitCode ?? -1),
    ]);
  },
};

/** T0 on the monotonic clock that all processes of this host share; known by way of the wall clock, in milliseconds. */
function t0Micros(run: Observed): number {
  return systemClock.nowMicros() - (Date.now() - (run.manifest.t0WallMillis as number)) * 1000;
}

function compareOffsets(run: Observed, name: string, skew: Skew): Comparison[] {
  const beacon = run.summary.beacons.find((candidate) => candidate.name === name);
  const { clock, clockAtEnd } = beacon ?? {};
  if (clock == null || clockAtEnd == null) return [same(`${name}: offset`, "compared", "not compared")];
  const compare = (when: string, estimate: typeof clock, offsetMicros: number): Comparison => {
    const instant = t0Micros(run) + estimate.atMicros;
    const truth = instant - toSkewed(skew, instant);
    // The instant itself is known to 2 ms, in which a clock with 200 ppm drifts by 0.4 µs.
    return near({ quantity: `${name}: offset ${when}`, unit: "ms" }, truth / 1000, offsetMicros / 1000, {
      within: (estimate.uncertaintyMicros + 1) / 1000,
      because: "its stated uncertainty",
    });
  };
  const controls = [
    refuted("not looked at", compare("at the barrier", clock, 0)),
    refuted("not looked at again", compare("at the end", clockAtEnd, clock.offsetMicros)),
  ];
  return [
    compare("at the barrier", clock, clock.offsetMicros),
    compare("at the end", clockAtEnd, clockAtEnd.offsetMicros),
    ...(skew.driftPpm === 0 ? [] : controls),
    between({ quantity: `${name}: error bar`, unit: "ms" }, "> 0", (beacon?.clockErrorMicros ?? Number.NaN) / 1000, {
      lowest: 0.001,
      highest: 5,
      because: "the verdict's limit",
    }),
  ];
}

/** All beacons deal the same schedule among them, one step apart: their waits for a block are alike. */
async function compareLatencies(run: Observed): Promise<Comparison[]> {
  const rows = await run.rows<{ beacon: string; mean: number; late: number; worst: number }>(
    `SELECT beacon, avg(included_us - due_us) AS mean, quantile_disc(sent_us - due_us - held_us, 0.99) AS late,
       max(abs(due_us - sequence * 1000000.0 / ${perSecond})) AS worst FROM ledger GROUP BY beacon`,
  );
  const of = (name: string) => rows.find(({ beacon }) => beacon === name);
  const yardstick = of("right");
  const stepMicros = 1e6 / perSecond;
  return wrong.slice(1).flatMap(({ name, offsetMicros }): Comparison[] => {
    const beacon = run.summary.beacons.find((candidate) => candidate.name === name);
    const error = (beacon?.clockErrorMicros ?? 0) + (run.summary.beacons[0]?.clockErrorMicros ?? 0);
    const tolerance = (error + wrong.length * stepMicros) / 1000;
    const mean = (of(name)?.mean ?? 0) / 1000;
    const compareMean = (measuredMs: number): Comparison =>
      near({ quantity: `${name}: mean wait for a block`, unit: "ms" }, (yardstick?.mean ?? 0) / 1000, measuredMs, {
        within: tolerance,
        because: "error bars of both and a turn of the schedule",
      });
    return [
      compareMean(mean),
      refuted("by its own clock", compareMean(mean - offsetMicros / 1000)),
      between(
        { quantity: `${name}: schedule off by at most`, unit: "ms" },
        "the drift",
        (of(name)?.worst ?? 0) / 1000,
        {
          lowest: 0,
          highest: (200 * (seconds + 3)) / 1000 + error / 1000,
          because: "200 ppm over the run, and the error bars",
        },
      ),
    ];
  });
}

async function noneNegative(run: Observed): Promise<Comparison[]> {
  const [row] = await run.rows<Record<string, number>>(
    `SELECT count(*) FILTER (sent_us - due_us - held_us < 0) AS lateness, count(*) FILTER (answered_us < sent_us) AS answer,
       count(*) FILTER (answered_us < due_us) AS intended, count(*) FILTER (included_us < sent_us) AS inclusion,
       count(*) FILTER (irreversible_us < included_us) AS irreversibility FROM ledger`,
  );
  return Object.entries(row ?? {}).map(([name, count]) => same(`negative: ${name}`, 0, count, "tx"));
}
