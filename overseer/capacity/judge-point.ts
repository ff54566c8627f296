import type { CapacitySettings } from "../../shared/scenario/capacity-settings.ts";
import { foundText, wantedText } from "../reporting/content/trust-section.ts";
import { formatOf, formatRate, formatShare } from "../reporting/figures-text.ts";
import type { BlockPoint, RunSummary } from "../reporting/run-summary.ts";
import type { SearchPoint } from "./search-point.ts";

export const holdPhase = "hold";

/** With blocks taking in less than this share of what came due, the backlog grows; the rest is the count of a block's edge. */
export const backlogShare = 0.98;

/** What one run of the search says about the network at its rate. */
export function judgePoint(
  summary: RunSummary,
  point: Pick<SearchPoint, "stage" | "ratePerSecond" | "runFolder">,
  settings: Pick<CapacitySettings, "missedBlocks">,
): SearchPoint {
  const hold = summary.phases.find((phase) => phase.name === holdPhase);
  const p99 = hold?.latencies.inclusionIntended?.p99;
  const blocks = blocksDuring(summary, hold?.startMicros ?? 0, hold?.endMicros ?? 0);
  const carriedPerSecond = carriedBy(blocks);
  const missedBlocks = missedAmong(blocks, summary.blocks.nominalIntervalMs);
  const findings = [
    ...failedCriteria(summary),
    ...backlogFindings(carriedPerSecond, hold?.rates.duePerSecond ?? 0),
    ...(missedBlocks > settings.missedBlocks ? [`${formatOf(missedBlocks, "block was", "blocks were")} missed`] : []),
  ];
  return {
    ...point,
    verdict: verdictOf(summary, findings),
    carriedPerSecond,
    inclusionP99Micros: p99?.micros ?? null,
    inclusionP99AtLeast: p99?.atLeast ?? false,
    missedBlocks,
    findings: summary.verdicts.validity.verdict === "void" ? voidFindings(summary) : findings,
  };
}

function verdictOf({ verdicts }: RunSummary, findings: readonly string[]): SearchPoint["verdict"] {
  if (verdicts.validity.verdict === "void") return "generator-bound";
  return findings.length === 0 ? "sustained" : "overloaded";
}

function voidFindings({ verdicts }: RunSummary): string[] {
  return verdicts.validity.checks.filter((check) => check.verdict === "void").map((check) => check.finding);
}

function failedCriteria({ verdicts }: RunSummary): string[] {
  return verdicts.thresholds.results
    .filter((result) => result.status !== "passed")
    .map((result) => {
      const metric = result.metric.slice(holdPhase.length + 1);
      return `${metric} ${foundText(result)}, wanted ${wantedText(result)}`;
    });
}

function backlogFindings(carried: number | null, duePerSecond: number): string[] {
  if (carried === null) return ["too few blocks were seen to tell what they carry"];
  if (carried >= duePerSecond * backlogShare) return [];
  const share = formatShare(carried / duePerSecond);
  return [`the backlog grew: blocks took in ${formatRate(carried)}, ${share} of what came due`];
}

interface SeenBlock extends BlockPoint {
  readonly atMicros: number;
}

function blocksDuring({ blocks }: RunSummary, fromMicros: number, toMicros: number): SeenBlock[] {
  return blocks.series.filter(
    (block): block is SeenBlock =>
      !block.orphaned && block.atMicros !== null && block.atMicros >= fromMicros && block.atMicros <= toMicros,
  );
}

/** Between the arrivals of the first and the last block: what the first one holds came due before. */
function carriedBy(blocks: readonly SeenBlock[]): number | null {
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (first === undefined || last === undefined || blocks.length < 3) return null;
  const ours = blocks.slice(1).reduce((sum, block) => sum + block.ours, 0);
  return (ours * 1e6) / (last.atMicros - first.atMicros);
}

function missedAmong(blocks: readonly SeenBlock[], nominalIntervalMs: number): number {
  return blocks.reduce(
    (sum, block) => sum + Math.max(0, Math.round((block.intervalMs ?? nominalIntervalMs) / nominalIntervalMs) - 1),
    0,
  );
}
