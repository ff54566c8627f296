import type { Bench, Observed } from "../bench.ts";
import { bearableForCounts, type CalibrationCase, judged, type Trial } from "../calibration-case.ts";
import { accountsAddUp, always, type Comparison, refuted, same } from "../comparison.ts";

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
      scenario: { phases: [phase], drain: "4s", sending },
    });
    const [rejecting, mute, forgetful, sound] = run.devnet.nodes.map(({ counters }) => counters);
    const byNode = new Map(run.summary.breakdowns.byNode.map((figures) => [figures.name, figures.counts]));
    const of = (node: number) => byNode.get(`node-${node}`);
    const { counts } = run.summary.overall;
    return judged(run, bearableForCounts, [
      same("node 1: rejected", rejecting?.rejected ?? -1, of(1)?.rejected ?? 0, "tx"),
      same("node 1: unanswered", 0, of(1)?.unanswered ?? -1, "tx"),
      same("node 2: unanswered", mute?.unanswered ?? -1, of(2)?.unanswered ?? 0, "tx"),
      same("node 2: of them included", mute?.unanswered ?? -1, of(2)?.includedUnanswered ?? 0, "tx"),
      same("node 3: accepted", forgetful?.accepted ?? -1, of(3)?.accepted ?? 0, "tx"),
      same("node 3: lost", forgetful?.forgotten ?? -1, of(3)?.lost ?? 0, "tx"),
      same("node 4: included", sound?.seen ?? -1, of(4)?.included ?? 0, "tx"),
      same("rejected, all nodes", rejecting?.rejected ?? -1, counts.rejected, "tx"),
      same("lost, all nodes", forgetful?.forgotten ?? -1, counts.lost, "tx"),
      refuted("as answered", same("included, all nodes", counts.included, counts.accepted - counts.lost, "tx")),
      ...books(run),
    ]);
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
    return judged(run, bearableForCounts, [
      same("expired", counters?.forgotten ?? -1, counts.expired, "tx"),
      same("lost", 0, counts.lost, "tx"),
      same("included", planned - (counters?.forgotten ?? 0), counts.included, "tx"),
      refuted("without lifetimes", same("lost", 0, counts.lost + counts.expired, "tx")),
      ...books(run),
    ]);
  },
};

/** Load before and after the partition, and while it lasts. */
const partitionAtMs = 1500;
const afterwardsMs = 1500;

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

/** Cut off until every producer had its turn, the smaller side makes its share of the blocks, which lose when it comes back. */
async function runForked(bench: Bench, orphanedReturn: boolean): Promise<Trial> {
  const partition = { atMs: partitionAtMs, forMs: bench.chain.producerRoundMs, nodes: [2] };
  const lengthMs = partitionAtMs + partition.forMs + afterwardsMs;
  const forked = { name: "hold", rate: "40 tx/s", for: `${lengthMs}ms` };
  const forkedPlanned = (40 * lengthMs) / 1000;
  const run = await bench.run({
    nodes: [{}, {}, {}],
    network: { orphanedReturn },
    atT0: { network: { partitions: [partition] } },
    scenario: { phases: [forked], drain: "10s" },
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
    refuted("by blocks", same("included", forkedPlanned, counts.included + revoked, "tx")),
    ...books(run),
  ];
  return judged(run, bearableForCounts, comparisons);
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
    accountsAddUp(verdicts.accounting.holds),
  ].map(always);
}
