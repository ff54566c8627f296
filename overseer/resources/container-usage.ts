import { ratePerSecond, type UsageValues, usage } from "./measures.ts";

/** What an engine tells of a container, as far as it is used here. Its parts are missing where they do not apply. */
export interface EngineStatistics {
  /** The engine's clock; year 1 while the container does not run. */
  readonly read: string;
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } };
  readonly memory_stats?: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> };
  readonly blkio_stats?: {
    readonly io_service_bytes_recursive?: readonly { readonly op: string; readonly value: number }[] | null;
  };
  readonly networks?: Readonly<Record<string, { readonly rx_bytes: number; readonly tx_bytes: number }>>;
}

/** Running totals of a container at one moment. */
export interface ContainerTotals {
  readonly atSeconds: number;
  readonly cpuSeconds: number | null;
  readonly memoryBytes: number | null;
  readonly readBytes: number | null;
  readonly writtenBytes: number | null;
  readonly receivedBytes: number | null;
  readonly sentBytes: number | null;
}

export const containerMeasures = Object.values(usage);

/** Null while the container does not run. */
export function totalsOf(statistics: EngineStatistics): ContainerTotals | null {
  const at = Date.parse(statistics.read);
  const cpuNanos = statistics.cpu_stats?.cpu_usage?.total_usage ?? 0;
  const { usage: memory, stats = {} } = statistics.memory_stats ?? {};
  // A container without a process has neither used a processor nor any memory.
  if (!(at > 0) || (cpuNanos === 0 && memory === undefined)) return null;
  const networks = statistics.networks === undefined ? null : Object.values(statistics.networks);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    atSeconds: at / 1000,
    cpuSeconds: cpuNanos / 1e9,
    memoryBytes: memory === undefined ? null : memory - reclaimable(stats),
    readBytes: ioBytes(statistics, "read"),
    writtenBytes: ioBytes(statistics, "write"),
    receivedBytes: networks === null ? null : sum(networks.map(({ rx_bytes }) => rx_bytes)),
    sentBytes: networks === null ? null : sum(networks.map(({ tx_bytes }) => tx_bytes)),
  };
}

/** Rates over the time between the two by the engine's clock, whenever they came in here. */
export function usageBetween(before: ContainerTotals, now: ContainerTotals): UsageValues {
  const elapsed = now.atSeconds - before.atSeconds;
  const rate = (field: Exclude<keyof ContainerTotals, "atSeconds" | "memoryBytes">): number | null =>
    ratePerSecond(before[field], now[field], elapsed);
  return {
    [usage.cpu.key]: rate("cpuSeconds"),
    [usage.memory.key]: now.memoryBytes,
    [usage.diskRead.key]: rate("readBytes"),
    [usage.diskWritten.key]: rate("writtenBytes"),
    [usage.received.key]: rate("receivedBytes"),
    [usage.sent.key]: rate("sentBytes"),
  };
}

/**
 * Pages of files that were read once and that nobody waits for: the kernel takes them back before anything runs short.
 * Version 1 of control groups has the sum over a container's own groups under another name.
 */
function reclaimable(stats: Readonly<Record<string, number>>): number {
  return stats.total_inactive_file ?? stats.inactive_file ?? 0;
}

/**
 * Null where the engine does not know: with version 2 that is also so until a disk is touched for the first time. Version
 * 1 writes `Read`, version 2 `read`.
 */
function ioBytes({ blkio_stats }: EngineStatistics, operation: string): number | null {
  const entries = blkio_stats?.io_service_bytes_recursive ?? null;
  if (entries === null) return null;
  return entries.filter(({ op }) => op.toLowerCase() === operation).reduce((total, { value }) => total + value, 0);
}
