import { mixedClass } from "../../shared/ledger/columns.ts";
import { dueCursorOf } from "../../shared/scenario/arrivals.ts";
import type { DueCursor } from "../../shared/scenario/load-profile.ts";
import type { Phase } from "../../shared/scenario/scenario.ts";
import { Router } from "../../shared/workload/route.ts";
import { WorkloadShape } from "../../shared/workload/shape.ts";
import type { BeaconRecord, RunManifest } from "./evidence.ts";

/** What the plan alone says of a transaction: for those of which no beacon's row ever came. */
export class PlannedRows {
  readonly #phases: readonly { readonly phase: Phase; readonly due: DueCursor | null }[];
  readonly #shape: WorkloadShape;
  readonly #router: Router;
  readonly #slots: readonly { readonly cycle: number; readonly owners: Int16Array }[];

  constructor(manifest: RunManifest) {
    const { scenario, network } = manifest;
    this.#phases = scenario.phases.map((phase) => ({ phase, due: dueCursorOf(phase.load) }));
    this.#shape = new WorkloadShape(scenario.workload, scenario.seed);
    this.#router = new Router(scenario.workload.route, Math.max(1, network.nodes.length), scenario.seed);
    this.#slots = ownersBySlot(manifest.beacons);
  }

  /** Position of the transaction's phase. */
  phaseOf(sequence: number): number {
    const index = this.#phases.findLastIndex(({ phase }) => phase.firstSequence <= sequence);
    return Math.max(0, index);
  }

  /** Microseconds after T0; NaN in an unlimited phase, where nothing is due before there is room for it. */
  dueOf(sequence: number): number {
    const planned = this.#phases[this.phaseOf(sequence)];
    if (planned?.due == null) return Number.NaN;
    return planned.phase.startMicros + planned.due.dueOffsetMicros(sequence - planned.phase.firstSequence);
  }

  nodeOf(sequence: number): number {
    return this.#router.nodeOf(sequence);
  }

  /** Position of the beacon in the manifest; -1 when no beacon had the transaction in its share. */
  beaconOf(sequence: number): number {
    for (const { cycle, owners } of this.#slots) {
      const owner = owners[sequence % cycle] as number;
      if (owner >= 0) return owner;
    }
    return -1;
  }

  operationsOf(sequence: number): { readonly operations: number; readonly operationClass: number } {
    this.#shape.draw(sequence);
    const { entries, operations } = this.#shape;
    const first = entries[0] as number;
    for (let i = 1; i < operations; i++) {
      if (entries[i] !== first) return { operations, operationClass: mixedClass };
    }
    return { operations, operationClass: first };
  }
}

/** Lost beacons first: where a share was dealt again, it is the lost one whose rows are missing. */
function ownersBySlot(beacons: readonly BeaconRecord[]): { cycle: number; owners: Int16Array }[] {
  const cycles = new Map<number, Int16Array>();
  const positions = beacons.map((_, index) => index);
  positions.sort((a, b) => Number(beacons[b]?.lost !== null) - Number(beacons[a]?.lost !== null));
  for (const position of positions) {
    const { cycle, slots } = (beacons[position] as BeaconRecord).share;
    const owners = cycles.get(cycle) ?? new Int16Array(cycle).fill(-1);
    cycles.set(cycle, owners);
    for (const slot of slots) if (owners[slot] === -1) owners[slot] = position;
  }
  return [...cycles].map(([cycle, owners]) => ({ cycle, owners }));
}
