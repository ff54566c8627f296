import type { OutcomeCount } from "../../shared/ledger/outcome-tally.ts";
import type { Sample } from "../../shared/protocol/messages.ts";
import { addBuckets, type BucketCounts, noBuckets } from "../../shared/stats/bucket-counts.ts";

/** What assignments of one run have come to so far; all but `inFlight`, `bufferedBytes` and open connections only grows. */
export interface RunFigures {
  readonly planned: number;
  readonly prepared: number;
  readonly due: number;
  readonly sent: number;
  readonly outcomes: readonly NodeOutcome[];
  readonly lateAnswers: number;
  readonly spooledRows: number;
  readonly acknowledgedRows: number;
  readonly inFlight: number;
  readonly bufferedBytes: number;
  readonly lateness: BucketCounts;
  readonly answerIntended: BucketCounts;
  readonly answerService: BucketCounts;
  readonly connections: Sample["connections"];
}

type NodeOutcome = Omit<OutcomeCount, "node"> & { readonly node: string };

const sums = [
  "planned",
  "prepared",
  "due",
  "sent",
  "lateAnswers",
  "spooledRows",
  "acknowledgedRows",
  "inFlight",
  "bufferedBytes",
] as const;

export const noFigures: RunFigures = {
  planned: 0,
  prepared: 0,
  due: 0,
  sent: 0,
  outcomes: [],
  lateAnswers: 0,
  spooledRows: 0,
  acknowledgedRows: 0,
  inFlight: 0,
  bufferedBytes: 0,
  lateness: noBuckets,
  answerIntended: noBuckets,
  answerService: noBuckets,
  connections: [],
};

export function addFigures(one: RunFigures, other: RunFigures): RunFigures {
  return {
    ...(Object.fromEntries(sums.map((name) => [name, one[name] + other[name]])) as Record<
      (typeof sums)[number],
      number
    >),
    outcomes: addOutcomes(one.outcomes, other.outcomes),
    lateness: addBuckets(one.lateness, other.lateness),
    answerIntended: addBuckets(one.answerIntended, other.answerIntended),
    answerService: addBuckets(one.answerService, other.answerService),
    connections: addConnections(one.connections, other.connections),
  };
}

/** Of an assignment that lets go of its connections. */
export function closedFigures(figures: RunFigures): RunFigures {
  const connections = figures.connections.map((connection) => ({ ...connection, open: 0 }));
  return { ...figures, inFlight: 0, bufferedBytes: 0, connections };
}

export function addConnections(
  one: Sample["connections"],
  other: Sample["connections"],
): { node: string; open: number; lost: number }[] {
  const sum = new Map(one.map((connection) => [connection.node, { ...connection }]));
  for (const { node, open, lost } of other) {
    const known = sum.get(node) ?? { node, open: 0, lost: 0 };
    sum.set(node, { node, open: known.open + open, lost: known.lost + lost });
  }
  return [...sum.values()];
}

function addOutcomes(one: readonly NodeOutcome[], other: readonly NodeOutcome[]): NodeOutcome[] {
  const sum = new Map<string, NodeOutcome>();
  for (const entry of [...one, ...other]) {
    const key = `${entry.node} ${entry.outcome} ${entry.reason}`;
    sum.set(key, { ...entry, count: entry.count + (sum.get(key)?.count ?? 0) });
  }
  return [...sum.values()];
}
