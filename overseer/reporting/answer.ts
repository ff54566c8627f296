import type { Phase } from "../../shared/scenario/scenario.ts";
import type { RunManifest } from "../ledger/evidence.ts";
import { backlogSentence, largestBacklogOf } from "./backlog.ts";
import { formatBytes, formatDuration, formatInstant, formatQuantile, formatRate, formatShare } from "./figures-text.ts";
import { type InclusionFlow, positionAtOrAfter } from "./inclusion-flow.ts";
import type {
  Answer,
  BlocksSummary,
  Confirmation,
  PhaseFigures,
  RunSummary,
  SustainedRate,
  ValidityVerdict,
} from "./run-summary.ts";

/**
 * A window kept up when blocks got on by this share of its length, and of what came due in it. The rest is room for a
 * block that arrives sooner or later than others; a network that is offered 3 % more than it carries does not pass.
 */
const requiredShare = 0.98;
/** Windows are this long, but at least so many block intervals, so that no single block decides. */
const windowMicros = 5e6;
const windowIntervals = 5;
/** Where the two are further apart, as with a flood after a calm, the limit lies anywhere between them. */
const coarseFactor = 1.5;
/** More phases than this are not told one by one. */
const phasesTold = 3;

export interface AnswerContext {
  readonly stage: RunSummary["stage"];
  readonly validity: ValidityVerdict;
  readonly blocks: BlocksSummary;
}

export async function answerOf(
  flow: InclusionFlow,
  manifest: RunManifest,
  phases: readonly PhaseFigures[],
  { stage, validity, blocks }: AnswerContext,
): Promise<Answer> {
  if (stage === "not-started") {
    const why = manifest.ending?.text ?? "it was cut off";
    const text = `No answer: the run ended before anything was broadcast (${why}).`;
    return { text, sustained: null, brokeAtPerSecond: null, confirmation: null, backlog: null };
  }
  const windows = manifest.scenario.phases
    .filter((phase) => phase.measured && phase.load.kind === "paced")
    .flatMap((phase) => windowsOf(flow, phase, manifest.network.blockIntervalMs * 1000));
  const best = windows
    .filter((window) => window.keptUp)
    .reduce<Window | null>(
      (top, window) => (top === null || window.includedPerSecond > top.includedPerSecond ? window : top),
      null,
    );
  const broken = windows
    .filter((window) => !window.keptUp && window.duePerSecond > (best?.includedPerSecond ?? 0))
    .map((window) => window.duePerSecond);
  if (validity === "void") {
    // What the beacons did not offer the network was not asked to carry: its limit cannot be told from theirs. Whoever
    // quotes the sentence quotes the warning with it.
    const text = `Void, not an answer: the beacons fell behind their schedule. ${phaseSentences(phases)}`;
    return { text, sustained: null, brokeAtPerSecond: null, confirmation: null, backlog: null };
  }
  const sustained = best === null ? null : toSustained(best);
  const brokeAtPerSecond = broken.length === 0 ? null : Math.min(...broken);
  const confirmation =
    sustained === null || brokeAtPerSecond === null
      ? null
      : confirmationOf(flow, manifest, phases, sustained.perSecond);
  const backlog = await largestBacklogOf(flow, manifest.scenario.phases, manifest.network.blockIntervalMs * 1000);
  const sentences = [
    fullBlocksSentence(blocks),
    limitSentence(measuredOf(phases), windows.length, sustained, brokeAtPerSecond),
    confirmation === null ? "" : confirmationSentence(confirmation),
    backlogSentence(backlog, manifest.network.nodes.length),
    phaseSentences(phases),
  ];
  const text = sentences.filter((sentence) => sentence !== "").join(" ");
  return { text, sustained, brokeAtPerSecond, confirmation, backlog };
}

/** Where blocks came to the largest size, how they travel is what the run was about. */
function fullBlocksSentence({ fullPropagationMicros: travel, maximumBytes }: BlocksSummary): string {
  if (travel === null) return "";
  return (
    `Blocks came to the largest size of ${formatBytes(maximumBytes)}; full ones took ${formatDuration(travel.median)} ` +
    `from the first node to the last at the median, ${formatDuration(travel.maximum)} at most.`
  );
}

interface Window {
  readonly phase: string;
  readonly startMicros: number;
  readonly micros: number;
  readonly duePerSecond: number;
  readonly includedPerSecond: number;
  readonly keptUp: boolean;
}

/** From each block of the phase to the first one that is a window's length later. */
function windowsOf(flow: InclusionFlow, phase: Phase, blockIntervalMicros: number): Window[] {
  const length = Math.max(windowMicros, windowIntervals * blockIntervalMicros);
  const end = phase.startMicros + phase.durationMicros;
  const windows: Window[] = [];
  // A block's arrival is not to the microsecond an interval after the last: a tenth of one is let pass.
  const tolerance = blockIntervalMicros / 10;
  const start = phase.startMicros + blockIntervalMicros / 2;
  for (let first = positionAtOrAfter(flow.arrivals, start); first < flow.arrivals.length; first++) {
    const from = flow.arrivals[first] as number;
    const last = positionAtOrAfter(flow.arrivals, from + length - tolerance);
    if (last === flow.arrivals.length || (flow.arrivals[last] as number) > end) break;
    const window = windowBetween(flow, phase, { first, last, blockIntervalMicros });
    if (window !== null) windows.push(window);
  }
  return windows;
}

/** Two blocks, by their positions. */
interface Between {
  readonly first: number;
  readonly last: number;
  readonly blockIntervalMicros: number;
}

/** Null when nothing came due meanwhile. */
function windowBetween(flow: InclusionFlow, phase: Phase, between: Between): Window | null {
  const from = flow.arrivals[between.first] as number;
  const to = flow.arrivals[between.last] as number;
  // Due transactions wait for half an interval on average: what a block takes in has come due that much earlier.
  const delay = between.blockIntervalMicros / 2;
  const included = (flow.includedOfDue[between.last] as number) - (flow.includedOfDue[between.first] as number);
  const due = flow.dueUntil(to - delay) - flow.dueUntil(from - delay);
  if (due <= 0) return null;
  const everIncluded = flow.everIncludedUntil(to - delay) - flow.everIncludedUntil(from - delay);
  const perSecond = 1e6 / (to - from);
  return {
    phase: phase.name,
    startMicros: from,
    micros: to - from,
    duePerSecond: due * perSecond,
    includedPerSecond: included * perSecond,
    keptUp: progressMicros(flow, between) * (everIncluded / due) >= (to - from) * requiredShare,
  };
}

/**
 * By how much of the schedule blocks got on between two of them. To compare what they took in with what came due would
 * blame the network for chance: where arrivals are random, how many come due in the part of an interval that lies between
 * a block's cut and its arrival differs from one end of a window to the other. Where the cut lies is known only to
 * between two arrivals, and the network is given the benefit of that doubt.
 */
function progressMicros({ arrivals, reached }: InclusionFlow, { first, last, blockIntervalMicros }: Between): number {
  const atMost = Math.min(reached.atMost[last] as number, arrivals[last] as number);
  // Nothing can be told of a cut where nothing came due; but a network that is not behind cuts within the last interval.
  const cutOfNoBacklog = (arrivals[first] as number) - blockIntervalMicros;
  const atLeast = Math.max(reached.atLeast[first] as number, Math.min(reached.atMost[first] as number, cutOfNoBacklog));
  return atMost - atLeast;
}

/** Less than this share of what was found is a recovery, which confirms nothing of it. */
const confirmingShare = 0.5;

/**
 * Of the last measured phase with one rate that follows one whose rate climbed, and is no higher than what was found: what
 * holds for a moment of a climb is no limit before it has held for longer.
 */
function confirmationOf(
  flow: InclusionFlow,
  { scenario, network }: RunManifest,
  figures: readonly PhaseFigures[],
  sustainedPerSecond: number,
): Confirmation | null {
  const measured = scenario.phases.filter((phase) => phase.measured && phase.load.kind === "paced");
  const climb = measured.findIndex((phase) => steadyRateOf(phase) === null);
  const phase = measured.findLast((candidate, position) => {
    const rate = steadyRateOf(candidate);
    if (climb < 0 || position <= climb || rate === null) return false;
    return rate * requiredShare <= sustainedPerSecond && rate >= sustainedPerSecond * confirmingShare;
  });
  const perSecond = phase === undefined ? null : steadyRateOf(phase);
  if (phase === undefined || perSecond === null) return null;
  const blockIntervalMicros = network.blockIntervalMs * 1000;
  const seconds = figures.find(({ name }) => name === phase.name)?.seconds ?? 0;
  const first = positionAtOrAfter(flow.arrivals, phase.startMicros + blockIntervalMicros / 2);
  const last = positionAtOrAfter(flow.arrivals, phase.startMicros + phase.durationMicros) - 1;
  if (last <= first) return null;
  const whole = windowBetween(flow, phase, { first, last, blockIntervalMicros });
  return { phase: phase.name, perSecond, seconds, held: whole?.keptUp ?? false };
}

/** The one rate of a phase; null where it changes. */
function steadyRateOf({ load }: Phase): number | null {
  if (load.kind !== "paced") return null;
  const rates = new Set(load.segments.flatMap(({ fromPerSecond, toPerSecond }) => [fromPerSecond, toPerSecond]));
  const [rate] = rates;
  return rates.size === 1 && rate !== undefined ? rate : null;
}

function confirmationSentence({ phase, perSecond, seconds, held }: Confirmation): string {
  const rate = formatRate(perSecond);
  const length = formatDuration(seconds * 1e6);
  if (held) return `That is confirmed up to ${rate}, which it held for all ${length} of ${phase}.`;
  return `That is not confirmed: it did not hold ${rate} for the ${length} of ${phase}.`;
}

function toSustained(window: Window): SustainedRate {
  return {
    // What was taken in beyond what came due is an earlier queue being worked off; the network kept up with the latter.
    perSecond: Math.min(window.includedPerSecond, window.duePerSecond),
    phase: window.phase,
    atMicros: Math.round(window.startMicros),
    windowMicros: Math.round(window.micros),
    requiredShare,
  };
}

function measuredOf(phases: readonly PhaseFigures[]): PhaseFigures[] {
  return phases.filter((phase) => phase.measured && phase.counts.due > 0);
}

function phaseSentences(phases: readonly PhaseFigures[]): string {
  const measured = measuredOf(phases);
  if (measured.length === 0) return "No transaction of a measured phase became due.";
  const told = measured.length <= phasesTold ? measured : [busiestOf(measured)];
  const rest = measured.length - told.length;
  const more = rest === 0 ? [] : [`The other ${rest} phases are in the table of phases.`];
  return [...told.map(phaseSentence), ...more].join(" ");
}

function busiestOf(phases: readonly PhaseFigures[]): PhaseFigures {
  return phases.reduce((top, phase) => (phase.rates.includedPerSecond > top.rates.includedPerSecond ? phase : top));
}

function phaseSentence(phase: PhaseFigures): string {
  const { counts, rates, latencies } = phase;
  const share = formatShare(counts.included / counts.due);
  const p99 = latencies.inclusionIntended?.p99;
  const wait = p99 === undefined ? "" : `, p99 ${formatQuantile(p99)} from the moment each was due`;
  return (
    `In ${phase.name} ${formatRate(rates.includedPerSecond)} got into blocks for ${formatDuration(phase.seconds * 1e6)} ` +
    `(${formatRate(rates.duePerSecond)} were due): ${share} of what was due was included${wait}.`
  );
}

function limitSentence(
  phases: readonly PhaseFigures[],
  windows: number,
  sustained: SustainedRate | null,
  brokeAtPerSecond: number | null,
): string {
  const isPaced = phases.some((phase) => phase.kind === "paced");
  if (!isPaced) return "";
  const [sent, rejected] = [sumOf(phases, "sent"), sumOf(phases, "rejected")];
  if (sent > 0 && rejected === sent) {
    return "Nodes rejected everything that was sent to them, which tells nothing about what rate they could keep up with.";
  }
  if (windows === 0) return "The phases are too short to tell the highest rate that the network keeps up with.";
  if (sustained === null) return "The network kept up at no rate that was offered.";
  const where = `(${sustained.phase}, ${formatInstant(sustained.atMicros)} after the start)`;
  if (brokeAtPerSecond === null) {
    return `The network kept up with everything that was offered, up to ${formatRate(sustained.perSecond)} ${where}: its limit lies higher.`;
  }
  const [kept, broke] = [formatRate(sustained.perSecond), formatRate(brokeAtPerSecond)];
  if (brokeAtPerSecond > sustained.perSecond * coarseFactor) {
    return `The network kept up with ${kept} ${where} and fell behind at ${broke}; what it does in between was not tried.`;
  }
  return `The network kept up with at most ${kept} ${where} and fell behind at ${broke}.`;
}

function sumOf(phases: readonly PhaseFigures[], count: "sent" | "rejected"): number {
  return phases.reduce((sum, { counts }) => sum + counts[count], 0);
}
