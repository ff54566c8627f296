import type { PhaseFigures } from "../../../overseer/reporting/run-summary.ts";
import type { Observed } from "../bench.ts";
import { type CalibrationCase, judged } from "../calibration-case.ts";
import { accountsAddUp, type Comparison, near, refuted, same } from "../comparison.ts";
import { bearableEdges, edgeTransactions } from "../edges.ts";
import { completionsMicros, countBetween } from "../truth/single-server.ts";

const capacity = 40;
const seconds = 5;
/** More than twice the capacity leaves waiting at the node. */
const underWay = 250;
const loads = [0.5, 0.9, 1.1, 2] as const;
/** At 1.1 C half a second's work is left behind: each phase begins without any. */
const settle = { rate: "0 tx/s", for: "1s", measure: false };

export const capacityCase: CalibrationCase = {
  name: "capacity",
  proves: "a node that takes 40 tx/s: rates and backlog at 0.5, 0.9, 1.1 and 2 times as much are those of the queue",
  quick: false,
  run: async (bench) => {
    const run = await bench.run({
      nodes: [{ capacityPerSecond: capacity }],
      underWay,
      scenario: {
        phases: loads.flatMap((load) => [
          { name: `load ${load} C`.replaceAll(/[ .]/g, "-"), rate: `${load * capacity} tx/s`, for: `${seconds}s` },
          { name: `after-${String(load).replace(".", "-")}`, ...settle },
        ]),
        drain: "20s",
        sending: { answerTimeout: "30s" },
      },
    });
    const [due, answered] = await instants(run);
    const done = completionsMicros(due, capacity);
    const comparisons = run.summary.phases
      .filter(({ measured }) => measured)
      .flatMap((phase, i) => comparePhase(phase, loads[i] as number, { due, done, answered, run }));
    return judged(run, bearableEdges, [
      ...comparisons,
      accountsAddUp(run.summary.verdicts.accounting.holds),
      same("served by the devnet", run.devnet.nodes[0]?.counters.seen ?? -1, answered.length, "tx"),
    ]);
  },
};

interface Facts {
  readonly run: Observed;
  readonly due: readonly number[];
  /** By the model. */
  readonly done: readonly number[];
  /** As the beacons saw it. */
  readonly answered: readonly number[];
}

function comparePhase(phase: PhaseFigures, load: number, facts: Facts): Comparison[] {
  const { due, done, answered, run } = facts;
  const { startMicros, endMicros, rates, counts } = phase;
  const offered = load * capacity;
  const served = countBetween(done, startMicros, endMicros);
  const backlog = countBetween(due, 0, endMicros) - countBetween(done, 0, endMicros);
  const reported = run.summary.timeline.awaitingAnswer[Math.round(endMicros / 1e6) - 1] ?? -1;
  const edge = edgeTransactions(Math.max(offered, capacity));
  const because = "what the edges may move over";
  const rate = (quantity: string, truth: number, measured: number): Comparison =>
    near({ quantity: `${load} C: ${quantity}`, unit: "tx/s" }, truth, measured, { within: edge / seconds, because });
  const count = (quantity: string, truth: number, measured: number): Comparison =>
    near({ quantity: `${load} C: ${quantity}`, unit: "tx" }, truth, measured, { within: edge, because });
  const ofItsOwn = refuted("of the phase's own", rate("included", served / seconds, counts.included / seconds));
  return [
    near({ quantity: `${load} C: due`, unit: "tx" }, offered * seconds, counts.due, {
      within: 1,
      because: "the last one may be due with the end",
    }),
    rate("sent", offered, rates.sentPerSecond),
    rate("accepted", served / seconds, rates.acceptedPerSecond),
    rate("included", served / seconds, rates.includedPerSecond),
    count("backlog at the end", backlog, reported),
    count("answered in the phase", served, countBetween(answered, startMicros, endMicros)),
    ...(load > 1 ? [ofItsOwn] : []),
  ];
}

async function instants(run: Observed): Promise<readonly [number[], number[]]> {
  const rows = await run.rows<{ due_us: number; answered_us: number | null }>(
    "SELECT due_us, answered_us FROM ledger ORDER BY due_us",
  );
  const answered = rows.flatMap(({ answered_us }) => (answered_us === null ? [] : [answered_us]));
  return [rows.map(({ due_us }) => due_us), answered.sort((a, b) => a - b)];
}
