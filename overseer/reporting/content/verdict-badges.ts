import { formatCount, formatDuration } from "../figures-text.ts";
import type { RunSummary, ValidityVerdict } from "../run-summary.ts";
import { widestClockErrorOf } from "./clock-error.ts";
import type { Badge, Tone } from "./content.ts";

export function badgesOf(summary: RunSummary): Badge[] {
  const { validity, thresholds, accounting } = summary.verdicts;
  const badges: Badge[] = [
    { label: validity.verdict.toUpperCase(), text: instrumentText(summary), tone: verdictTone(validity.verdict) },
  ];
  const total = thresholds.results.length;
  badges.push(
    total === 0
      ? { label: "no thresholds", text: "the scenario sets none", tone: "neutral" }
      : {
          label: `${thresholds.passed} / ${total} thresholds`,
          text: thresholds.failed === 0 ? "all passed" : `${thresholds.failed} failed`,
          tone: thresholds.failed === 0 ? "good" : "bad",
        },
  );
  const planned = summary.phases.reduce((sum, phase) => sum + phase.counts.planned, 0);
  badges.push(
    accounting.holds
      ? {
          label: "accounted for",
          text: `${formatCount(planned)} of ${formatCount(planned)} transactions`,
          tone: "good",
        }
      : { label: "accounting broken", text: "see how far to trust it", tone: "bad" },
  );
  const uncertainty = widestClockErrorOf(summary);
  if (uncertainty !== null) {
    badges.push({ label: "clocks", text: `±\u00a0${formatDuration(uncertainty)}`, tone: "neutral" });
  }
  badges.push({
    label: `exit ${summary.exit.code}`,
    text: summary.exit.name,
    tone: summary.exit.code === 0 ? "good" : "bad",
  });
  return badges;
}

function instrumentText(summary: RunSummary): string {
  if (summary.stage === "not-started") return "nothing was broadcast";
  const { latencies, counts } = summary.overall;
  const lateness =
    latencies.lateness === null
      ? "no schedule to keep"
      : `sent ${formatDuration(latencies.lateness.p99.micros)} late (p99)`;
  const shed = counts.shed === 0 ? "none shed" : `${formatCount(counts.shed)} shed`;
  return `${lateness}, ${shed}`;
}

export function verdictTone(verdict: ValidityVerdict): Tone {
  return verdict === "valid" ? "good" : verdict === "degraded" ? "warning" : "bad";
}
