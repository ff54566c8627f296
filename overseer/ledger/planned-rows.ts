import { mixedClass } from "../../shared/ledger/columns.ts";
import { dueCursorOf } from "../../shared/scenario/arrivals.ts";
import type { DueCursor } from "../../shared/scenario/load-profile.ts";
import type { Phase } from "../../shared/scenario/scenario.ts";
import { Router } from "../../shared/workload/route.ts";
import { WorkloadShape } from "../../shared/workload/shape.ts";
import type { RunManifest, WindowRecord } from "./evidence.ts";
import { windowsOf } from "./windows.ts";

/** What the plan alone says of a transaction: for those of which no beacon's row ever came. */
export class PlannedRows {
  readonly #phases: readonly { readonly phase: Phase; readonly due: DueCursor | null }[];
  readonly #shape: WorkloadShape;
  readonly #router: Router;
  readonly #windows: readonly { readonly window: WindowRecord; readonly slots: readonly SlotOwners[] }[];

  constructor(manifest: RunManifest) {
    const { scenario, network } = manifest;
    this.#phases = scenario.phases.map((phase) => ({ phase, due: dueCursorOf(phase.load) }));
    this.#shape = new WorkloadShape(scenario.workload, scenario.seed);
    this.#router = new Router(scenario.workload.route, Math.max(1, network.nodes.length), scenario.seed);
    this.#windows = windowsOf(manifest).map((window) => ({ window, slots: ownersBySlot(manifest, window) }));
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
    const at = this.#windows.findLast(({ window }) => window.firstSequence <= sequence);
    for (const { cycle, owners } of at?.slots ?? []) {
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

interface SlotOwners {
  readonly cycle: number;
  readonly owners: Int16Array;
}

/**
 * Whom a window was dealt to, and after them whom the first one was: where nobody took over a lost beacon's share, it is
 * the lost one that did not send it. Where others do take over, a window that was never dealt out was nobody's yet.
 */
function ownersBySlot({ beacons, scenario }: RunManifest, { number, members = [] }: WindowRecord): SlotOwners[] {
  const isTakenOver = scenario.onBeaconLost === "redistribute" && number > 1;
  const first = beacons.filter(({ lost }) => !(isTakenOver && lost !== null));
  const cycles = new Map<number, Int16Array>();
  for (const { beacon, share } of [...members, ...first.map(({ name, share }) => ({ beacon: name, share }))]) {
    const owners = cycles.get(share.cycle) ?? new Int16Array(share.cycle).fill(-1);
    cycles.set(share.cycle, owners);
    const position = beacons.findIndex(({ name }) => name === beacon);
    for (const slot of share.slots) if (owners[slot] === -1) owners[slot] = position;
  }
  return [...cycles].map(([cycle, owners]) => ({ cycle, owners }));
}
