import { Ansis } from "ansis";
import { foundText, wantedText } from "../../reporting/content/trust-section.ts";
import type { RunSummary } from "../../reporting/run-summary.ts";
import type { CliIo } from "../io.ts";
import { wrapped } from "../problems.ts";
import { formatCount } from "../progress/wording.ts";

const labelWidth = 10;

/** The last lines of a run: verdicts, answer, and where the report is. */
export function resultText(summary: RunSummary, report: string, io: CliIo): string {
  const paint = new Ansis(io.color ? 3 : 0);
  const { validity, thresholds, accounting } = summary.verdicts;
  const verdict = { valid: paint.green, degraded: paint.yellow, void: paint.red }[validity.verdict];
  const reasons = validity.checks.filter((check) => check.verdict !== "valid").map((check) => check.finding);
  const checked = thresholds.passed + thresholds.failed;
  const parts = [
    verdict(validityText(summary)),
    checked === 0
      ? "no thresholds"
      : (thresholds.failed > 0 ? paint.red : paint.green)(`thresholds ${thresholds.passed} of ${checked} passed`),
    accounting.holds
      ? `every transaction accounted for (${formatCount(plannedOf(summary))})`
      : paint.red("the accounts do not add up"),
  ];
  const line = (label: string, text: string): string => {
    const lines = wrapped(text, Math.max(30, io.columns - labelWidth - 1));
    return lines.map((part, i) => `${paint.bold((i === 0 ? label : "").padEnd(labelWidth))}${part}\n`).join("");
  };
  // A path must stay whole, to be clicked or copied.
  const unbroken = (label: string, text: string): string => `${paint.bold(label.padEnd(labelWidth))}${text}\n`;
  return [
    line("Verdict", parts.join(" · ")),
    ...reasons.map((reason) => line("", reason)),
    ...failedThresholds(summary).map((text) => line("", paint.red(text))),
    line("Answer", summary.answer.text),
    unbroken("Report", report),
  ].join("");
}

function validityText({ stage, verdicts: { validity } }: RunSummary): string {
  if (stage === "not-started") return "VOID: nothing was broadcast";
  return validity.verdict === "void" ? "VOID: generator-bound" : validity.verdict.toUpperCase();
}

function failedThresholds({ verdicts }: RunSummary): string[] {
  return verdicts.thresholds.results
    .filter((result) => result.status !== "passed")
    .map((result) => `${result.metric} ${foundText(result)}, wanted ${wantedText(result)}: ${result.status}`);
}

function plannedOf(summary: RunSummary): number {
  return summary.phases.reduce((sum, phase) => sum + phase.counts.planned, 0);
}
