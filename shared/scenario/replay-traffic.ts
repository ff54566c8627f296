import type { OperationCatalogue } from "../chains/driver.ts";
import type { CapturedBlock, CaptureHeader } from "../traffic/capture-format.ts";
import { packColumn } from "../workload/captured-columns.ts";
import { nobody } from "../workload/captured-parties.ts";
import { maximumOperations } from "../workload/shape.ts";
import type { Finding } from "./findings.ts";
import { suggestionFor } from "./nearest-name.ts";
import type { ValidatedReplay } from "./replay-schema.ts";
import type { CapturedDistribution, CapturedPopularity, MixEntry } from "./scenario.ts";
import { limits } from "./schema-parts.ts";

/** A capture as far as a scenario replays it. */
export interface ReplayTraffic {
  /** An entry for each kind that is replayed, named like it. */
  readonly mix: readonly MixEntry[];
  readonly distribution: CapturedDistribution;
  readonly popularity: CapturedPopularity;
  /** Replayed transactions of each slot between two blocks. */
  readonly slots: readonly number[];
  /** Of the run's time. */
  readonly slotMicros: number;
}

/** What a capture has of each kind. */
interface KindPlan {
  readonly entry: MixEntry | null;
  readonly reason: string;
}

const replayPath = ["workload", "replay"] as const;
const largestSize = 0xffff;

/** Problems that show before the blocks are read: a capture of another chain, kinds that it does not have. */
export function replayFindings(header: CaptureHeader, written: ValidatedReplay, chain: string): Finding[] {
  const findings: Finding[] = [];
  const add = (path: readonly (string | number)[], value: string, expected: string): void => {
    findings.push({ path: [...replayPath, ...path], value, expected });
  };
  if (header.chain !== chain) {
    add(["capture"], written.capture, `is a capture of ${header.chain}; expected one of ${chain}`);
    return findings;
  }
  const known = header.kinds.map(({ kind }) => kind);
  for (const [i, kind] of (written.kinds ?? []).entries()) {
    if (!known.includes(kind)) add(["kinds", i], kind, `is not in the capture; ${suggestionFor(kind, known)}`);
  }
  for (const kind of Object.keys(written.parameters)) {
    if (!known.includes(kind))
      add(["parameters", kind], `key "${kind}"`, `is not in the capture; ${suggestionFor(kind, known)}`);
  }
  return findings;
}

/** What only shows when all of it is read, and when the catalogue has looked at the entries. */
export class ReplayBuilder {
  readonly #header: CaptureHeader;
  readonly #written: ValidatedReplay;
  readonly #catalogue: OperationCatalogue;
  readonly #sizes: readonly { operations: number; sum: number; most: number }[];
  /** By kind. Whether one is replayed does not depend on its sizes, which are not known before all is read. */
  readonly #wanted: readonly boolean[];
  readonly #kindOf: number[] = [];
  readonly #payers: number[] = [];
  readonly #others: number[] = [];
  readonly #lengths: number[] = [];
  readonly #counts: number[] = [];
  readonly #slotOf: number[] = [];
  #firstTimeMs = Number.NaN;
  #slots = 0;

  constructor(header: CaptureHeader, written: ValidatedReplay, catalogue: OperationCatalogue) {
    this.#header = header;
    this.#written = written;
    this.#catalogue = catalogue;
    this.#sizes = header.kinds.map(() => ({ operations: 0, sum: 0, most: 0 }));
    this.#wanted = header.kinds.map((_, kind) => this.#planOf(kind).entry !== null);
  }

  add([, timestampMs, transactions]: CapturedBlock): void {
    if (Number.isNaN(this.#firstTimeMs)) this.#firstTimeMs = timestampMs;
    const slot = Math.round((timestampMs - this.#firstTimeMs) / this.#header.blockIntervalMs);
    this.#slots = Math.max(this.#slots, slot + 1);
    for (const operations of transactions) {
      const kept = operations.filter(([kind]) => this.#wanted[kind]).slice(0, maximumOperations);
      if (kept.length === 0) continue;
      this.#counts.push(kept.length);
      this.#slotOf.push(slot);
      for (const [kind, [payer = 0, other = nobody], size] of kept) {
        const sizes = this.#sizes[kind] as { operations: number; sum: number; most: number };
        sizes.operations++;
        sizes.sum += size;
        sizes.most = Math.max(sizes.most, size);
        this.#kindOf.push(kind);
        this.#payers.push(payer);
        this.#others.push(other);
        this.#lengths.push(Math.min(largestSize, size));
      }
    }
  }

  /** Findings instead where nothing is left to replay, or parameters are wrong. */
  build(): ReplayTraffic | readonly Finding[] {
    const plans = this.#header.kinds.map((_, kind) => this.#planOf(kind));
    const mix = plans.flatMap(({ entry }) => (entry === null ? [] : [entry]));
    const problems = this.#problemsOf(plans);
    if (problems.length > 0) return problems;
    const replayed = this.#kindOf.length;
    if (replayed === 0) {
      const expected = "has nothing that can be replayed";
      return [{ path: [...replayPath, "capture"], value: this.#written.capture, expected }];
    }
    const entryOf = new Map(
      plans.flatMap(({ entry }, kind) => (entry === null ? [] : [[kind, mix.indexOf(entry)] as const])),
    );
    const counts = packColumn(Uint16Array.from(this.#counts));
    const slots = new Array<number>(this.#slots).fill(0);
    for (const slot of this.#slotOf) slots[slot] = (slots[slot] as number) + 1;
    const header = this.#header;
    return {
      mix,
      distribution: {
        kind: "captured",
        counts,
        entries: packColumn(Uint8Array.from(this.#kindOf, (kind) => entryOf.get(kind) ?? 0)),
        largest: this.#counts.reduce((most, count) => Math.max(most, count), 0),
        mean: replayed / this.#counts.length,
        source: {
          capture: this.#written.capture,
          ...{ chainId: header.chainId, firstBlock: header.firstBlock, lastBlock: header.lastBlock },
          pace: this.#written.pace,
          transactions: { captured: header.transactions, replayed: this.#counts.length },
          operations: { captured: header.operations, replayed },
          ...{ accounts: header.accounts, runAccounts: 0 },
          leftOut: plans.flatMap(({ entry, reason }, kind) =>
            entry === null ? [{ ...this.#kindAt(kind), reason }] : [],
          ),
        },
      },
      popularity: {
        kind: "captured",
        counts,
        payers: packColumn(Uint32Array.from(this.#payers)),
        others: packColumn(Uint32Array.from(this.#others)),
        sizes: packColumn(Uint16Array.from(this.#lengths)),
      },
      slots,
      slotMicros: (header.blockIntervalMs * 1000) / this.#written.pace,
    };
  }

  #kindAt(kind: number): CaptureHeader["kinds"][number] {
    return this.#header.kinds[kind] as CaptureHeader["kinds"][number];
  }

  #planOf(kind: number): KindPlan {
    const { kind: name } = this.#kindAt(kind);
    if (this.#written.kinds?.includes(name) === false)
      return { entry: null, reason: "not among the kinds that are wanted" };
    if (kind >= limits.mixEntries) return { entry: null, reason: `beyond the ${limits.mixEntries} commonest kinds` };
    const { operations, sum, most } = this.#sizes[kind] as { operations: number; sum: number; most: number };
    const mean = operations === 0 ? 0 : sum / operations;
    const replayed = this.#catalogue.replay?.(name, { meanSize: mean, largestSize: most });
    if (replayed === undefined) return { entry: null, reason: "this chain has no replay" };
    if (replayed.kind === "left-out") return { entry: null, reason: replayed.reason };
    const parameters = { ...replayed.parameters, ...this.#written.parameters[name] };
    return {
      entry: { name, weight: operations, operation: replayed.operation, parameters, template: null },
      reason: "",
    };
  }

  #problemsOf(plans: readonly KindPlan[]): Finding[] {
    return plans.flatMap(({ entry }) => {
      if (entry === null || this.#written.parameters[entry.name] === undefined) return [];
      return this.#catalogue.validate(entry).map(({ path, value, expected }) => ({
        path: [...replayPath, "parameters", entry.name, ...path.split(".").filter((key) => key !== "")],
        value,
        expected,
      }));
    });
  }
}
