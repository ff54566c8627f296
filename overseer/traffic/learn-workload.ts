import type { NetworkDescription } from "../../shared/chains/driver.ts";
import type { ChainTraffic, ImitatedEntry, TrafficOperation, TrafficValue } from "../../shared/chains/traffic.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { limits } from "../../shared/scenario/schema-parts.ts";
import { maximumOperations } from "../../shared/workload/shape.ts";
import type { BlockRange } from "./block-range.ts";
import { type ArrivalsFit, fitArrivals } from "./fit-arrivals.ts";
import { fitPopularity, type PopularityFit } from "./fit-popularity.ts";
import type { KindObservation, TrafficObservation } from "./observation.ts";

/** What blocks held and the workload that imitates it, beside each other. */
export interface LearnedTraffic {
  readonly network: NetworkDescription;
  readonly range: BlockRange;
  readonly firstTimeMs: number;
  readonly lastTimeMs: number;
  readonly transactions: number;
  readonly operations: number;
  /** By the share that they have of all operations, the commonest first. */
  readonly kinds: readonly LearnedKind[];
  /** Of the mix, with the weights of all operations that it imitates: they add up to their number. */
  readonly entries: readonly ImitatedEntry[];
  readonly counts: readonly { readonly operations: number; readonly transactions: number }[];
  /** Of the transactions of several operations: those of one kind, and how many there are in the imitation. */
  readonly oneKind: { readonly transactions: number; readonly observed: number; readonly fitted: number };
  readonly arrivals: ArrivalsFit;
  readonly blocks: readonly { readonly slots: number; readonly transactions: number }[];
  readonly popularity: PopularityFit;
}

export interface LearnedKind {
  readonly kind: string;
  readonly operations: number;
  readonly observedShare: number;
  /** Of the imitation's operations; 0 where it has none of them. */
  readonly fittedShare: number;
  readonly entries: readonly ImitatedEntry[];
  /** Why there is no entry; null where there is one. */
  readonly leftOut: string | null;
  readonly sizes: Quantiles | null;
  readonly amounts: AmountQuantiles | null;
}

export interface Quantiles {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

export interface AmountQuantiles {
  readonly symbol: string;
  /** Of the operations with an amount, those with this asset. */
  readonly share: number;
  /** As the chain writes amounts: with 5 %, 50 % and 95 % of the others below them. */
  readonly low: string;
  readonly median: string;
  readonly high: string;
}

export interface LearnOptions {
  readonly network: NetworkDescription;
  readonly range: BlockRange;
  readonly traffic: ChainTraffic;
  /** Whether entries are wanted that need more than what every network of the chain has, such as a contract. */
  readonly withNeeds: boolean;
}

/** Throws AppError CONFIGURATION_INVALID when there is nothing to imitate. */
export function learnWorkload(observation: TrafficObservation, options: LearnOptions): LearnedTraffic {
  const { network, range } = options;
  const { transactions, operations } = observation;
  if (transactions === 0) {
    throw new AppError("CONFIGURATION_INVALID", `blocks ${range.first} to ${range.last} hold no transaction`, {
      hint: "Name a longer range, or one in which the network was used.",
    });
  }
  const imitated = imitateKinds(observation.kinds, options);
  const imitatedOperations = imitated.reduce((sum, one) => sum + (one.entries.length === 0 ? 0 : one.operations), 0);
  if (imitatedOperations === 0) {
    throw new AppError("CONFIGURATION_INVALID", "nothing of this traffic can be imitated", {
      problems: imitated.map(({ kind, leftOut }) => ({ path: kind, expected: leftOut ?? "" })),
    });
  }
  const kinds = imitated.map(
    ({ samples, ...one }): LearnedKind => ({
      ...one,
      observedShare: one.operations / operations,
      fittedShare: one.entries.length === 0 ? 0 : one.operations / imitatedOperations,
      sizes: sizesOf(samples),
      amounts: amountsOf(samples),
    }),
  );
  const counts = observation.operationCounts.map(([size, number]) => ({ operations: size, transactions: number }));
  return {
    network,
    range,
    firstTimeMs: observation.firstTimeMs,
    lastTimeMs: observation.lastTimeMs,
    transactions,
    operations,
    kinds,
    entries: kinds.flatMap(({ entries, operations: number }) =>
      entries.map((entry) => ({ ...entry, weight: entry.weight * number })),
    ),
    counts,
    oneKind: {
      transactions: observation.severalOperations,
      observed: observation.severalOfOneKind,
      fitted: oneKindByChance(counts, kinds),
    },
    arrivals: fitArrivals(observation.blocks),
    blocks: observation.blocks,
    popularity: fitPopularity(observation.senders),
  };
}

type ImitatedKind = KindObservation & Pick<LearnedKind, "entries" | "leftOut">;

function imitateKinds(observed: readonly KindObservation[], { traffic, withNeeds }: LearnOptions): ImitatedKind[] {
  const names = new Set<string>();
  let room: number = limits.mixEntries;
  return observed.map((kind): ImitatedKind => {
    const imitation = traffic.imitate(kind.kind, kind.samples);
    if (imitation.kind === "impossible") return { ...kind, entries: [], leftOut: imitation.reason };
    const { needs, entries } = imitation;
    if (needs !== null && !withNeeds) return { ...kind, entries: [], leftOut: `needs ${needs}; see --templates` };
    if (entries.length > room) {
      return { ...kind, entries: [], leftOut: `too rare: a mix has at most ${limits.mixEntries} entries` };
    }
    room -= entries.length;
    return {
      ...kind,
      entries: entries.map((entry) => ({ ...entry, name: freeName(entry.name, names) })),
      leftOut: null,
    };
  });
}

/** Names of a mix are unique and not too long. */
function freeName(wanted: string, taken: Set<string>): string {
  const short = wanted.slice(0, 60);
  let name = short;
  for (let number = 2; taken.has(name); number++) name = `${short}-${number}`;
  taken.add(name);
  return name;
}

/** How many transactions of several operations are of one kind when each operation is drawn by itself. */
function oneKindByChance(counts: LearnedTraffic["counts"], kinds: readonly LearnedKind[]): number {
  return counts.reduce((sum, { operations, transactions }) => {
    if (operations < 2) return sum;
    return sum + transactions * kinds.reduce((chance, { fittedShare }) => chance + fittedShare ** operations, 0);
  }, 0);
}

function sizesOf(samples: readonly TrafficOperation[]): Quantiles | null {
  const sizes = samples.map(({ size }) => size).sort((a, b) => a - b);
  const most = sizes.at(-1) ?? 0;
  return most === 0 ? null : { least: sizes[0] as number, median: sizes[sizes.length >> 1] as number, most };
}

const amountPattern = /^(-?\d+(?:\.\d+)?) (\S+)$/;

function amountsOf(samples: readonly TrafficOperation[]): AmountQuantiles | null {
  const amounts = samples
    .map(({ fields }) => amountPattern.exec(firstAmount(fields) ?? ""))
    .filter((found) => found !== null);
  const bySymbol = new Map<string, string[]>();
  for (const [, amount = "", symbol = ""] of amounts) bySymbol.set(symbol, [...(bySymbol.get(symbol) ?? []), amount]);
  const [commonest] = [...bySymbol].sort(([, a], [, b]) => b.length - a.length);
  if (commonest === undefined) return null;
  const [symbol, values] = commonest;
  values.sort((a, b) => Number(a) - Number(b));
  const at = (share: number): string => values[Math.round(share * (values.length - 1))] as string;
  return { symbol, share: values.length / amounts.length, low: at(0.05), median: at(0.5), high: at(0.95) };
}

function firstAmount(value: TrafficValue): string | null {
  if (typeof value !== "object" || value === null) return null;
  for (const [key, field] of Object.entries(value)) {
    const found = key === "$amount" ? (field as string) : firstAmount(field as TrafficValue);
    if (found !== null) return found;
  }
  return null;
}

/** The most operations that a transaction of the imitation may have. */
export function withinTable({ operations }: LearnedTraffic["counts"][number]): boolean {
  return operations <= maximumOperations;
}
