import { formatCount, formatRate } from "../figures-text.ts";
import type { RunSummary } from "../run-summary.ts";
import type { ReportContent } from "./content.ts";

export function reportContentOf(summary: RunSummary): ReportContent {
  return {
    title: summary.scenario.name,
    question: summary.scenario.question,
    answer: summary.answer.text,
    warning: null,
    verdict: summary.verdicts.validity.verdict,
    badges: [],
    sections: [
      {
        id: "phases",
        title: "Phases",
        lead: null,
        blocks: [
          {
            kind: "table",
            table: {
              title: "What was offered and what the network included",
              columns: [
                { title: "Phase", align: "left" },
                { title: "Due", align: "right" },
                { title: "Included", align: "right" },
                { title: "Included per second", align: "right" },
              ],
              rows: summary.phases.map((phase) => [
                phase.name,
                formatCount(phase.counts.due),
                formatCount(phase.counts.included),
                formatRate(phase.rates.includedPerSecond),
              ]),
              note: null,
            },
          },
        ],
      },
    ],
    footer: `${summary.tool.name} ${summary.tool.version}`,
  };
}
