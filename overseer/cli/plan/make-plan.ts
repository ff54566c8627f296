import type { ChainVocabulary, CostEstimate } from "../../../shared/chains/driver.ts";
import type { Survey } from "../../../shared/chains/provisioning.ts";
import type { Problem } from "../../../shared/errors/app-error.ts";
import { checkLifetimes, type LifetimeReport, type RunPlan } from "../../../shared/scenario/plan.ts";
import type { PlanSummary } from "../../../shared/scenario/plan-summary.ts";
import type { ReplaySource, Scenario } from "../../../shared/scenario/scenario.ts";
import { formatCount } from "../../reporting/figures-text.ts";
import { replaySourceOf } from "../../reporting/replay-text.ts";
import { fundsProblems, objectsProblems } from "../../run/find-means.ts";
import { planWindows, type SigningWindow, signingSpeedOf, type WindowPlan } from "../../run/signing-windows.ts";
import { funderProblems, outlookProblems } from "../../setup/conduct-setup.ts";
import type { SigningMeasure } from "./measure-signing.ts";
import type { PlanNetwork } from "./plan-network.ts";

/** What `overseer plan` shows, as text or as JSON. */
export interface PlanView {
  readonly scenario: Pick<Scenario, "name" | "question" | "chain">;
  /** The chain's word for operations. */
  readonly operations: string;
  readonly network: {
    readonly kind: "embedded" | "endpoints";
    readonly nodes: number;
    /** Null where no network was looked at. */
    readonly blockIntervalMs: number | null;
    readonly chainId: string | null;
  };
  readonly summary: PlanSummary;
  readonly phases: readonly PhaseView[];
  readonly bytes: number | null;
  readonly signing: SigningView | null;
  readonly lifetimes: LifetimeReport | null;
  /** Stretches that are signed one after the other; null where no network was looked at. */
  readonly windows: readonly SigningWindow[] | null;
  readonly drainSeconds: number;
  readonly lifetimeSeconds: number;
  /** What is made before the run, and its price; null where nothing is missing. */
  readonly setup: SetupView | null;
  readonly funds: CostEstimate | null;
  readonly objects: readonly { readonly name: string; readonly needed: number; readonly available: number }[];
  /** What of a capture is replayed; null where transactions are drawn. */
  readonly replay: ReplaySource | null;
  readonly assumptions: readonly string[];
  /** Why the run would be refused. */
  readonly problems: readonly Problem[];
}

type SetupView = Pick<Survey, "stages" | "costs" | "funds" | "notes"> & { readonly funder: string };

interface PhaseView {
  readonly name: string;
  readonly load: string;
  readonly upperBound: boolean;
  readonly bytes: number | null;
  readonly blocks: number | null;
  /** Share of a block that the phase's highest rate fills, were blocks on time; above 1 they overflow. */
  readonly peakBlockShare: number | null;
}

interface SigningView {
  readonly perSecondPerThread: number;
  readonly sampled: number;
  readonly threads: number;
  readonly seconds: number;
  readonly bytesPerBeacon: number;
  readonly beacons: number;
}

export interface PlanFacts {
  readonly scenario: Scenario;
  readonly plan: RunPlan;
  readonly beacons: number;
  readonly vocabulary: ChainVocabulary;
  readonly network: PlanNetwork | null;
  readonly chainId: string | null;
  /** Name of the public main network that the endpoints belong to. */
  readonly mainNetwork: string | null;
  readonly offline: boolean;
  /** What accounts that are made lack or will lack; null for others. */
  readonly setup: Survey | null;
  readonly measure: SigningMeasure | null;
  readonly cost: CostEstimate | null;
  readonly pools: readonly (number | null)[] | null;
  readonly cores: number;
}

/** What a beacon keeps of a transaction besides its body: two tables of fixed-width columns. */
const rowBytes = 64;
/** From the end of signing to T0: barrier and clock measurement. */
const startSeconds = 10;

export function makePlan(facts: PlanFacts): PlanView {
  const { scenario, plan, network, measure, cost } = facts;
  const signing = measure === null ? null : signingOf(facts, measure);
  const windowPlan = network === null ? null : windowsOf(facts, network);
  const lifetimes = network === null ? null : lifetimesOf(facts, network, signing, windowPlan?.windows ?? []);
  const objects = objectsOf(facts);
  const { name, question, chain } = scenario;
  return {
    scenario: { name, question, chain },
    operations: facts.vocabulary.operations,
    network: {
      kind: scenario.network.kind,
      nodes: plan.summary.byNode.length,
      blockIntervalMs: network?.blockIntervalMs ?? null,
      chainId: facts.chainId,
    },
    summary: plan.summary,
    phases: scenario.phases.map((_, i) => phaseOf(facts, i)),
    bytes: measure === null ? null : Math.round(plan.summary.transactions * measure.packedBytes),
    signing,
    lifetimes,
    windows: windowPlan?.windows ?? null,
    drainSeconds: scenario.drainMicros / 1e6,
    lifetimeSeconds: scenario.lifetimeSeconds,
    setup: setupOf(facts),
    funds: cost,
    objects,
    replay: replaySourceOf(scenario.workload),
    assumptions: assumptionsOf(facts),
    problems: [
      ...plan.problems,
      ...(lifetimes?.problems ?? []),
      // Both look at lifetimes, one by measured speeds and one by those that are sure.
      ...(windowPlan?.problems ?? []).filter(({ path }) => !lifetimes?.problems.some((known) => known.path === path)),
      ...sizeProblems(scenario, network, measure),
      ...setupProblems(facts),
      ...(cost === null || facts.setup?.outlook.shortages.length ? [] : meansProblems(cost)),
      ...objects.flatMap(objectsProblems),
    ],
  };
}

function setupOf({ setup, scenario: { accounts } }: PlanFacts): SetupView | null {
  if (setup === null || setup.stages.length === 0 || accounts.kind !== "created") return null;
  const { stages, costs, funds, notes } = setup;
  return { funder: accounts.funder.name, stages, costs, funds, notes };
}

function setupProblems({ setup, scenario: { accounts } }: PlanFacts): Problem[] {
  if (setup === null || accounts.kind !== "created") return [];
  return [...outlookProblems(setup, accounts), ...funderProblems(setup, accounts)];
}

function windowsOf({ scenario, plan, beacons, cores }: PlanFacts, network: PlanNetwork): WindowPlan {
  const threads = threadsPerBeacon(scenario, beacons, cores);
  const signer = { part: 1 / plan.beaconsWorth, threads, meanwhile: Math.min(1, cores / beacons) };
  return planWindows(scenario, network, signingSpeedOf([signer]));
}

function threadsPerBeacon(scenario: Scenario, beacons: number, cores: number): number {
  return scenario.beacons.signingThreads ?? Math.max(1, Math.floor(cores / beacons));
}

/** Of the first window, as far as signing goes, and of the longest. */
function lifetimesOf(
  { scenario, plan }: PlanFacts,
  network: PlanNetwork,
  signing: SigningView | null,
  windows: readonly SigningWindow[],
): LifetimeReport {
  const first = windows[0]?.endSequence ?? 0;
  const share = plan.summary.transactions === 0 ? 1 : first / plan.summary.transactions;
  const spans = windows.map(({ startMicros, endMicros }) => (endMicros - startMicros) / 1e6);
  return checkLifetimes(scenario, network, {
    signingSeconds: (signing?.seconds ?? 0) * share + startSeconds,
    spanSeconds: Math.max(0, ...spans),
  });
}

function phaseOf({ scenario, network, measure }: PlanFacts, index: number): PhaseView {
  const phase = scenario.phases[index] as Scenario["phases"][number];
  const { load, durationMicros, transactions, name } = phase;
  const bytes = measure === null ? null : Math.round(transactions * measure.packedBytes);
  const blocks = network === null ? null : Math.ceil(durationMicros / 1000 / network.blockIntervalMs);
  const peak = load.kind === "paced" ? peakOf(load.segments) : null;
  const peakBlockShare =
    network === null || measure === null || peak === null
      ? null
      : (peak * (network.blockIntervalMs / 1000) * measure.packedBytes) / network.maximumBlockBytes;
  return { name, load: loadText(load), upperBound: load.kind === "unlimited", bytes, blocks, peakBlockShare };
}

type Load = Scenario["phases"][number]["load"];
type Segments = Extract<Load, { kind: "paced" }>["segments"];

function peakOf(segments: Segments): number {
  return segments.reduce((most, { fromPerSecond, toPerSecond }) => Math.max(most, fromPerSecond, toPerSecond), 0);
}

function loadText(load: Load): string {
  if (load.kind === "unlimited") return `unlimited (${load.inFlight})`;
  if (load.arrivals.kind === "slots") return `replay, up to ${Number(peakOf(load.segments).toPrecision(3))} tx/s`;
  const from = load.segments[0]?.fromPerSecond ?? 0;
  const to = load.segments.at(-1)?.toPerSecond ?? 0;
  if (load.segments.length > 1) return `${from}…${to} tx/s in ${load.segments.length}`;
  return from === to ? `${from} tx/s` : `${from}→${to} tx/s`;
}

function signingOf({ scenario, plan, beacons, cores }: PlanFacts, measure: SigningMeasure): SigningView {
  const threadsEach = threadsPerBeacon(scenario, beacons, cores);
  const { transactions } = plan.summary;
  // All are ready when the one with the largest share is.
  const threadsWorth = Math.min(cores, threadsEach * plan.beaconsWorth);
  return {
    perSecondPerThread: measure.perSecond,
    sampled: measure.sampled,
    threads: Math.min(cores, threadsEach * beacons),
    seconds: transactions / (measure.perSecond * threadsWorth),
    bytesPerBeacon: Math.ceil(transactions / plan.beaconsWorth) * (measure.bodyBytes + rowBytes),
    beacons,
  };
}

function objectsOf({ scenario, plan, pools }: PlanFacts): PlanView["objects"] {
  return (pools ?? []).flatMap((available, i) =>
    available === null
      ? []
      : [{ name: scenario.workload.mix[i]?.name ?? "", needed: plan.poolNeeds[i] ?? 0, available }],
  );
}

function sizeProblems(
  { workload: { operationsPerTransaction: wanted } }: Scenario,
  network: PlanNetwork | null,
  measure: SigningMeasure | null,
): Problem[] {
  if (network === null) return [];
  // What is asked for counts as well where operations are too few or too small to come to it.
  const bytes = Math.max(measure?.largestPackedBytes ?? 0, wanted.kind === "fill" ? wanted.bytes : 0);
  if (bytes <= network.maximumTransactionBytes) return [];
  const expected = `expected transactions of at most ${formatCount(network.maximumTransactionBytes)} bytes, which is the network's bound`;
  return [{ path: "workload.operationsPerTransaction", value: `${formatCount(bytes)} bytes`, expected }];
}

function meansProblems(cost: CostEstimate): Problem[] {
  const short = fundsProblems(cost);
  if (cost.shortAccounts.length === 0) return short;
  const names = cost.shortAccounts.slice(0, 5).join(", ");
  const more = cost.shortAccounts.length > 5 ? ` and ${cost.shortAccounts.length - 5} more` : "";
  return [
    ...short,
    { path: "accounts", value: `${names}${more}`, expected: "expected enough for an even share of the whole run" },
  ];
}

function assumptionsOf(facts: PlanFacts): string[] {
  const { scenario, measure, offline, beacons, cores, network, mainNetwork, chainId } = facts;
  const assumptions = ["Every transaction is sent when it is due, and none is refused."];
  if (scenario.phases.some((phase) => phase.load.kind === "unlimited")) {
    assumptions.push("An unlimited phase uses up all its transactions: its figures (≤) are upper bounds.");
  }
  if (measure !== null) {
    const sample = `the first ${formatCount(measure.sampled)} transactions`;
    assumptions.push(`Sizes are the means of ${sample}; blocks hold nothing else and none is missed.`);
    assumptions.push(
      `${beacons === 1 ? "The beacon signs" : `All ${beacons} beacons sign`} on this machine, which has ${cores} ${cores === 1 ? "core" : "cores"}, at the speed that one thread had for half a second. Other machines differ.`,
    );
    assumptions.push(`A beacon keeps ${Math.round(measure.bodyBytes)} + ${rowBytes} bytes for each transaction.`);
  }
  if (network !== null) {
    assumptions.push(`From the end of signing to the start it takes ${startSeconds} s at most.`);
  }
  if (mainNetwork !== null) {
    assumptions.push(
      `The endpoints belong to ${mainNetwork}, a public main network: a run is refused unless the scenario names its chain id and the command line has --allow-main-network ${chainId}.`,
    );
  }
  if (scenario.beacons.shares.length > 0) {
    assumptions.push("Beacons have the labels of the shares in turn: how many of each there are shows when they come.");
  }
  if (facts.setup !== null && facts.setup.stages.length > 0) {
    assumptions.push(
      "Accounts are made first, by the run or by overseer setup. Fees, sizes and signing speed of the load are known after it.",
    );
  }
  if (offline) {
    assumptions.push("No network was looked at: fees, funds, sizes and signing speed are not known.");
  } else if (scenario.network.kind === "embedded") {
    assumptions.push("The embedded network was started for a moment to ask it for fees and funds; nothing was sent.");
  } else {
    assumptions.push("Fees and funds are those of now; nothing was sent.");
  }
  return assumptions;
}
