import type { Bench, Observed } from "../bench.ts";
import { type CalibrationCase, disturbanceOf } from "../calibration-case.ts";
import { type Comparison, same } from "../comparison.ts";

const phase = { name: "hold", rate: "100 tx/s", for: "6s" };
const planned = 600;

/** Answers that never come are waited for no longer than this. */
const sending = { answerTimeout: "3s" };

export const losses: CalibrationCase = {
  name: "losses",
  proves: "rejected, unanswered yet included, and never included: each in its own class, to the transaction",
  quick: true,
  run: async (bench) => {
    const run = await bench.run({
      nodes: [{ rejectShare: 0.1 }, { dropAnswerShare: 0.15 }, { forgetShare: 0.2 }, {}],
      scenario: { phases: [phase], drain: "6s", sending },
    });
    const [rejecting, mute, forgetful, sound] = run.devnet.nodes.map(({ counters }) => counters);
    const byNode = new Map(run.summary.breakdowns.byNode.map((figures) => [figures.name, figures.counts]));
    const of = (node: number) => byNode.get(`node-${node}`);
    return {
      comparisons: [
        same("node 1: rejected", rejecting?.rejected ?? -1, of(1)?.rejected ?? 0, "tx"),
        same("node 1: unanswered", 0, of(1)?.unanswered ?? -1, "tx"),
        same("node 2: unanswered", mute?.unanswered ?? -1, of(2)?.unanswered ?? 0, "tx"),
        same("node 2: of them included", mute?.unanswered ?? -1, of(2)?.includedUnanswered ?? 0, "tx"),
        same("node 3: accepted", forgetful?.accepted ?? -1, of(3)?.accepted ?? 0, "tx"),
        same("node 3: lost", forgetful?.forgotten ?? -1, of(3)?.lost ?? 0, "tx"),
        same("node 4: included", sound?.seen ?? -1, of(4)?.included ?? 0, "tx"),
        same("rejected, all nodes", rejecting?.rejected ?? -1, run.summary.overall.counts.rejected, "tx"),
        same("lost, all nodes", forgetful?.forgotten ?? -1, run.summary.overall.counts.lost, "tx"),
        ...books(run),
      ],
      disturbance: disturbanceOf(run),
    };
  },
};

/** What is prepared stays valid for `lifetime` and up to a quarter of a minute more, which signing might have taken. */
const quietSeconds = 24;

export const expiry: CalibrationCase = {
  name: "expiry",
  proves: "what a node accepts and never includes is expired once its lifetime is over",
  quick: false,
  run: async (bench) => {
    const run = await bench.run({
      nodes: [{ forgetShare: 0.2 }],
      scenario: {
        phases: [phase, { name: "quiet", rate: "0 tx/s", for: `${quietSeconds}s`, measure: false }],
        lifetime: "5s",
        drain: "5s",
      },
    });
    const counters = run.devnet.nodes[0]?.counters;
    const { counts } = run.summary.overall;
    return {
      comparisons: [
        same("expired", counters?.forgotten ?? -1, counts.expired, "tx"),
        same("lost", 0, counts.lost, "tx"),
        same("included", planned - (counters?.forgotten ?? 0), counts.included, "tx"),
        ...books(run),
      ],
      disturbance: disturbanceOf(run),
    };
  },
};

/**
 * Cut off for a whole round of witnesses (11, one block a second), the smaller side makes its three or four blocks,
 * which lose when it comes back.
 */
const partition = { atMs: 1500, forMs: 11_000, nodes: [2] };
const forked = { name: "hold", rate: "40 tx/s", for: "14s" };
const forkedPlanned = 40 * 14;

export const forkReincluded: CalibrationCase = {
  name: "fork-reincluded",
  proves: "transactions of orphaned blocks that return to the pool are included once, with their orphaning noted",
  quick: false,
  run: (bench) => runForked(bench, true),
};

export const forkLost: CalibrationCase = {
  name: "fork-lost",
  proves: "transactions of orphaned blocks that are dropped are forked out, and nothing else",
  quick: false,
  run: (bench) => runForked(bench, false),
};

async function runForked(bench: Bench, orphanedReturn: boolean) {
  const run = await bench.run({
    nodes: [{}, {}, {}],
    network: { orphanedReturn },
    atT0: { network: { partitions: [partition] } },
    scenario: { phases: [forked], drain: "25s" },
  });
  const { counts } = run.summary.overall;
  const revoked = run.devnet.nodes[2]?.counters.revoked ?? -1;
  // Of those, the ones that the other side had not included as well.
  const orphaned = run.devnet.nodes[2]?.counters.orphaned ?? -1;
  const [seen] = await run.rows<{ count: number }>("SELECT count(*) AS count FROM ledger WHERE orphanings > 0");
  const comparisons: Comparison[] = [
    same("some were in orphaned blocks", "true", String(orphaned > 0)),
    same("in an orphaned block", revoked, seen?.count ?? 0, "tx"),
    same("forked out", orphanedReturn ? 0 : orphaned, counts.forkedOut, "tx"),
    same("included", forkedPlanned - (orphanedReturn ? 0 : orphaned), counts.included, "tx"),
    same("lost", 0, counts.lost, "tx"),
    ...books(run),
  ];
  return { comparisons, disturbance: disturbanceOf(run) };
}

/** The devnet's own counts against the report's, and the identity. */
function books({ summary, devnet }: Observed): Comparison[] {
  const sum = (name: "seen" | "accepted" | "rejected" | "unanswered"): number =>
    devnet.nodes.reduce((total, { counters }) => total + counters[name], 0);
  const { counts, verdicts } = { counts: summary.overall.counts, verdicts: summary.verdicts };
  return [
    same("sent", sum("seen"), counts.sent, "tx"),
    same(
      "answered or not",
      sum("accepted") + sum("rejected"),
      counts.accepted + counts.rejected + counts.unanswered,
      "tx",
    ),
    same("planned = sent + shed + cancelled", counts.planned, counts.sent + counts.shed + counts.cancelled, "tx"),
    same(
      "sent = accepted + rejected + unanswered",
      counts.sent,
      counts.accepted + counts.rejected + counts.unanswered,
      "tx",
    ),
    same(
      "accepted = included + expired + lost + forked out",
      counts.accepted,
      counts.included -
        counts.includedUnanswered -
        counts.includedRejected +
        counts.expired +
        counts.lost +
        counts.forkedOutAccepted,
      "tx",
    ),
    same("the report says so", "true", String(verdicts.accounting.holds)),
  ];
}
