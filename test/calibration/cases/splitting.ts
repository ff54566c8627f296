import type { Bench } from "../bench.ts";
import { type CalibrationCase, disturbanceOf } from "../calibration-case.ts";
import { type Comparison, same } from "../comparison.ts";

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
    const comparisons: Comparison[] = [
      same("transactions", alone.rows.length, together.rows.length, "tx"),
      same("differing in due time, node, operation or size", 0, differing(alone.rows, together.rows), "tx"),
      same("seen by the devnet", alone.seen, together.seen, "tx"),
      same("accounts add up", "true", String(alone.holds && together.holds)),
    ];
    return { comparisons, disturbance: alone.disturbance ?? together.disturbance };
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
    disturbance: disturbanceOf(run),
  };
}

function differing(one: readonly string[], other: readonly string[]): number {
  return one.filter((row, i) => row !== other[i]).length;
}
