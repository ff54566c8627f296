import type { RunSummary } from "../run-summary.ts";
import { whereSection } from "./breakdown-section.ts";
import { chainSection } from "./chain-section.ts";
import type { ReportContent } from "./content.ts";
import { feltSection } from "./felt-section.ts";
import { happenedSection } from "./happened-section.ts";
import { keyFiguresOf } from "./key-figures.ts";
import { machinesSection } from "./machines-section.ts";
import { repeatSection } from "./repeat-section.ts";
import { trustSection } from "./trust-section.ts";
import { badgesOf } from "./verdict-badges.ts";
import { wrongSection } from "./wrong-section.ts";

/** The same for every chain: its words come with the summary. */
export function reportContentOf(summary: RunSummary): ReportContent {
  const started = summary.stage !== "not-started";
  const sections = started
    ? [
        happenedSection(summary),
        feltSection(summary),
        chainSection(summary),
        wrongSection(summary),
        whereSection(summary),
        machinesSection(summary),
        trustSection(summary),
        repeatSection(summary),
      ]
    : [wrongSection(summary), machinesSection(summary), trustSection(summary), repeatSection(summary)];
  return {
    title: summary.scenario.name,
    question: summary.scenario.question,
    answer: summary.answer.text,
    warning: warningOf(summary),
    verdict: summary.verdicts.validity.verdict,
    badges: badgesOf(summary),
    keyFigures: started ? keyFiguresOf(summary) : [],
    sections,
    footer:
      `Run ${summary.runId}, started ${summary.startedAt}. ` +
      `Made by ${summary.tool.name} ${summary.tool.version} from the run's ledger.`,
  };
}

function warningOf(summary: RunSummary): string | null {
  const { validity, accounting } = summary.verdicts;
  if (!accounting.holds) {
    return "ACCOUNTING BROKEN: not every transaction ended in exactly one way. No figure below can be relied upon.";
  }
  if (summary.stage === "not-started") return "VOID: the run ended before anything was broadcast.";
  const reasons = validity.checks
    .filter((check) => check.verdict !== "valid" && check.verdict === validity.verdict)
    .map((check) => check.finding);
  if (validity.verdict === "void") {
    return `VOID, generator-bound: the beacons did not keep the schedule, so the figures below are theirs and not the network's. ${reasons.join(" ")}`;
  }
  const cut = summary.stage === "cut-short" ? `CUT SHORT: ${summary.exit.text}. Figures are of what took place. ` : "";
  if (validity.verdict === "degraded") return `${cut}DEGRADED: read the figures with care. ${reasons.join(" ")}`;
  return cut === "" ? null : cut.trim();
}
