import { faultsVariable } from "../../../beacon/faults.ts";
import type { ValidityVerdict } from "../../../overseer/reporting/run-summary.ts";
import type { Bench, Observed } from "../bench.ts";
import { type Bearable, type CalibrationCase, judged, type Trial } from "../calibration-case.ts";
import { accountsAddUp, between, type Comparison, near, refuted, same } from "../comparison.ts";
import { noisyQuantileRange } from "../truth/noisy-quantile.ts";
import { quantile } from "../truth/quantile.ts";
import { completionsMicros } from "../truth/single-server.ts";

const perSecond = 100;
const seconds = 10;
const stepMicros = 1e6 / perSecond;
/** Half a step after a transaction: which ones it holds up does not depend on when exactly it begins. */
const blockedAtMicros = 4_505_000;
/**
 * Twice what a node of the devnet needs for a transaction: how long those that come at once wait for each other is the
 * set capacity's doing, not that of the machine's processor.
 */
const capacityPerSecond = 500;
/** A quarter of what the schedule's step lets the lateness be off. */
const bearable: Bearable = { machineP99Micros: stepMicros / 4, devnetMicros: stepMicros / 4 };

export const stalledBeacon: CalibrationCase = {
  name: "stalled-beacon",
  proves: "a beacon that is blocked for 1 s voids the run, is shown as late, and leaves the node's figures alone",
  quick: true,
  run: (bench) => runBlocked(bench, 1000, "void"),
};

export const hesitantBeacon: CalibrationCase = {
  name: "hesitant-beacon",
  proves: "a beacon that is blocked for 150 ms degrades the run and no more",
  quick: false,
  run: (bench) => runBlocked(bench, 150, "degraded"),
};

async function runBlocked(bench: Bench, forMs: number, verdict: ValidityVerdict): Promise<Trial> {
  const run = await bench.run({
    nodes: [{ capacityPerSecond }],
    // What was held up goes out at once.
    underWay: 150,
    scenario: { phases: [{ name: "hold", rate: `${perSecond} tx/s`, for: `${seconds}s` }], drain: "10s" },
    environment: {
      [faultsVariable]: JSON.stringify({ blockSendLoop: [{ atMs: blockedAtMicros / 1000, forMs }] }),
    },
  });
  const endMicros = blockedAtMicros + forMs * 1000;
  const rows = await run.rows<Row>("SELECT due_us, sent_us, answered_us FROM ledger ORDER BY sequence");
  const isBlocked = ({ due_us }: Row): boolean => due_us >= blockedAtMicros && due_us < endMicros;
  const { counts, latencies } = run.summary.overall;
  return judged(run, bearable, [
    ...compareLateness(run, rows, (row) => (isBlocked(row) ? endMicros - row.due_us : 0)),
    ...compareService(run, rows),
    same("sent and answered", counts.due - counts.shed, latencies.answerService?.count ?? 0, "tx"),
    same("verdict", verdict, run.summary.verdicts.validity.verdict),
    same("exit code", verdict === "void" ? 110 : 0, run.exitCode ?? -1),
    same("the report says so first", "true", String(saysFirst(run, verdict))),
    accountsAddUp(run.summary.verdicts.accounting.holds),
  ]);
}

interface Row {
  readonly due_us: number;
  readonly sent_us: number;
  readonly answered_us: number;
}

const levels = { p99: 0.99, p999: 0.999 } as const;
const levelNames = Object.keys(levels) as (keyof typeof levels)[];

/** What was due meanwhile goes out when the beacon is back: it is late by what was left of the time. */
function compareLateness(run: Observed, rows: readonly Row[], truthOf: (row: Row) => number): Comparison[] {
  const truth = rows.map(truthOf).sort((a, b) => a - b);
  const { lateness, answerService } = run.summary.overall.latencies;
  return levelNames.flatMap((name) => {
    const compare = (micros = Number.NaN): Comparison =>
      near({ quantity: `lateness, ${name}`, unit: "ms" }, quantile(truth, levels[name]) / 1000, micros / 1000, {
        within: stepMicros / 1000,
        because: "one transaction more or less",
      });
    return [compare(lateness?.[name].micros), refuted("from sent", compare(answerService?.[name].micros))];
  });
}

/**
 * The node never stood still: it took what came at once in its turn, at its capacity. What comes on top, the way and the
 * wake-ups, is known from those that had been answered before the beacon was blocked.
 */
function compareService(run: Observed, rows: readonly Row[]): Comparison[] {
  // Counted from here, as the figure is; that these instants are right, the lateness has shown.
  const sent = rows.map(({ sent_us }) => sent_us).sort((a, b) => a - b);
  const done = completionsMicros(sent, capacityPerSecond);
  const known = done.map((micros, i) => micros - (sent[i] as number)).sort((a, b) => a - b);
  const added = rows
    .filter(({ answered_us }) => answered_us < blockedAtMicros)
    .map(({ sent_us, answered_us }) => answered_us - sent_us - 1e6 / capacityPerSecond)
    .sort((a, b) => a - b);
  const { answerService, answerIntended } = run.summary.overall.latencies;
  const { lowest, highest } = noisyQuantileRange(known, added, levels.p99);
  const compare = (micros = Number.NaN): Comparison =>
    between({ quantity: "service of the node, p99", unit: "ms" }, quantile(known, levels.p99) / 1000, micros / 1000, {
      lowest: (lowest - 2) / 1000,
      highest: (highest + 2) / 1000,
      because: "the queue at its capacity, with the way of those before",
    });
  return [compare(answerService?.p99.micros), refuted("from due", compare(answerIntended?.p99.micros))];
}

/** Before any figure: in the report's first lines as in the result on the terminal. */
function saysFirst({ out, reportMarkdown }: Observed, verdict: ValidityVerdict): boolean {
  const word = new RegExp(verdict, "i");
  const beginning = reportMarkdown
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(0, 8)
    .join("\n");
  return word.test(out.split("\n")[0] ?? "") && word.test(beginning);
}
