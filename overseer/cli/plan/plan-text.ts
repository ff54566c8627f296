import { Ansis } from "ansis";

import { labelsText } from "../../../shared/scenario/labels.ts";
import type { BeaconShare, CountedShare } from "../../../shared/scenario/plan-summary.ts";
import { formatUnits } from "../../reporting/figures-text.ts";
import { replayTexts } from "../../reporting/replay-text.ts";
import { surveyFacts } from "../../setup/survey-facts.ts";
import { countProblems, renderProblems, wrapped } from "../problems.ts";
import { formatCount } from "../progress/wording.ts";
import { type Column, textTable } from "../text-table.ts";
import type { PlanView } from "./make-plan.ts";

export interface PlanStyle {
  readonly columns: number;
  readonly color: boolean;
}

const labelWidth = 11;
/** Beyond this many, shares are summed up instead of listed. */
const listedShares = 12;

/** The plan for people, within `columns` as far as its numbers allow. */
export function planText(view: PlanView, style: PlanStyle): string {
  const columns = Math.max(60, style.columns);
  const paint = new Ansis(style.color ? 3 : 0);
  const labelled = (label: string, text: string): string => {
    const [first = "", ...rest] = wrapped(text, columns - labelWidth);
    const head = paint.bold(label.padEnd(labelWidth)) + first;
    return [head, ...rest.map((line) => " ".repeat(labelWidth) + line)].join("\n");
  };
  const [heading = "", ...rows] = phaseTable(view, columns);
  const { summary } = view;
  const blocks = [
    [
      labelled("Plan", view.scenario.name),
      labelled("Question", view.scenario.question),
      labelled("Network", networkText(view)),
    ],
    [paint.dim(heading), ...rows, ...tableNotes(view).map((note) => paint.dim(note))],
    [
      labelled("Beacons", sharesText(summary.byBeacon.map(withLabels), "transactions each")),
      labelled("Nodes", sharesText(summary.byNode, "transactions each")),
      labelled(capitalised(view.operations), sharesText(summary.byOperation, `${view.operations} each`)),
    ],
    replayLines(view).map(([label, text]) => labelled(label, text)),
    [...signingLines(view), ...windowLines(view), ...lifetimeLines(view), ...setupLines(view), ...fundsLines(view)].map(
      ([label, text]) => labelled(label, text),
    ),
    [paint.bold("Assumptions"), ...view.assumptions.flatMap((text) => bullet(text, columns))],
  ];
  const text = blocks
    .filter((block) => block.length > 0)
    .map((block) => `${block.join("\n")}\n`)
    .join("\n");
  if (view.problems.length === 0) return text;
  return `${text}\n${paint.bold(`The run would be refused: ${countProblems(view.problems)}`)}\n\n${renderProblems(view.problems, style)}\n`;
}

function replayLines({ replay }: PlanView): [string, string][] {
  if (replay === null) return [];
  return replayTexts(replay).map((text, i) => [i === 0 ? "Replay" : "", text]);
}

function networkText({ network, scenario }: PlanView): string {
  const { kind, nodes, blockIntervalMs, chainId } = network;
  const parts = [
    `${kind === "embedded" ? "embedded " : ""}${scenario.chain}`,
    `${formatCount(nodes)} ${nodes === 1 ? "node" : "nodes"}`,
    ...(blockIntervalMs === null ? [] : [`block every ${timeText(blockIntervalMs / 1000)}`]),
    ...(chainId === null ? [] : [`chain ${chainId.slice(0, 4)}…${chainId.slice(-4)}`]),
  ];
  return parts.join(", ");
}

/** Longer words are cut, so that the table fits. */
const headingLength = 7;

function phaseColumns(operations: string): readonly Column[] {
  const word = capitalised(operations);
  return [
    { heading: "Phase", align: "left" },
    { heading: "Load", align: "left" },
    { heading: "Time", align: "right" },
    { heading: "Blocks", align: "right" },
    { heading: "Trans.", align: "right" },
    { heading: word.length > headingLength ? `${word.slice(0, 4)}.` : word, align: "right" },
    { heading: "Bytes", align: "right" },
    { heading: "Full", align: "right" },
  ];
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function phaseTable(view: PlanView, columns: number): string[] {
  const rows = view.phases.map((phase, i) => {
    const counted = view.summary.phases[i] as PlanView["summary"]["phases"][number];
    const bound = phase.upperBound ? "≤" : "";
    return [
      `${phase.name}${counted.measured ? "" : " *"}`,
      phase.load,
      timeText(counted.durationMicros / 1e6),
      phase.blocks === null ? "–" : formatCount(phase.blocks),
      bound + formatCount(counted.transactions),
      bound + formatCount(counted.operations),
      phase.bytes === null ? "–" : bound + bytesText(phase.bytes),
      phase.peakBlockShare === null ? "–" : shareText(phase.peakBlockShare),
    ];
  });
  const { summary } = view;
  const bound = view.phases.some((phase) => phase.upperBound) ? "≤" : "";
  const blocks = view.phases.reduce((sum, phase) => sum + (phase.blocks ?? 0), 0);
  rows.push([
    "total",
    "",
    timeText(summary.durationMicros / 1e6),
    blocks === 0 ? "–" : formatCount(blocks),
    bound + formatCount(summary.transactions),
    bound + formatCount(summary.operations),
    view.bytes === null ? "–" : bound + bytesText(view.bytes),
    "",
  ]);
  return textTable(phaseColumns(view.operations), rows, columns);
}

function tableNotes(view: PlanView): string[] {
  const notes: string[] = [];
  if (view.summary.phases.some((phase) => !phase.measured)) notes.push("* not measured");
  if (view.phases.some((phase) => phase.upperBound)) {
    notes.push("unlimited (n): n transactions are without an answer at any time");
  }
  if (view.summary.phases.some((_, i) => view.phases[i]?.load.includes(" in "))) {
    notes.push("a…b tx/s in n: n steps");
  }
  if (view.phases.some((phase) => phase.peakBlockShare !== null)) {
    notes.push("Full: how much of a block the highest rate of the phase fills");
  }
  return notes;
}

function withLabels({ name, labels, count }: BeaconShare): CountedShare {
  return { name: [name, labelsText(labels)].join(" ").trim().replaceAll(" ", "\u00a0"), count };
}

function sharesText(shares: readonly CountedShare[], each: string): string {
  const total = shares.reduce((sum, share) => sum + share.count, 0);
  const counts = shares.map((share) => share.count);
  if (shares.length > listedShares) {
    const least = formatCount(Math.min(...counts));
    const most = formatCount(Math.max(...counts));
    return `${formatCount(shares.length)} with ${least === most ? least : `${least} to ${most}`} ${each}`;
  }
  return shares
    .map(({ name, count }) => `${name}\u00a0${formatCount(count)}\u00a0(${shareText(total === 0 ? 0 : count / total)})`)
    .join("  ");
}

type Line = readonly [label: string, text: string];

function signingLines({ signing }: PlanView): Line[] {
  if (signing === null) return [["Signing", "not measured"]];
  const { perSecondPerThread, threads, seconds, bytesPerBeacon, beacons } = signing;
  const speed = formatCount(Number(perSecondPerThread.toPrecision(3)));
  return [
    [
      "Signing",
      `${timeText(seconds)} with ${threads} ${threads === 1 ? "thread" : "threads"} at ${speed}/s each (measured)`,
    ],
    [
      "Memory",
      `${bytesText(bytesPerBeacon)} for the transactions of ${beacons === 1 ? "the beacon" : "each beacon, at most"}`,
    ],
  ];
}

function lifetimeLines({ lifetimes, lifetimeSeconds, drainSeconds }: PlanView): Line[] {
  const life = `${timeText(lifetimeSeconds)} from the due time, ${timeText(lifetimeSeconds - drainSeconds)} more than the drain`;
  if (lifetimes === null) return [["Lifetime", `${life}; what the network allows is not known`]];
  const { lastDueSeconds, aheadSeconds, maximumLifetimeSeconds } = lifetimes;
  const { referenceBlocks, referenceWindowBlocks } = lifetimes;
  const lastExpiry = timeText(lastDueSeconds + lifetimeSeconds);
  return [
    [
      "Lifetime",
      `${life}; at most ${timeText(aheadSeconds)} ahead when sent, of ${timeText(maximumLifetimeSeconds)} that nodes accept`,
    ],
    [
      "Expiry",
      `first ${timeText(lifetimes.earliestExpirySeconds)} after the start, last ${lastExpiry} after it for what is due at ${timeText(lastDueSeconds)}`,
    ],
    [
      "Reference",
      `${formatCount(referenceBlocks)} blocks until the last expiry, of ${formatCount(referenceWindowBlocks)} that nodes remember`,
    ],
  ];
}

function windowLines({ windows }: PlanView): Line[] {
  if (windows === null || windows.length < 2) return [];
  const longest = Math.max(...windows.map(({ startMicros, endMicros }) => endMicros - startMicros)) / 1e6;
  const most = Math.max(...windows.map(({ firstSequence, endSequence }) => endSequence - firstSequence));
  return [
    [
      "Windows",
      `${formatCount(windows.length)} of up to ${timeText(longest)} and ${formatCount(most)} transactions; each is signed while the one before it is sent`,
    ],
  ];
}

function setupLines({ setup }: PlanView): Line[] {
  return setup === null ? [] : surveyFacts(setup, setup.funder).map(([label, text]): Line => [label, text]);
}

function fundsLines({ funds, objects }: PlanView): Line[] {
  const lines: Line[] = (funds?.lines ?? []).map((line, i) => [
    i === 0 ? "Funds" : "",
    `${formatUnits(line.needed, line.precision)} ${line.asset} needed at most, ${formatUnits(line.available, line.precision)} ${line.asset} there`,
  ]);
  for (const { name, needed, available } of objects) {
    lines.push(["Objects", `${formatCount(needed)} for ${name} at most, ${formatCount(available)} there`]);
  }
  return lines;
}

function bullet(text: string, columns: number): string[] {
  return wrapped(text, columns - 4).map((line, i) => (i === 0 ? `  - ${line}` : `    ${line}`));
}

/** With a space that does not break between number and unit. */
function timeText(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(1))}\u00a0s`;
  if (seconds < 600) return `${Math.round(seconds)}\u00a0s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)}\u00a0min`;
  return `${Number((seconds / 3600).toFixed(1))}\u00a0h`;
}

function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : Number(value.toPrecision(2))}\u00a0${units[unit]}`;
}

function shareText(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return "<\u00a00.1\u00a0%";
  return `${percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)}\u00a0%`;
}
