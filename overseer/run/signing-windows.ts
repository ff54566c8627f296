import type { NetworkDescription } from "../../shared/chains/driver.ts";
import type { Problem } from "../../shared/errors/app-error.ts";
import type { Phase, Scenario } from "../../shared/scenario/scenario.ts";
import type { Processors } from "./share-processors.ts";
import { firstSequenceDueAfter } from "./takeover.ts";

/** A stretch of the schedule that is signed together: `firstSequence` to before `endSequence`. */
export interface SigningWindow {
  /** From 1. */
  readonly number: number;
  readonly firstSequence: number;
  readonly endSequence: number;
  /** Nothing of it is due before, microseconds after T0. */
  readonly startMicros: number;
  /** All of it has been due by then. */
  readonly endMicros: number;
  /** When its preparing begins, microseconds after T0; null for the first window, which comes before T0. */
  readonly prepareFromMicros: number | null;
  /** What signing takes at the most. */
  readonly signingSeconds: number;
}

/** Transactions a second that all beacons sign together at the least. */
export interface SigningSpeed {
  readonly beforePerSecond: number;
  /** While transactions are sent: with one thread of each beacon. */
  readonly meanwhilePerSecond: number;
}

export interface WindowPlan {
  readonly windows: readonly SigningWindow[];
  /** Why the run cannot work; for an AppError PLAN_IMPOSSIBLE. */
  readonly problems: readonly Problem[];
}

type WindowedScenario = Pick<Scenario, "phases" | "lifetimeSeconds" | "beacons">;
type WindowNetwork = Pick<
  NetworkDescription,
  "blockIntervalMs" | "maximumLifetimeSeconds" | "referenceWindowBlocks" | "headNumber" | "irreversibleNumber"
>;

/**
 * Signing is planned at this rate for each thread: a third of what one core does, since a beacon may be slower or
 * busier.
 */
export const signingPerThreadSecond = 3000;
/** From the end of signing to T0: the barrier, the lead before T0, and something for tables that are still uploaded. */
export const startSlackSeconds = 8;
/** Of a later window besides signing: reaching the nodes, handing over the list, the barrier. */
const windowOverheadSeconds = 8;

export interface Signer extends Processors {
  /** Of all transactions, from 0 to 1. */
  readonly part: number;
}

/** All is signed when the last beacon has signed its part. */
export function signingSpeedOf(signers: readonly Signer[]): SigningSpeed {
  const slowest = (threadsOf: (signer: Signer) => number): number =>
    signingPerThreadSecond * Math.min(...signers.map((signer) => threadsOf(signer) / signer.part));
  return {
    beforePerSecond: slowest(({ threads }) => threads),
    meanwhilePerSecond: slowest(({ meanwhile }) => meanwhile),
  };
}

/**
 * Cuts a run into as few windows as the network and the scenario allow; most runs are one. Transactions expire some time
 * after they are due, so what bounds a window is not its length against their lifetime, but that its reference block is
 * remembered to its end, and that those of the first do not expire too far ahead when signing took less than planned.
 * Windows are cut in paced phases or between phases: of an unlimited one nobody knows when which transaction is due.
 */
export function planWindows(scenario: WindowedScenario, network: WindowNetwork, speed: SigningSpeed): WindowPlan {
  const { phases, lifetimeSeconds, beacons } = scenario;
  const last = phases.at(-1);
  const transactions = last === undefined ? 0 : last.firstSequence + last.transactions;
  const budgetSeconds = signingBudgetSeconds(lifetimeSeconds, network);
  const lengthMicros = Math.min(
    beacons.signingWindowMicros ?? Number.POSITIVE_INFINITY,
    referenceLimitMicros(scenario, network, transactions / speed.beforePerSecond),
    firstWindowLimitMicros(phases, transactions, Math.floor(budgetSeconds * speed.beforePerSecond)),
  );
  const windows = cut(phases, transactions, lengthMicros, speed);
  return { windows, problems: problemsOf(windows, scenario, network, speed) };
}

/** How long the signing before T0 may be planned to take, so that nodes do not find expirations too far ahead. */
function signingBudgetSeconds(lifetimeSeconds: number, network: WindowNetwork): number {
  return network.maximumLifetimeSeconds - lifetimeSeconds - startSlackSeconds - (2 * network.blockIntervalMs) / 1000;
}

/** Seconds that a block can be referred to, from when it has just become irreversible. */
function referenceSeconds({ blockIntervalMs, referenceWindowBlocks, ...network }: WindowNetwork): number {
  const lag = Math.max(0, network.headNumber - network.irreversibleNumber);
  return ((referenceWindowBlocks - lag) * blockIntervalMs) / 1000;
}

/** Half of what is there, since a window may be signed a whole window ahead of its start. */
function referenceLimitMicros(scenario: WindowedScenario, network: WindowNetwork, signingSeconds: number): number {
  const left = referenceSeconds(network) - scenario.lifetimeSeconds - startSlackSeconds;
  if (signingSeconds + durationMicrosOf(scenario.phases) / 1e6 <= left) return Number.POSITIVE_INFINITY;
  return usable(Math.floor(left / 2) * 1e6);
}

/** So that no more than `most` transactions are due before its end. */
function firstWindowLimitMicros(phases: readonly Phase[], transactions: number, most: number): number {
  if (most <= 0 || transactions <= most) return Number.POSITIVE_INFINITY;
  let low = 0;
  let high = durationMicrosOf(phases);
  while (high - low > 1e5) {
    const middle = (low + high) / 2;
    if (firstSequenceDueAfter(phases, middle) <= most) low = middle;
    else high = middle;
  }
  return usable(low);
}

/** Shorter windows could not be prepared in time: then it is better said what is wrong with the whole. */
function usable(lengthMicros: number): number {
  return lengthMicros < windowOverheadSeconds * 1e6 ? Number.POSITIVE_INFINITY : lengthMicros;
}

function durationMicrosOf(phases: readonly Phase[]): number {
  const last = phases.at(-1);
  return last === undefined ? 0 : last.startMicros + last.durationMicros;
}

function cut(phases: readonly Phase[], transactions: number, lengthMicros: number, speed: SigningSpeed) {
  const windows: SigningWindow[] = [];
  let startMicros = 0;
  let firstSequence = 0;
  do {
    const { endMicros, endSequence } = nextCut(phases, { startMicros, firstSequence, transactions, lengthMicros });
    if (endSequence > firstSequence || transactions === 0) {
      const count = endSequence - firstSequence;
      const previous = windows.at(-1);
      const signingSeconds = count / (previous === undefined ? speed.beforePerSecond : speed.meanwhilePerSecond);
      windows.push({
        number: windows.length + 1,
        firstSequence,
        endSequence,
        startMicros,
        endMicros,
        prepareFromMicros:
          previous === undefined
            ? null
            : Math.max(previous.startMicros, startMicros - 2 * (signingSeconds + windowOverheadSeconds) * 1e6),
        signingSeconds,
      });
    }
    startMicros = endMicros;
    firstSequence = endSequence;
  } while (firstSequence < transactions);
  return windows;
}

interface CutFrom {
  readonly startMicros: number;
  readonly firstSequence: number;
  readonly transactions: number;
  readonly lengthMicros: number;
}

function nextCut(phases: readonly Phase[], from: CutFrom): { endMicros: number; endSequence: number } {
  const wanted = from.startMicros + from.lengthMicros;
  const duration = durationMicrosOf(phases);
  if (wanted >= duration) return { endMicros: duration, endSequence: from.transactions };
  const phase = phases.find(({ startMicros, durationMicros }) => wanted < startMicros + durationMicros) as Phase;
  if (phase.load.kind === "paced") return { endMicros: wanted, endSequence: firstSequenceDueAfter(phases, wanted) };
  if (phase.firstSequence > from.firstSequence || phase.startMicros > from.startMicros) {
    return { endMicros: phase.startMicros, endSequence: phase.firstSequence };
  }
  return {
    endMicros: phase.startMicros + phase.durationMicros,
    endSequence: phase.firstSequence + phase.transactions,
  };
}

function problemsOf(
  windows: readonly SigningWindow[],
  { lifetimeSeconds }: WindowedScenario,
  network: WindowNetwork,
  speed: SigningSpeed,
): Problem[] {
  const problems: Problem[] = [];
  const first = windows[0] as SigningWindow;
  const budget = signingBudgetSeconds(lifetimeSeconds, network);
  if (first.signingSeconds > budget) {
    const most = Math.floor(
      network.maximumLifetimeSeconds - first.signingSeconds - startSlackSeconds - (2 * network.blockIntervalMs) / 1000,
    );
    const expected =
      most > 0
        ? `expected at most ${most}s, because signing may take ${Math.ceil(first.signingSeconds)}s and the network accepts no expiration more than ${network.maximumLifetimeSeconds}s ahead`
        : `expected a network that accepts expirations more than ${network.maximumLifetimeSeconds}s ahead, or fewer transactions to sign before the start`;
    problems.push({ path: "lifetime", value: `${lifetimeSeconds}s`, expected });
  }
  for (const window of windows) {
    const previous = windows[window.number - 2];
    const aheadSeconds =
      previous === undefined
        ? window.signingSeconds + startSlackSeconds
        : (window.startMicros - (window.prepareFromMicros as number)) / 1e6;
    const needed = aheadSeconds + (window.endMicros - window.startMicros) / 1e6 + lifetimeSeconds;
    if (needed > referenceSeconds(network)) {
      problems.push({
        path: "phases",
        value: `${Math.ceil(needed / 60)} minutes in signing window ${window.number}`,
        expected: `expected signing, sending and lifetime within ${Math.floor(referenceSeconds(network) / 60)} minutes, because nodes remember ${network.referenceWindowBlocks} blocks to refer to`,
      });
    }
    if (previous === undefined) continue;
    const there = (window.startMicros - previous.startMicros) / 1e6 - windowOverheadSeconds;
    if (window.signingSeconds > there) {
      const count = window.endSequence - window.firstSequence;
      problems.push({
        path: "beacons.signingWindow",
        value: `${count} transactions in signing window ${window.number}`,
        expected: `expected at most ${Math.max(0, Math.floor(there * speed.meanwhilePerSecond))}, because that is what the beacons are sure to sign while they send the window before it`,
      });
      // The others are likely to be like it.
      break;
    }
  }
  return problems;
}
