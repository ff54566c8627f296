import type { NetworkDescription } from "../chains/driver.ts";
import type { Problem } from "../errors/app-error.ts";
import { Router } from "../workload/route.ts";
import { WorkloadShape } from "../workload/shape.ts";
import { beaconsWorth, dealShares, labelledInTurn } from "./deal-shares.ts";
import type { CountedShare, PhasePlan, PlanSummary } from "./plan-summary.ts";
import type { Phase, Scenario } from "./scenario.ts";
import { countInShare } from "./share.ts";

export interface PlanOptions {
  readonly nodeNames: readonly string[];
  readonly beaconNames: readonly string[];
}

export interface RunPlan {
  readonly summary: PlanSummary;
  /** How often each mix entry is used at most: how many objects it needs if it consumes them. */
  readonly poolNeeds: readonly number[];
  /** How many beacons of the largest share would do the whole. */
  readonly beaconsWorth: number;
  /** Why beacons could not send it in these shares. */
  readonly problems: readonly Problem[];
}

/** What a run holds, counted over every transaction. For unlimited phases these are upper bounds. */
interface WorkloadCounts {
  readonly transactions: number;
  readonly operations: number;
  readonly operationsByPhase: readonly number[];
  /** Transactions, by position of the node. */
  readonly byNode: readonly number[];
  /** Operations, by mix entry. */
  readonly byEntry: readonly number[];
}

/** Pure; counts every transaction, about five million a second. */
export function planRun(scenario: Scenario, { nodeNames, beaconNames }: PlanOptions): RunPlan {
  const counts = countWorkload(scenario, nodeNames.length);
  const beacons = labelledInTurn(beaconNames, scenario.beacons.shares);
  const { shares, problems } = dealShares(scenario, beacons);
  const summary: PlanSummary = {
    transactions: counts.transactions,
    operations: counts.operations,
    durationMicros: durationMicrosOf(scenario),
    phases: scenario.phases.map((phase, i) => planPhase(phase, counts.operationsByPhase[i] ?? 0)),
    byBeacon: beacons.map((beacon, i) => {
      const share = shares[i] ?? null;
      return { ...beacon, count: share === null ? 0 : countInShare(share, 0, counts.transactions) };
    }),
    byNode: named(nodeNames, counts.byNode),
    byOperation: named(
      scenario.workload.mix.map((entry) => entry.name),
      counts.byEntry,
    ),
  };
  return { summary, poolNeeds: counts.byEntry, beaconsWorth: beaconsWorth(shares), problems };
}

function countWorkload(scenario: Scenario, nodes: number): WorkloadCounts {
  const { workload, phases, seed } = scenario;
  const last = phases.at(-1);
  const transactions = last === undefined ? 0 : last.firstSequence + last.transactions;
  const shape = new WorkloadShape(workload, seed);
  const router = new Router(workload.route, nodes, seed);
  const byNode = new Float64Array(nodes);
  const byEntry = new Float64Array(workload.mix.length);
  const operationsByPhase = phases.map((phase) => {
    let operations = 0;
    const end = phase.firstSequence + phase.transactions;
    for (let sequence = phase.firstSequence; sequence < end; sequence++) {
      const node = router.nodeOf(sequence);
      byNode[node] = (byNode[node] as number) + 1;
      shape.draw(sequence);
      operations += shape.operations;
      for (let i = 0; i < shape.operations; i++) {
        const entry = shape.entries[i] as number;
        byEntry[entry] = (byEntry[entry] as number) + 1;
      }
    }
    return operations;
  });
  return {
    transactions,
    operations: operationsByPhase.reduce((sum, count) => sum + count, 0),
    operationsByPhase,
    byNode: [...byNode],
    byEntry: [...byEntry],
  };
}

/** From T0 to the end of the last phase. */
function durationMicrosOf({ phases }: Pick<Scenario, "phases">): number {
  return phases.reduce((sum, phase) => sum + phase.durationMicros, 0);
}

function planPhase(phase: Phase, operations: number): PhasePlan {
  const { name, measured, durationMicros, transactions, load } = phase;
  const segments = load.kind === "paced" ? load.segments : [];
  const rates = segments.flatMap((segment) => [segment.fromPerSecond, segment.toPerSecond]);
  // Of slots, the rates are means: what it begins and ends with says nothing.
  const areSlots = load.kind === "paced" && load.arrivals.kind === "slots";
  return {
    name,
    measured,
    kind: load.kind,
    durationMicros,
    transactions,
    operations,
    fromPerSecond: areSlots ? null : (rates[0] ?? null),
    toPerSecond: areSlots ? null : (rates.at(-1) ?? null),
    peakPerSecond: rates.length === 0 ? null : Math.max(...rates),
  };
}

function named(names: readonly string[], counts: readonly number[]): CountedShare[] {
  return names.map((name, i) => ({ name, count: counts[i] ?? 0 }));
}

export interface LifetimeOptions {
  /** From taking the reference block to the start at the latest, signing included. */
  readonly signingSeconds: number;
  /** From the first due time to the last of what is signed by one reference block, at the most. */
  readonly spanSeconds: number;
}

type LifetimeNetwork = Pick<
  NetworkDescription,
  "blockIntervalMs" | "maximumLifetimeSeconds" | "referenceWindowBlocks" | "headNumber" | "irreversibleNumber"
>;

export interface LifetimeReport {
  /** Seconds from T0 to the due time of the last transaction at the latest. */
  readonly lastDueSeconds: number;
  /** Seconds from T0 to the expiration of a transaction that is due at T0. */
  readonly earliestExpirySeconds: number;
  /** Blocks from the reference block to the last expiration, and how many there may be. */
  readonly referenceBlocks: number;
  readonly referenceWindowBlocks: number;
  /** Farthest that an expiration lies ahead of the chain's time when its transaction is sent, and the bound. */
  readonly aheadSeconds: number;
  readonly maximumLifetimeSeconds: number;
  readonly problems: readonly Problem[];
}

/**
 * Whether every transaction outlives its slot: it expires `lifetimeSeconds` after it is due, which must cover the
 * drain, must not be farther ahead than nodes accept, and must come while its reference block is still remembered.
 * The problems are for an AppError PLAN_IMPOSSIBLE.
 */
export function checkLifetimes(
  scenario: Pick<Scenario, "phases" | "lifetimeSeconds" | "drainMicros">,
  network: LifetimeNetwork,
  options: LifetimeOptions,
): LifetimeReport {
  const { lifetimeSeconds } = scenario;
  const problems: Problem[] = [];
  const drainSeconds = scenario.drainMicros / 1e6;
  const lastDueSeconds = durationMicrosOf(scenario) / 1e6;
  if (lifetimeSeconds < drainSeconds) {
    const expected = `expected at least the drain of ${drainSeconds}s`;
    problems.push({ path: "lifetime", value: `${lifetimeSeconds}s`, expected });
  }
  // Expirations are fixed before signing, so a start that comes sooner finds them that much farther ahead. Nodes compare
  // with the time of their head block, which lies up to a block behind, or two when a slot is missed.
  const slackSeconds = Math.ceil(options.signingSeconds + (2 * network.blockIntervalMs) / 1000);
  const aheadSeconds = lifetimeSeconds + slackSeconds;
  if (aheadSeconds > network.maximumLifetimeSeconds) {
    const most = network.maximumLifetimeSeconds - slackSeconds;
    const expected = `expected at most ${most}s, because the network accepts no expiration farther ahead`;
    problems.push({ path: "lifetime", value: `${lifetimeSeconds}s`, expected });
  }
  const seconds = options.signingSeconds + options.spanSeconds + lifetimeSeconds;
  const lag = Math.max(0, network.headNumber - network.irreversibleNumber);
  const referenceBlocks = Math.ceil((seconds * 1000) / network.blockIntervalMs) + lag;
  if (referenceBlocks > network.referenceWindowBlocks) {
    const most = Math.floor((network.referenceWindowBlocks * network.blockIntervalMs) / 1000 / 60);
    const expected = `expected signing, phases and lifetime within ${most} minutes, because nodes remember ${network.referenceWindowBlocks} blocks to refer to`;
    problems.push({ path: "phases", value: `${Math.ceil(seconds / 60)} minutes`, expected });
  }
  return {
    lastDueSeconds,
    earliestExpirySeconds: lifetimeSeconds,
    referenceBlocks,
    referenceWindowBlocks: network.referenceWindowBlocks,
    aheadSeconds,
    maximumLifetimeSeconds: network.maximumLifetimeSeconds,
    problems,
  };
}
