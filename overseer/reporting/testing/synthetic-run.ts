import type { ChainVocabulary } from "../../../shared/chains/driver.ts";
import { codeOfOutcome, codeOfReason, type Outcome, type Reason } from "../../../shared/chains/outcome.ts";
import { encodeChunk, maximumRowsPerChunk } from "../../../shared/ledger/chunk.ts";
import {
  createColumns,
  mixedClass,
  type OutcomeColumns,
  outcomesLayout,
  type PreparedColumns,
  preparedLayout,
} from "../../../shared/ledger/columns.ts";
import type { PhaseCounters } from "../../../shared/protocol/messages.ts";
import { arrivalsSeed, dueCursorOf } from "../../../shared/scenario/arrivals.ts";
import { capacitySchema } from "../../../shared/scenario/capacity-schema.ts";
import { transactionsIn } from "../../../shared/scenario/load-profile.ts";
import type { PhasePlan } from "../../../shared/scenario/plan-summary.ts";
import type { Load, Phase, Scenario, Threshold } from "../../../shared/scenario/scenario.ts";
import { equalShares } from "../../../shared/scenario/share.ts";
import { Router } from "../../../shared/workload/route.ts";
import { SequenceRandom } from "../../../shared/workload/sequence-random.ts";
import { WorkloadShape } from "../../../shared/workload/shape.ts";
import type {
  BeaconRecord,
  BlockRecord,
  EventRecord,
  ReasonRecord,
  RunManifest,
  SampleRecord,
} from "../../ledger/evidence.ts";
import { type InclusionColumns, inclusionsLayout } from "../../ledger/inclusions.ts";
import { evidenceVersion } from "../../ledger/upgrade-evidence.ts";
import { openEvidenceWriter } from "../../ledger/write-evidence.ts";

/** A run that never took place but could have: what tests and benchmarks of the report feed it with. */
export interface SyntheticRun {
  manifest: RunManifest;
  readonly beacons: SyntheticBeacon[];
  readonly inclusions: { readonly columns: InclusionColumns; rows: number };
  readonly blocks: BlockRecord[];
  readonly samples: SampleRecord[];
  readonly events: EventRecord[];
  readonly reasons: ReasonRecord[];
}

/** The first `preparedRows` and `outcomeRows` rows of the columns are what arrived at the overseer. */
export interface SyntheticBeacon {
  readonly name: string;
  readonly prepared: PreparedColumns;
  preparedRows: number;
  readonly outcomes: OutcomeColumns;
  outcomeRows: number;
}

export interface SyntheticPhase {
  readonly name: string;
  readonly seconds: number;
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
  readonly measured?: boolean;
  /** Closed loop with this many planned transactions, sent at `fromPerSecond`. */
  readonly unlimited?: number;
}

export interface SyntheticRunOptions {
  readonly seed?: number;
  readonly phases?: readonly SyntheticPhase[];
  readonly arrivals?: "even" | "poisson";
  readonly nodes?: number;
  readonly beacons?: number;
  readonly drainSeconds?: number;
  readonly lifetimeSeconds?: number;
  readonly blockIntervalSeconds?: number;
  /** Transactions that blocks hold per second. */
  readonly capacityPerSecond?: number;
  readonly rejectShare?: number;
  readonly forgetShare?: number;
  /** Milliseconds by which the beacons are late in the median. */
  readonly latenessMs?: number;
  /** From and to second: everything due meanwhile is shed as late. */
  readonly stall?: readonly [number, number];
  /** Second at which the connections to the last node break: what it has in flight stays unanswered. */
  readonly connectionsLostAt?: number;
  /** Second at which the last beacon is lost, with its last second of outcomes. */
  readonly beaconLostAt?: number;
  /** Second whose block is orphaned; two of its transactions are never seen again. */
  readonly orphanAt?: number;
  readonly operationsPerTransaction?: Scenario["workload"]["operationsPerTransaction"];
  /** What nodes say; markup to see whether it is shown as text. */
  readonly nodeText?: string;
  readonly question?: string;
  readonly thresholds?: readonly Threshold[];
  readonly vocabulary?: ChainVocabulary;
  /** By the keys of the vocabulary's `blockUsage`: what each operation is billed, and what a block may use. */
  readonly usage?: Readonly<Record<string, { readonly perOperation: number; readonly limit: number | null }>>;
}

const defaults = {
  seed: 42,
  phases: [
    { name: "warm-up", seconds: 5, fromPerSecond: 50, toPerSecond: 50, measured: false },
    { name: "climb", seconds: 40, fromPerSecond: 100, toPerSecond: 1000 },
    { name: "hold", seconds: 30, fromPerSecond: 600, toPerSecond: 600 },
  ],
  arrivals: "even",
  nodes: 3,
  beacons: 2,
  drainSeconds: 20,
  lifetimeSeconds: 90,
  blockIntervalSeconds: 1,
  capacityPerSecond: 800,
  rejectShare: 0.002,
  forgetShare: 0,
  latenessMs: 0.12,
  operationsPerTransaction: { kind: "fixed", count: 1 },
  nodeText: "Assert Exception: balance >= amount: Insufficient Balance: 'load-17' has 3 BTS",
  question: "How many single-transfer transactions per second does the network include when they arrive at every node?",
  thresholds: [],
  vocabulary: { operation: "operation", operations: "operations", producer: "witness", blockUsage: [] },
  usage: {},
} as const satisfies SyntheticRunOptions;

/** A chain whose blocks use up CPU and NET, the latter without a limit. */
export const meteredChain = {
  vocabulary: {
    operation: "action",
    operations: "actions",
    producer: "producer",
    blockUsage: [
      { key: "cpu", label: "CPU", unit: "µs" },
      { key: "net", label: "NET", unit: "bytes" },
    ],
  },
  usage: { cpu: { perOperation: 150, limit: 200_000 }, net: { perOperation: 136, limit: null } },
} as const satisfies Pick<SyntheticRunOptions, "vocabulary" | "usage">;

const epochMillis = Date.UTC(2026, 10, 21, 10, 2, 11);
const startBlock = 12;
const neverMicros = Number.POSITIVE_INFINITY;

type Settings = Required<Omit<SyntheticRunOptions, "stall" | "connectionsLostAt" | "beaconLostAt" | "orphanAt">> &
  Pick<SyntheticRunOptions, "stall" | "connectionsLostAt" | "beaconLostAt" | "orphanAt">;

export function makeSyntheticRun(options: SyntheticRunOptions = {}): SyntheticRun {
  const settings: Settings = { ...defaults, ...options };
  const phases = phasesOf(settings);
  const planned = phases.reduce((sum, phase) => sum + phase.transactions, 0);
  const scenario = scenarioOf(settings, phases);
  const lives = liveThrough(settings, scenario, planned);
  const chain = fillBlocks(settings, lives, planned, endOf(phases));
  const beacons = recordBeacons(settings, lives, planned);
  const manifest = manifestOf(settings, scenario, planned, beacons, lives, chain);
  return {
    manifest,
    beacons: beacons.map(({ name, prepared, outcomes, preparedRows, outcomeRows }) => ({
      name,
      prepared,
      preparedRows,
      outcomes,
      outcomeRows,
    })),
    inclusions: chain.inclusions,
    blocks: chain.blocks,
    samples: samplesOf(settings, endOf(phases), lives),
    events: eventsOf(settings, phases),
    reasons: reasonsOf(settings),
  };
}

/** Writes the evidence as the conductor does. */
export async function writeSyntheticRun(runFolder: string, run: SyntheticRun): Promise<void> {
  const writer = await openEvidenceWriter(runFolder);
  await writer.writeManifest(run.manifest);
  for (const block of run.blocks) writer.appendBlock(block);
  for (const sample of run.samples) writer.appendSample(sample);
  for (const event of run.events) writer.appendEvent(event);
  for (const reason of run.reasons) writer.appendReason(reason);
  await writer.writeInclusions(run.inclusions.columns, run.inclusions.rows);
  for (const beacon of run.beacons) {
    for (const [number, first] of starts(beacon.preparedRows)) {
      const end = Math.min(beacon.preparedRows, first + maximumRowsPerChunk);
      await writer.storeChunk(beacon.name, encodeChunk("prepared", 1, number, beacon.prepared, first, end));
    }
    for (const [number, first] of starts(beacon.outcomeRows)) {
      const end = Math.min(beacon.outcomeRows, first + maximumRowsPerChunk);
      await writer.storeChunk(beacon.name, encodeChunk("outcomes", 1, number, beacon.outcomes, first, end));
    }
  }
  await writer.flush();
}

function starts(rows: number): [number, number][] {
  return Array.from({ length: Math.ceil(rows / maximumRowsPerChunk) }, (_, i) => [i, i * maximumRowsPerChunk]);
}

function phasesOf(settings: Settings): Phase[] {
  const phases: Phase[] = [];
  let startMicros = 0;
  let firstSequence = 0;
  for (const [index, wanted] of settings.phases.entries() as IterableIterator<[number, SyntheticPhase]>) {
    const durationMicros = wanted.seconds * 1e6;
    const load: Load =
      wanted.unlimited === undefined
        ? {
            kind: "paced",
            arrivals:
              settings.arrivals === "even"
                ? { kind: "even" }
                : { kind: "poisson", seed: arrivalsSeed(settings.seed, index) },
            segments: [{ durationMicros, fromPerSecond: wanted.fromPerSecond, toPerSecond: wanted.toPerSecond }],
          }
        : { kind: "unlimited", inFlight: 64 };
    const transactions = load.kind === "paced" ? transactionsIn(load.segments) : (wanted.unlimited ?? 0);
    phases.push({
      index,
      name: wanted.name,
      measured: wanted.measured ?? true,
      startMicros,
      durationMicros,
      firstSequence,
      transactions,
      load,
    });
    startMicros += durationMicros;
    firstSequence += transactions;
  }
  return phases;
}

function endOf(phases: readonly Phase[]): number {
  const last = phases.at(-1);
  return last === undefined ? 0 : last.startMicros + last.durationMicros;
}

function scenarioOf(settings: Settings, phases: readonly Phase[]): Scenario {
  return {
    name: "max-throughput-transfers-many-nodes",
    question: settings.question,
    description: null,
    chain: "bitshares",
    network: {
      kind: "embedded",
      nodes: settings.nodes,
      allNodes: settings.nodes,
      topology: null,
      settings: { blockIntervalMs: settings.blockIntervalSeconds * 1000 },
      parameters: {},
      nodeBehaviours: [],
      networkBehaviour: {},
      container: null,
    },
    accounts: { kind: "embedded", count: 200, balance: "1000 BTS" },
    beacons: {
      count: settings.beacons,
      shares: [],
      deploy: null,
      signingThreads: null,
      connectionsPerNode: 2,
      leaseMicros: 15e6,
      signingWindowMicros: null,
    },
    seed: settings.seed,
    workload: {
      operationsPerTransaction: settings.operationsPerTransaction,
      mix: [
        { name: "transfer", weight: 7, operation: "transfer", parameters: {}, template: null },
        { name: "order-create", weight: 2, operation: "limit_order_create", parameters: {}, template: null },
        { name: "order-cancel", weight: 1, operation: "limit_order_cancel", parameters: {}, template: null },
      ],
      route: { kind: "equal" },
      popularity: { kind: "uniform" },
    },
    phases,
    drainMicros: settings.drainSeconds * 1e6,
    lifetimeSeconds: settings.lifetimeSeconds,
    thresholds: settings.thresholds,
    onBeaconLost: "continue",
    sending: { shedAfterMicros: 100_000, inFlightBound: 10_000, answerTimeoutMicros: 5e6 },
    capacity: capacitySchema.parse({}),
    observe: { containers: [], prometheus: [] },
  };
}

/** What became of each transaction, by sequence number. */
interface Lives {
  readonly phase: Uint8Array;
  readonly node: Uint8Array;
  readonly operationClass: Uint8Array;
  readonly operations: Uint16Array;
  readonly bytes: Uint32Array;
  readonly due: Float64Array;
  readonly sent: Float64Array;
  readonly answered: Float64Array;
  readonly outcome: Uint8Array;
  readonly reason: Uint8Array;
}

function liveThrough(settings: Settings, scenario: Scenario, planned: number): Lives {
  const lives = emptyLives(planned);
  const random = new SequenceRandom();
  const router = new Router(scenario.workload.route, settings.nodes, settings.seed);
  const shape = new WorkloadShape(scenario.workload, settings.seed);
  for (const phase of scenario.phases) {
    const cursor = dueCursorOf(phase.load);
    for (let i = 0; i < phase.transactions; i++) {
      const sequence = phase.firstSequence + i;
      random.reset(settings.seed, sequence, 9);
      shape.draw(sequence);
      lives.phase[sequence] = phase.index;
      lives.node[sequence] = router.nodeOf(sequence);
      const { operations } = shape;
      lives.operations[sequence] = operations;
      const distinct = new Set(shape.entries.subarray(0, operations));
      lives.operationClass[sequence] = distinct.size === 1 ? (shape.entries[0] as number) : mixedClass;
      lives.bytes[sequence] = 120 + 75 * operations + random.nextBelow(8);
      const closedLoopPace = 1e6 / (settings.phases[phase.index] as SyntheticPhase).fromPerSecond;
      const offset = cursor === null ? i * closedLoopPace : cursor.dueOffsetMicros(i);
      lives.due[sequence] = phase.startMicros + offset;
      if (cursor === null && offset >= phase.durationMicros) end(lives, sequence, "cancelled", "phase-over");
      else liveOne(settings, lives, sequence, random);
    }
  }
  return lives;
}

function emptyLives(planned: number): Lives {
  return {
    phase: new Uint8Array(planned),
    node: new Uint8Array(planned),
    operationClass: new Uint8Array(planned),
    operations: new Uint16Array(planned),
    bytes: new Uint32Array(planned),
    due: new Float64Array(planned),
    sent: new Float64Array(planned).fill(Number.NaN),
    answered: new Float64Array(planned).fill(Number.NaN),
    outcome: new Uint8Array(planned),
    reason: new Uint8Array(planned),
  };
}

function end(lives: Lives, sequence: number, outcome: Outcome, reason: Reason): void {
  lives.outcome[sequence] = codeOfOutcome(outcome);
  lives.reason[sequence] = codeOfReason(reason);
}

function liveOne(settings: Settings, lives: Lives, sequence: number, random: SequenceRandom): void {
  const due = lives.due[sequence] as number;
  const [stallFrom, stallTo] = settings.stall ?? [neverMicros, neverMicros];
  if (due >= stallFrom * 1e6 && due < stallTo * 1e6) {
    end(lives, sequence, "shed", "late");
    return;
  }
  const sent = due + logNormal(random, settings.latenessMs * 1e3, 0.7);
  lives.sent[sequence] = sent;
  const answered = sent + logNormal(random, 900 + 500 * (lives.node[sequence] as number), 0.5);
  const cut = (settings.connectionsLostAt ?? neverMicros) * 1e6;
  if (lives.node[sequence] === settings.nodes - 1 && sent < cut && sent > cut - 60_000) {
    end(lives, sequence, "unanswered", "connection-lost");
    return;
  }
  lives.answered[sequence] = answered;
  const draw = random.nextFraction();
  if (draw >= settings.rejectShare) end(lives, sequence, "accepted", "none");
  else if (draw < settings.rejectShare * 0.7) end(lives, sequence, "rejected", "insufficient-balance");
  else end(lives, sequence, "rejected", "expired");
}

function logNormal(random: SequenceRandom, median: number, sigma: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.nextFraction()));
  return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * random.nextFraction()));
}

interface Chain {
  readonly blocks: BlockRecord[];
  readonly inclusions: { readonly columns: InclusionColumns; rows: number };
  readonly endMicros: number;
}

/** Each block takes what has reached the nodes, in order, up to the capacity. */
function fillBlocks(settings: Settings, lives: Lives, planned: number, loadEndMicros: number): Chain {
  const columns = createColumns(inclusionsLayout, planned);
  const inclusions = { columns, rows: 0 };
  const blocks: BlockRecord[] = [];
  const interval = settings.blockIntervalSeconds * 1e6;
  const endMicros = loadEndMicros + settings.drainSeconds * 1e6;
  const random = new SequenceRandom();
  const waiting = waitingForBlocks(settings, lives, planned, random);
  const lostToFork: number[] = [];
  let next = 0;
  let previousId = blockId(startBlock, 0);
  for (let at = 0.4 * interval, number = startBlock + 1; at < endMicros; at += interval, number++) {
    random.reset(settings.seed, number, 11);
    const taken: number[] = [];
    while (next < waiting.length && taken.length < settings.capacityPerSecond * settings.blockIntervalSeconds) {
      const sequence = waiting[next] as number;
      if ((lives.sent[sequence] as number) > at - 3000) break;
      taken.push(sequence);
      next++;
    }
    const arrivals: Record<string, number> = {};
    for (let node = 0; node < settings.nodes; node++) {
      arrivals[`node-${node + 1}`] = at + logNormal(random, 1500 + 2500 * node, 0.4);
    }
    const first = Math.min(...Object.values(arrivals));
    const orphaned = settings.orphanAt !== undefined && Math.floor(at / 1e6) === settings.orphanAt;
    const operations = taken.reduce((sum, sequence) => sum + (lives.operations[sequence] as number), 0);
    const base = {
      number,
      previousId,
      producer: `${settings.vocabulary.producer}-${(number * 7) % 11}`,
      timestampMs: epochMillis + at / 1e3,
      arrivals,
      transactions: taken.length,
      operations,
      bytes: 120 + taken.reduce((sum, sequence) => sum + (lives.bytes[sequence] as number), 0),
      usage: Object.fromEntries(
        Object.entries(settings.usage).map(([key, { perOperation }]) => [key, operations * perOperation]),
      ),
      ours: taken.length,
    };
    if (orphaned) {
      blocks.push({ ...base, id: blockId(number, 1), orphaned: true });
      lostToFork.push(...taken.splice(0, 2));
      for (const sequence of lostToFork) include(inclusions, sequence, 0, Number.NaN, Number.NaN, 1);
    }
    const id = blockId(number, 0);
    const bytes = base.bytes - (orphaned ? lostToFork.reduce((sum, s) => sum + (lives.bytes[s] as number), 0) : 0);
    blocks.push({ ...base, id, bytes, transactions: taken.length, ours: taken.length, orphaned: false });
    previousId = id;
    const irreversible = first + 8 * interval;
    for (const sequence of taken) {
      include(
        inclusions,
        sequence,
        number,
        first,
        irreversible < endMicros ? irreversible : Number.NaN,
        orphaned ? 1 : 0,
      );
    }
  }
  return { blocks, inclusions, endMicros };
}

function include(
  inclusions: Chain["inclusions"],
  sequence: number,
  block: number,
  included: number,
  irreversible: number,
  orphanings: number,
): void {
  const { columns, rows } = inclusions;
  columns.sequence[rows] = sequence;
  columns.block[rows] = block;
  columns.included[rows] = included;
  columns.irreversible[rows] = irreversible;
  columns.orphanings[rows] = orphanings;
  inclusions.rows++;
}

/** Accepted ones, and those unanswered ones that did reach the node, but for what the network forgets. */
function waitingForBlocks(settings: Settings, lives: Lives, planned: number, random: SequenceRandom): number[] {
  const waiting: number[] = [];
  const accepted = codeOfOutcome("accepted");
  const unanswered = codeOfOutcome("unanswered");
  for (let sequence = 0; sequence < planned; sequence++) {
    random.reset(settings.seed, sequence, 12);
    const outcome = lives.outcome[sequence];
    if (outcome === unanswered && random.nextFraction() < 0.5) continue;
    if (outcome !== accepted && outcome !== unanswered) continue;
    if (random.nextFraction() < settings.forgetShare) continue;
    if (isSentByLostBeacon(settings, lives, sequence)) continue;
    waiting.push(sequence);
  }
  return waiting.sort((a, b) => (lives.sent[a] as number) - (lives.sent[b] as number));
}

function isSentByLostBeacon(settings: Settings, lives: Lives, sequence: number): boolean {
  const lostAt = (settings.beaconLostAt ?? neverMicros) * 1e6;
  return sequence % settings.beacons === settings.beacons - 1 && (lives.due[sequence] as number) >= lostAt;
}

function blockId(number: number, branch: number): string {
  return number.toString(16).padStart(8, "0") + ((number * 2654435761 + branch) >>> 0).toString(16).padStart(32, "0");
}

interface RecordedBeacon extends SyntheticBeacon {
  readonly counters: PhaseCounters[];
}

function recordBeacons(settings: Settings, lives: Lives, planned: number): RecordedBeacon[] {
  return Array.from({ length: settings.beacons }, (_, slot) => {
    const rows = Math.max(0, Math.ceil((planned - slot) / settings.beacons));
    const prepared = createColumns(preparedLayout, rows);
    const outcomes = createColumns(outcomesLayout, rows);
    const counters = emptyCounters(settings.phases.length);
    const isLost = slot === settings.beacons - 1 && settings.beaconLostAt !== undefined;
    const reportedUntil = isLost ? ((settings.beaconLostAt as number) - 1) * 1e6 : neverMicros;
    let outcomeRows = 0;
    for (let row = 0; row < rows; row++) {
      const sequence = slot + row * settings.beacons;
      prepared.sequence[row] = sequence;
      for (const name of ["phase", "node", "operationClass", "operations", "bytes"] as const) {
        prepared[name][row] = lives[name][sequence] as number;
      }
      prepared.matchKey[row] = BigInt(sequence) * 0x9e37_79b9n;
      if ((lives.due[sequence] as number) >= reportedUntil) continue;
      outcomes.sequence[outcomeRows] = sequence;
      for (const name of ["due", "sent", "answered", "outcome", "reason"] as const) {
        outcomes[name][outcomeRows] = lives[name][sequence] as number;
      }
      count(counters[lives.phase[sequence] as number] as Writable<PhaseCounters>, lives, sequence);
      outcomeRows++;
    }
    return { name: `local-${slot + 1}`, prepared, preparedRows: rows, outcomes, outcomeRows, counters };
  });
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function emptyCounters(phases: number): PhaseCounters[] {
  return Array.from({ length: phases }, (_, phase) => ({
    phase,
    due: 0,
    sent: 0,
    accepted: 0,
    rejected: 0,
    unanswered: 0,
    shed: 0,
    cancelled: 0,
  }));
}

function count(counters: Writable<PhaseCounters>, lives: Lives, sequence: number): void {
  const names = ["accepted", "rejected", "unanswered", "shed", "cancelled"] as const;
  for (const name of names) if (lives.outcome[sequence] === codeOfOutcome(name)) counters[name]++;
  if (!Number.isNaN(lives.sent[sequence] as number)) counters.sent++;
  if (lives.outcome[sequence] !== codeOfOutcome("cancelled")) counters.due++;
}

function manifestOf(
  settings: Settings,
  scenario: Scenario,
  planned: number,
  beacons: readonly RecordedBeacon[],
  lives: Lives,
  chain: Chain,
): RunManifest {
  const lastBlock = chain.blocks.at(-1) as BlockRecord;
  const nodes = Array.from({ length: settings.nodes }, (_, i) => ({
    name: `node-${i + 1}`,
    endpoint: `ws://127.0.0.1:${8090 + i}`,
    headNumber: startBlock,
    version: "7.0.2",
  }));
  return {
    schemaVersion: evidenceVersion,
    runId: `2026-11-21T10-02-11-${scenario.name}`,
    tool: { name: "loadstone", version: "0.1.0", node: "v20.20.2", platform: "linux x64" },
    command: ["overseer", "run", `scenarios/${scenario.name}.yaml`],
    scenarioPath: `scenarios/${scenario.name}.yaml`,
    scenarioText: `name: ${scenario.name}\nquestion: ${settings.question}\nchain: bitshares\nseed: ${settings.seed}\n`,
    scenario,
    vocabulary: settings.vocabulary,
    network: {
      chain: scenario.chain,
      chainId: "1f3c77d2b4a1e0f9c8d7b6a5948372615049382716a5b4c3d2e1f00112233449a".slice(0, 64),
      nodes,
      blockIntervalMs: settings.blockIntervalSeconds * 1000,
      maximumBlockBytes: Math.round(settings.capacityPerSecond * settings.blockIntervalSeconds * 200),
      maximumTransactionBytes: 65_536,
      maximumLifetimeSeconds: 86_400,
      referenceWindowBlocks: 65_536,
      producers: 11,
      coreSymbol: "BTS",
      blockLimits: Object.fromEntries(
        Object.entries(settings.usage).flatMap(([key, { limit }]) => (limit === null ? [] : [[key, limit]])),
      ),
      headNumber: startBlock,
      irreversibleNumber: startBlock - 8,
      headTimeMs: epochMillis - 600,
      facts: { "maintenance interval": "1 day", "transfer fee": "0.001 BTS" },
    },
    plan: planOf(settings, scenario, planned, lives),
    cost: {
      lines: [{ asset: "BTS", precision: 5, needed: "4190000", available: "20000000000" }],
      shortAccounts: [],
    },
    startedAt: new Date(epochMillis - 9000).toISOString(),
    t0WallMillis: epochMillis,
    host: { hostname: "bench-1", cpuModel: "AMD EPYC 7B13", cpus: 2, memoryBytes: 24e9 },
    beacons: beacons.map((beacon, slot) => beaconRecordOf(settings, beacon, slot)),
    ending: {
      exitName: "passed",
      text: "every phase was broadcast",
      broadcastEndedMicros: endOf(scenario.phases),
      drainEndedMicros: chain.endMicros,
      drainComplete: true,
      lastBlockNumber: lastBlock.number,
      lastBlockTimeMs: lastBlock.timestampMs,
    },
  };
}

function planOf(settings: Settings, scenario: Scenario, planned: number, lives: Lives): RunManifest["plan"] {
  const phases = scenario.phases.map((phase, index): PhasePlan => {
    const wanted = settings.phases[index] as SyntheticPhase;
    const paced = phase.load.kind === "paced";
    const rows = lives.operations.subarray(phase.firstSequence, phase.firstSequence + phase.transactions);
    return {
      name: phase.name,
      measured: phase.measured,
      kind: phase.load.kind,
      durationMicros: phase.durationMicros,
      transactions: phase.transactions,
      operations: rows.reduce((sum, operations) => sum + operations, 0),
      fromPerSecond: paced ? wanted.fromPerSecond : null,
      toPerSecond: paced ? wanted.toPerSecond : null,
      peakPerSecond: paced ? Math.max(wanted.fromPerSecond, wanted.toPerSecond) : null,
    };
  });
  return {
    transactions: planned,
    operations: phases.reduce((sum, phase) => sum + phase.operations, 0),
    durationMicros: endOf(scenario.phases),
    phases,
    byBeacon: [],
    byNode: [],
    byOperation: [],
  };
}

function beaconRecordOf(settings: Settings, beacon: RecordedBeacon, slot: number): BeaconRecord {
  const isLost = slot === settings.beacons - 1 && settings.beaconLostAt !== undefined;
  return {
    name: beacon.name,
    host: {
      hostname: "bench-1",
      platform: "linux x64",
      cpuModel: "AMD EPYC 7B13",
      cpus: 2,
      memoryBytes: 24e9,
      node: "v20.20.2",
      version: "0.1.0",
      pid: 4000 + slot,
    },
    labels: {},
    epoch: 1,
    share: equalShares(settings.beacons)[slot] as BeaconRecord["share"],
    clock: { offsetMicros: 12.5 * slot, uncertaintyMicros: 90 + 40 * slot, exchanges: 64, atMicros: -1.9e6 },
    clockAtEnd: null,
    prepared: {
      epoch: 1,
      transactions: beacon.preparedRows,
      storeBytes: beacon.preparedRows * 330,
      seconds: beacon.preparedRows / 12_500,
      threads: 1,
      residentBytesBefore: 88e6,
      residentBytesAfter: 88e6 + beacon.preparedRows * 580,
    },
    baseExpirationSeconds: Math.floor(epochMillis / 1000) + settings.lifetimeSeconds,
    counters: beacon.counters,
    lost: isLost ? { atMicros: (settings.beaconLostAt as number) * 1e6, text: "no heartbeat for 3 s" } : null,
  };
}

function samplesOf(settings: Settings, endMicros: number, lives: Lives): SampleRecord[] {
  const samples: SampleRecord[] = [];
  const random = new SequenceRandom();
  const perSecond = new Float64Array(Math.ceil(endMicros / 1e6) + 1);
  for (const sent of lives.sent) if (!Number.isNaN(sent)) (perSecond[Math.floor(sent / 1e6)] as number)++;
  for (let second = 1; second <= endMicros / 1e6; second++) {
    for (let slot = 0; slot < settings.beacons; slot++) {
      const isLast = slot === settings.beacons - 1;
      if (isLast && settings.beaconLostAt !== undefined && second >= settings.beaconLostAt) continue;
      random.reset(settings.seed, second * 16 + slot, 13);
      const load = (perSecond[second - 1] ?? 0) / settings.beacons;
      samples.push({
        beacon: `local-${slot + 1}`,
        atMicros: second * 1e6 + random.nextBelow(4000),
        cpuCores: 0.05 + load / 14_000 + 0.02 * random.nextFraction(),
        hostCpuShare: Math.min(1, 0.18 + load / 5000 + 0.06 * random.nextFraction()),
        residentBytes: 150e6 + second * 120_000 + random.nextBelow(2e6),
        heapBytes: 42e6 + random.nextBelow(9e6),
        sendLoopDelayMicros: logNormal(random, settings.latenessMs * 4000, 0.4),
        controlLoopDelayMicros: logNormal(random, 1800, 0.5),
        inFlight: Math.round(load * 0.0014) + random.nextBelow(3),
        bufferedBytes: random.nextBelow(4000),
        connections: Array.from({ length: settings.nodes }, (_, node) => ({
          node: `node-${node + 1}`,
          open: 2,
          lost: node === settings.nodes - 1 && second > (settings.connectionsLostAt ?? neverMicros) ? 2 : 0,
        })),
      });
    }
  }
  return samples;
}

function eventsOf(settings: Settings, phases: readonly Phase[]): EventRecord[] {
  const event = (
    seconds: number,
    kind: EventRecord["kind"],
    severity: EventRecord["severity"],
    subject: string | null,
    text: string,
  ): EventRecord => ({
    atMicros: seconds * 1e6,
    wallMillis: epochMillis + seconds * 1e3,
    kind,
    severity,
    subject,
    text,
  });
  const events = phases.map((phase) =>
    event(phase.startMicros / 1e6, "phase", "info", phase.name, `phase ${phase.name} began`),
  );
  const { connectionsLostAt, beaconLostAt, orphanAt } = settings;
  if (connectionsLostAt !== undefined) {
    events.push(event(connectionsLostAt, "node", "warning", `node-${settings.nodes}`, "2 connections were lost"));
  }
  if (beaconLostAt !== undefined) {
    events.push(event(beaconLostAt, "beacon", "error", `local-${settings.beacons}`, "no heartbeat for 3 s"));
  }
  if (orphanAt !== undefined) events.push(event(orphanAt + 1, "fork", "warning", null, "1 block was orphaned"));
  events.push(event(endOf(phases) / 1e6, "run", "info", null, "broadcast ended, draining"));
  return events.sort((a, b) => a.wallMillis - b.wallMillis);
}

function reasonsOf(settings: Settings): ReasonRecord[] {
  const reasons: ReasonRecord[] = [];
  for (let node = 1; node <= settings.nodes; node++) {
    const at = { beacon: "local-1", node: `node-${node}` };
    reasons.push({ ...at, reason: "insufficient-balance", message: settings.nodeText });
    reasons.push({ ...at, reason: "expired", message: "Assert Exception: now <= trx.expiration" });
  }
  return reasons;
}
