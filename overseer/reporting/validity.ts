import type { Evidence } from "../ledger/read-evidence.ts";
import { busyHostShare } from "./beacons.ts";
import { formatCount, formatDuration, formatOf, formatShare } from "./figures-text.ts";
import type { BeaconSummary, Figures, Validity, ValidityCheck, ValidityVerdict } from "./run-summary.ts";

/**
 * How far the instrument may be off before its figures say less (`degraded`) or nothing (`void`) about the network.
 * docs/report.md shows this list.
 */
export const validityLimits = {
  /**
   * Sent later than due, p99. Users of a chain with blocks every second or more do not see 10 ms; from 100 ms on the
   * offered load has another shape than the profile says.
   */
  latenessMicros: { degraded: 10_000, void: 100_000 },
  /**
   * Share of the due transactions that the beacons themselves held back. One in a thousand is below what p99 can see,
   * from one in a hundred on p99 itself is made of them.
   */
  shedShare: { degraded: 0.001, void: 0.01 },
  /**
   * Longest stop of the sending thread in a second, p95 over the seconds. Its effect is in the lateness already, so it
   * only warns that bursts were sent: from 50 ms on they are larger than what a block interval evens out.
   */
  sendLoopDelayMicros: { degraded: 50_000 },
  /** A host that is this busy for this many seconds in a row slows down what is measured on it. */
  hostCpu: { share: busyHostShare, seconds: 5 },
  /** Instants of different hosts are only as good as this; above it an answer may seem to come before its question. */
  clockUncertaintyMicros: { degraded: 5_000 },
} as const;

/**
 * The one reason for shedding that lies with the beacons. An unreachable node is the network's matter. The in-flight
 * bound is the scenario's, and it is slow nodes that fill it: it cuts the load that was offered, so what the network
 * would have done with it is not known, but the beacons kept their schedule.
 */
export const generatorReason = "late";
export const boundReason = "in-flight-bound";

export interface ValidityInput {
  readonly evidence: Evidence;
  readonly started: boolean;
  readonly overall: Figures;
  readonly shedByGenerator: number;
  readonly shedByBound: number;
  readonly beacons: readonly BeaconSummary[];
}

export function judgeValidity(input: ValidityInput): Validity {
  if (!input.started) return notStarted();
  const checks = [
    latenessCheck(input),
    shedCheck(input),
    boundCheck(input),
    loopDelayCheck(input.beacons),
    hostCpuCheck(input),
    clockCheck(input.beacons),
    beaconsCheck(input.beacons),
    observationCheck(input.evidence),
  ].filter((check): check is ValidityCheck => check !== null);
  return { verdict: worst(checks.map((check) => check.verdict)), checks };
}

function notStarted(): Validity {
  const check: ValidityCheck = {
    name: "load",
    verdict: "void",
    finding: "The run ended before anything was broadcast: there is nothing to judge.",
    limit: "void when nothing was broadcast",
  };
  return { verdict: "void", checks: [check] };
}

function latenessCheck({ overall }: ValidityInput): ValidityCheck | null {
  const { lateness } = overall.latencies;
  if (lateness === null) return null;
  const { degraded, void: voided } = validityLimits.latenessMicros;
  return {
    name: "schedule",
    verdict: graded(lateness.p99.micros, degraded, voided),
    finding: `Transactions were sent ${formatDuration(lateness.p99.micros)} after they were due (p99), ${formatDuration(lateness.max.micros)} at most.`,
    limit: `p99 above ${formatDuration(degraded)} degrades, above ${formatDuration(voided)} voids`,
  };
}

function shedCheck({ overall, shedByGenerator }: ValidityInput): ValidityCheck {
  const share = overall.counts.due === 0 ? 0 : shedByGenerator / overall.counts.due;
  const { degraded, void: voided } = validityLimits.shedShare;
  return {
    name: "shedding",
    verdict: graded(share, degraded, voided),
    finding:
      shedByGenerator === 0
        ? "No due transaction was held back by the beacons."
        : `${formatOf(shedByGenerator, "due transaction was", "due transactions were")} held back by the beacons, being late: ${formatShare(share)}.`,
    limit: `above ${formatShare(degraded)} degrades, above ${formatShare(voided)} voids`,
  };
}

function boundCheck({ evidence, overall, shedByBound }: ValidityInput): ValidityCheck | null {
  if (shedByBound === 0) return null;
  const share = shedByBound / overall.counts.due;
  const { degraded } = validityLimits.shedShare;
  const bound = evidence.manifest.scenario.sending.inFlightBound;
  return {
    name: "in-flight bound",
    verdict: share > degraded ? "degraded" : "valid",
    finding: `${formatOf(shedByBound, "due transaction was", "due transactions were")} not sent because the connections of a beacon, or the ${formatCount(bound)} that the scenario allows it, were taken up by others without an answer: ${formatShare(share)}. How the network would have taken them is not known.`,
    limit: `above ${formatShare(degraded)} degrades`,
  };
}

function loopDelayCheck(beacons: readonly BeaconSummary[]): ValidityCheck | null {
  const delays = beacons.map((beacon) => beacon.resources?.sendLoopDelayMicros.p95).filter(isNumber);
  if (delays.length === 0) return null;
  const longest = Math.max(...delays);
  const { degraded } = validityLimits.sendLoopDelayMicros;
  return {
    name: "sending thread",
    verdict: longest > degraded ? "degraded" : "valid",
    finding: `The sending threads were held up for ${formatDuration(longest)} within a second (p95 of the worst beacon's seconds).`,
    limit: `above ${formatDuration(degraded)} degrades`,
  };
}

function hostCpuCheck({ beacons }: ValidityInput): ValidityCheck | null {
  const peaks = beacons.map((beacon) => beacon.resources?.hostCpuShare.maximum).filter(isNumber);
  if (peaks.length === 0) return null;
  const { share, seconds } = validityLimits.hostCpu;
  const busy = beacons.filter((beacon) => beacon.longestBusySeconds >= seconds);
  return {
    name: "beacon hosts",
    verdict: busy.length > 0 ? "degraded" : "valid",
    finding:
      busy.length > 0
        ? `The processors of ${busy.map((beacon) => beacon.name).join(", ")} were busy at ${formatShare(share)} or more for ${seconds} s and longer.`
        : `No beacon's host was busy for long; the busiest second reached ${formatShare(Math.max(...peaks))}.`,
    limit: `${formatShare(share)} for ${seconds} s in a row degrades`,
  };
}

function clockCheck(beacons: readonly BeaconSummary[]): ValidityCheck {
  const { degraded } = validityLimits.clockUncertaintyMicros;
  const limit = `uncertainty above ${formatDuration(degraded)} degrades`;
  const unmeasured = beacons.filter((beacon) => beacon.clock === null).map((beacon) => beacon.name);
  if (unmeasured.length > 0) {
    return {
      name: "clocks",
      verdict: "degraded",
      finding: `The clock of ${unmeasured.join(", ")} was not measured.`,
      limit,
    };
  }
  const widest = Math.max(0, ...beacons.map((beacon) => beacon.clockErrorMicros ?? 0));
  return {
    name: "clocks",
    verdict: widest > degraded ? "degraded" : "valid",
    finding: `The beacons' clocks are known to ±\u00a0${formatDuration(widest)} throughout the run.`,
    limit,
  };
}

function beaconsCheck(beacons: readonly BeaconSummary[]): ValidityCheck {
  const lost = beacons.filter((beacon) => beacon.lost !== null);
  return {
    name: "beacons",
    verdict: lost.length > 0 ? "degraded" : "valid",
    finding:
      lost.length === 0
        ? `All ${formatOf(beacons.length, "beacon", "beacons")} stayed to the end.`
        : `${lost.map((beacon) => beacon.name).join(", ")} was lost: what it had left to send, and nobody took over, is cancelled.`,
    limit: "a lost beacon degrades",
  };
}

function observationCheck(evidence: Evidence): ValidityCheck | null {
  const { ending } = evidence.manifest;
  if (ending === null || ending.lastBlockNumber !== null) return null;
  return {
    name: "observation",
    verdict: "degraded",
    finding: "No block was seen during the drain: what was included at the end may be missing.",
    limit: "a drain without blocks degrades",
  };
}

function graded(value: number, degraded: number, voided: number): ValidityVerdict {
  if (value > voided) return "void";
  return value > degraded ? "degraded" : "valid";
}

function worst(verdicts: readonly ValidityVerdict[]): ValidityVerdict {
  if (verdicts.includes("void")) return "void";
  return verdicts.includes("degraded") ? "degraded" : "valid";
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined;
}
