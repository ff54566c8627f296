import type { PhaseFigures } from "../../../overseer/reporting/run-summary.ts";
import type { Observed } from "../bench.ts";
import { type CalibrationCase, judged } from "../calibration-case.ts";
import { accountsAddUp, type Comparison, near, refuted } from "../comparison.ts";
import { bearableEdges, edgeTransactions } from "../edges.ts";

const steps = [40, 120, 80] as const;

interface Profile {
  readonly phase: Readonly<Record<string, unknown>> & { readonly name: string };
  /** The integral of its rate over its length. */
  readonly transactions: number;
  readonly seconds: number;
  /** At its beginning or end, whichever is the higher. */
  readonly edgePerSecond: number;
}

const settle = { rate: "0 tx/s", for: "650ms", measure: false };
const profiles: readonly Profile[] = [
  {
    phase: { name: "climb", from: "0 tx/s", to: "170 tx/s", for: "6s" },
    transactions: (6 * 170) / 2,
    seconds: 6,
    edgePerSecond: 170,
  },
  {
    phase: { name: "descent", from: "120 tx/s", to: "20 tx/s", for: "4s" },
    transactions: (4 * (120 + 20)) / 2,
    seconds: 4,
    edgePerSecond: 120,
  },
  {
    phase: { name: "stairs", steps: steps.map((rate) => `${rate} tx/s`), each: "1500ms" },
    transactions: 1.5 * steps.reduce((sum, rate) => sum + rate, 0),
    seconds: 4.5,
    edgePerSecond: 80,
  },
  // Shorter than two blocks of a second.
  { phase: { name: "short", rate: "100 tx/s", for: "1700ms" }, transactions: 170, seconds: 1.7, edgePerSecond: 100 },
];

export const profilesCase: CalibrationCase = {
  name: "profiles",
  proves: "rates of a ramp up and down, of steps and of a phase of less than two blocks are those of the profile",
  quick: false,
  run: async (bench) => {
    const phases = profiles.flatMap(({ phase }) => [phase, { name: `after-${phase.name}`, ...settle }]);
    const run = await bench.run({ nodes: [{}], scenario: { phases, drain: "8s" } });
    const measured = run.summary.phases.filter((phase) => phase.measured);
    return judged(run, bearableEdges, [
      ...profiles.flatMap((profile, i) => compareProfile(profile, measured[i] as PhaseFigures)),
      refuted("by counting blocks", byBlocks(run, profiles[0] as Profile, measured[0] as PhaseFigures)),
      accountsAddUp(run.summary.verdicts.accounting.holds),
    ]);
  },
};

function compareProfile(profile: Profile, { rates, counts }: PhaseFigures): Comparison[] {
  const { name } = profile.phase;
  return [
    near({ quantity: `${name}: due`, unit: "tx" }, profile.transactions, counts.due, {
      within: 1,
      because: "the last one may be due with the end",
    }),
    compareRate(profile, "sent", rates.sentPerSecond),
    compareRate(profile, "accepted", rates.acceptedPerSecond),
    compareRate(profile, "included", rates.includedPerSecond),
  ];
}

function compareRate({ phase, transactions, seconds, edgePerSecond }: Profile, what: string, rate: number): Comparison {
  return near({ quantity: `${phase.name}: ${what}`, unit: "tx/s" }, transactions / seconds, rate, {
    within: edgeTransactions(edgePerSecond) / seconds,
    because: "what the edges may move over",
  });
}

/**
 * The two rates that suggest themselves, between the first and the last block of the phase and over its length. Where the
 * phase happens to begin or end with a block one of them is right, so the other is looked at.
 */
function byBlocks({ summary }: Observed, profile: Profile, { startMicros, endMicros }: PhaseFigures): Comparison {
  const blocks = summary.blocks.series.flatMap(({ atMicros, ours, orphaned }) =>
    atMicros === null || orphaned || atMicros < startMicros || atMicros >= endMicros ? [] : [{ atMicros, ours }],
  );
  const ours = (from: number): number => blocks.slice(from).reduce((sum, block) => sum + block.ours, 0);
  const [first, last] = [blocks[0]?.atMicros ?? 0, blocks.at(-1)?.atMicros ?? 0];
  const truth = profile.transactions / profile.seconds;
  const candidates = [(ours(1) * 1e6) / (last - first), ours(0) / profile.seconds];
  const [worse] = candidates.sort((a, b) => Math.abs(b - truth) - Math.abs(a - truth));
  return compareRate(profile, "included", worse as number);
}
