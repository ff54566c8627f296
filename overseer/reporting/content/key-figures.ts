import { formatCount, formatDuration, formatQuantile, formatRate, formatShare } from "../figures-text.ts";
import type { RunSummary } from "../run-summary.ts";
import type { KeyFigure } from "./content.ts";

export function keyFiguresOf(summary: RunSummary): KeyFigure[] {
  const { counts, rates, latencies } = summary.overall;
  const { sustained } = summary.answer;
  const p99 = latencies.inclusionIntended?.p99;
  const answer = latencies.answerIntended?.p99;
  return [
    {
      label: "Kept up with, at most",
      value: sustained === null ? "–" : formatRate(sustained.perSecond),
      note:
        sustained === null
          ? withoutLimit(summary)
          : `for ${formatDuration(sustained.windowMicros, 2)} in ${sustained.phase}`,
      role: "included",
    },
    {
      label: "Included on average",
      value: formatRate(rates.includedPerSecond),
      note: `${formatRate(rates.duePerSecond)} were due`,
      role: "included",
    },
    {
      label: "Got into a block",
      value: counts.due === 0 ? "–" : formatShare(counts.included / counts.due),
      note: `${formatCount(counts.included)} of ${formatCount(counts.due)} due`,
      role: "included",
    },
    {
      label: "Wait for a block, p99",
      value: p99 === undefined ? "–" : formatQuantile(p99),
      note: `p50 ${latencies.inclusionIntended === null ? "–" : formatQuantile(latencies.inclusionIntended.p50)}, from due`,
      role: "included",
    },
    {
      label: "Wait for an answer, p99",
      value: answer === undefined ? "–" : formatQuantile(answer),
      note: `p50 ${latencies.answerIntended === null ? "–" : formatQuantile(latencies.answerIntended.p50)}, from due`,
      role: "accepted",
    },
    ...backlogFigures(summary),
  ];
}

function backlogFigures({ answer: { backlog } }: RunSummary): KeyFigure[] {
  if (backlog === null) return [];
  const { transactions, phase, atMicros, phaseEndMicros, goneAtMicros, neverIncluded } = backlog;
  // From the end of what caused it, or from its height where the load went on.
  const isAfterPhase = goneAtMicros !== null && goneAtMicros > phaseEndMicros;
  return [
    {
      label: "Backlog gone after",
      value:
        goneAtMicros === null ? "never" : formatDuration(goneAtMicros - (isAfterPhase ? phaseEndMicros : atMicros)),
      note: `${formatCount(transactions)} at most, of ${phase}${neverIncluded > 0 ? `, ${formatCount(neverIncluded)} got into no block` : ""}`,
      role: "included",
    },
  ];
}

function withoutLimit(summary: RunSummary): string {
  return summary.verdicts.validity.verdict === "void" ? "not measured: void" : "no stretch was long enough or kept up";
}
