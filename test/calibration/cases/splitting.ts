import type { Bench } from "../bench.ts";
import { bearableForCounts, type CalibrationCase, judged } from "../calibration-case.ts";
import { accountsAddUp, always, type Comparison, refuted, same } from "../comparison.ts";

const phases = [
  { name: "climb", from: "20 tx/s", to: "120 tx/s", for: "3s" },
  { name: "steps", steps: ["37 tx/s", "71 tx/s"], each: "1500ms" },
];

export const splitting: CalibrationCase = {
  name: "splitting",
  proves: "three beacons send what one would have sent: the same transactions, each at its own time, none twice",
  quick: false,
  run: async (bench) => {
    const alone = await runWith(bench, 1);
    const together = await runWith(bench, 3);
    const doubled = [...together.rows.slice(0, 1), ...together.rows.slice(0, -1)];
    const comparisons: Comparison[] = [
      always(same("transactions", alone.rows.length, together.rows.length, "tx")),
      sameRows(alone.rows, together.rows),
      refuted("one twice, one never", sameRows(alone.rows, doubled)),
      same("seen by the devnet", alone.seen, together.seen, "tx"),
      accountsAddUp(alone.holds, together.holds),
    ];
    return judged([alone.run, together.run], bearableForCounts, comparisons);
  },
};

async function runWith(bench: Bench, count: number) {
  const run = await bench.run({
    nodes: [{}, {}],
    scenario: { phases, drain: "8s", seed: 5, beacons: { count } },
  });
  const rows = await run.rows<Record<string, unknown>>(
    "SELECT sequence, due_us, node, operation, operations, bytes, outcome FROM ledger ORDER BY sequence",
  );
  return {
    rows: rows.map((row) => JSON.stringify(row)),
    seen: run.devnet.nodes.reduce((sum, { counters }) => sum + counters.seen, 0),
    holds: run.summary.verdicts.accounting.holds,
    run,
  };
}

function sameRows(one: readonly string[], other: readonly string[]): Comparison {
  const differing = one.filter((row, i) => row !== other[i]).length;
  return same("differing in due time, node, operation or size", 0, differing, "tx");
}
