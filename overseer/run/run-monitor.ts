import type { ChainDriver, NetworkDescription } from "../../shared/chains/driver.ts";
import { dueCursorOf } from "../../shared/scenario/arrivals.ts";
import type { Phase, Scenario } from "../../shared/scenario/scenario.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { Router } from "../../shared/workload/route.ts";
import { ChainView } from "../observe/chain-view.ts";
import { Observers } from "../observe/observers.ts";
import type { BeaconFleet } from "./beacon-fleet.ts";
import { LiveFigures } from "./live-figures.ts";
import { NodeOutcomes } from "./node-outcomes.ts";
import { OutcomeBoard } from "./outcome-board.ts";
import type { LiveHead, LivePhase, LiveView } from "./progress.ts";

export interface NodeReading {
  readonly name: string;
  readonly headNumber: number;
  readonly headLag: number;
  readonly connected: boolean;
}

export interface MonitorOptions {
  readonly driver: ChainDriver;
  readonly network: NetworkDescription;
  readonly scenario: Pick<Scenario, "phases" | "workload" | "seed">;
  readonly transactions: number;
  readonly afterBlock: number;
  readonly signal: AbortSignal;
}

export interface MonitorDependencies {
  readonly clock: Clock;
  onNodeTrouble(node: string, message: string): void;
  /** A block after T0 that was not known. */
  onBlock(position: number, ours: Uint32Array): void;
  onFork(number: number, orphaned: number): void;
}

/** What is seen of a run from outside the beacons: blocks, inclusion, and the sums of what beacons report. */
export class RunMonitor {
  readonly view: ChainView;
  readonly board: OutcomeBoard;
  readonly figures = new LiveFigures();
  readonly outcomes: NodeOutcomes;
  readonly observers: Observers;
  readonly #options: MonitorOptions;
  readonly #clock: Clock;
  /** Null until the barrier has fallen. */
  #t0Micros: number | null = null;
  /** Each time that a transaction came into a block of the winning branch. */
  inclusions = 0;
  forks = 0;

  constructor(options: MonitorOptions, dependencies: MonitorDependencies) {
    this.#options = options;
    this.#clock = dependencies.clock;
    const dueOf = createDueLookup(options.scenario.phases);
    this.board = new OutcomeBoard(options.transactions, options.scenario.phases);
    const { workload, seed } = options.scenario;
    const nodes = options.network.nodes.length;
    const router = new Router(workload.route, nodes, seed);
    this.outcomes = new NodeOutcomes({ transactions: options.transactions, nodes, router });
    this.view = new ChainView(
      { transactions: options.transactions, afterBlock: options.afterBlock },
      {
        onFork: (number, orphaned) => {
          this.forks++;
          dependencies.onFork(number, orphaned);
        },
        onBlock: (position, ours) => {
          if (this.#t0Micros !== null) dependencies.onBlock(position, ours);
        },
        onIncluded: (sequences, arrivedMicros) => {
          this.inclusions += sequences.length;
          if (this.#t0Micros === null) return;
          for (const sequence of sequences) {
            const due = dueOf(sequence);
            if (due !== null) this.figures.addInclusion(arrivedMicros - this.#t0Micros - due);
          }
        },
      },
    );
    this.observers = new Observers(
      { driver: options.driver, network: options.network, afterBlock: options.afterBlock, signal: options.signal },
      { view: this.view, clock: dependencies.clock, onTrouble: dependencies.onNodeTrouble },
    );
  }

  start(t0Micros: number): void {
    this.#t0Micros = t0Micros;
  }

  /** By node, in the network's order: its head, and by how much that is behind the highest. */
  get nodes(): readonly NodeReading[] {
    const { nodes } = this.observers;
    const highest = Math.max(0, ...nodes.map(({ headNumber }) => headNumber));
    return nodes.map(({ name, headNumber, connected }) => {
      return { name, headNumber, headLag: highest - headNumber, connected };
    });
  }

  get head(): LiveHead | null {
    const { head } = this.view;
    if (head === null) return null;
    const { number, transactions, bytes } = head.block;
    return { number, transactions, ours: head.ours, fullness: bytes / this.#options.network.maximumBlockBytes };
  }

  /** Null before T0 and after the last phase. */
  phaseAt(elapsedMicros: number): LivePhase | null {
    return livePhase(this.#options.scenario.phases, elapsedMicros);
  }

  live(stage: LiveView["stage"], beacons: Pick<BeaconFleet, "statuses">, outstanding: number): LiveView {
    const elapsedMicros = this.#clock.nowMicros() - (this.#t0Micros ?? this.#clock.nowMicros());
    const totals = this.figures.totals(this.#options.transactions, this.view.included);
    return {
      stage,
      elapsedMicros,
      phase: this.phaseAt(elapsedMicros),
      totals,
      ...this.figures.tick(elapsedMicros, totals),
      head: this.head,
      nodes: this.nodes.map(({ name, headLag, connected }) => ({ name, headLag, connected })),
      beacons: beacons.statuses.map(({ name, status, lost }) => ({
        name,
        state: status?.state ?? "idle",
        cpuCores: status?.sample?.cpuCores ?? null,
        lost,
      })),
      outstanding,
    };
  }
}

function livePhase(phases: readonly Phase[], elapsedMicros: number): LivePhase | null {
  const phase = phases.find((candidate) => elapsedMicros < candidate.startMicros + candidate.durationMicros);
  if (phase === undefined || elapsedMicros < 0) return null;
  return {
    name: phase.name,
    number: phase.index + 1,
    of: phases.length,
    measured: phase.measured,
    intoMicros: elapsedMicros - phase.startMicros,
    durationMicros: phase.durationMicros,
  };
}

/** Micros after T0 at which a transaction is due; null where the phase has no schedule. */
function createDueLookup(phases: readonly Phase[]): (sequence: number) => number | null {
  const cursors = phases.map((phase) => dueCursorOf(phase.load));
  return (sequence) => {
    const phase = phases.findLast((candidate) => candidate.firstSequence <= sequence);
    const cursor = phase === undefined ? null : cursors[phase.index];
    if (phase === undefined || cursor === null || cursor === undefined) return null;
    return phase.startMicros + cursor.dueOffsetMicros(sequence - phase.firstSequence);
  };
}
