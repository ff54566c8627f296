import type { BlockUsageMeasure } from "../../shared/chains/driver.ts";
import type { BlockRecord, RunManifest } from "../ledger/evidence.ts";
import { type Evidence, firstSeen } from "../ledger/read-evidence.ts";
import type { BlockPoint, BlocksSummary, BlockUsage } from "./run-summary.ts";
import { spreadOf } from "./spread.ts";

/** A block counts as full from here on: one transaction more might not have fitted. */
const fullShare = 0.9;

export function blocksSummaryOf(evidence: Evidence): BlocksSummary {
  const { manifest } = evidence;
  const inRun = evidence.blocks.filter((block) => !(firstSeen(block) < 0));
  const kept = inRun.filter((block) => !block.orphaned);
  const intervals = intervalsOf(evidence.blocks.filter((block) => !block.orphaned));
  const maximumBytes = manifest.network.maximumBlockBytes;
  return {
    count: kept.length,
    orphaned: inRun.length - kept.length,
    empty: kept.filter((block) => block.transactions === 0).length,
    producers: new Set(kept.map((block) => block.producer)).size,
    transactions: total(kept, "transactions"),
    ours: total(kept, "ours"),
    bytes: total(kept, "bytes"),
    maximumBytes,
    nominalIntervalMs: manifest.network.blockIntervalMs,
    intervalMs: spreadOf(kept.map((block) => intervals.get(block.id) ?? null)),
    transactionsPerBlock: spreadOf(kept.map((block) => block.transactions)),
    operationsPerBlock: spreadOf(kept.map((block) => block.operations)),
    bytesPerBlock: spreadOf(kept.map((block) => block.bytes)),
    fullness: spreadOf(kept.map((block) => block.bytes / maximumBytes)),
    usage: manifest.vocabulary.blockUsage.map((measure) => usageOf(measure, kept, manifest)),
    propagationMicros: manifest.network.nodes.length < 2 ? null : spreadOf(kept.map(propagationOf)),
    fullPropagationMicros: spreadOf(kept.filter((block) => block.bytes >= maximumBytes * fullShare).map(propagationOf)),
    series: inRun.map((block) => pointOf(block, intervals, manifest)),
  };
}

function pointOf(block: BlockRecord, intervals: ReadonlyMap<string, number>, manifest: RunManifest): BlockPoint {
  const at = firstSeen(block);
  return {
    number: block.number,
    atMicros: Number.isNaN(at) ? null : Math.round(at),
    producer: block.producer,
    intervalMs: intervals.get(block.id) ?? null,
    transactions: block.transactions,
    ours: block.ours,
    operations: block.operations,
    bytes: block.bytes,
    fullness: block.bytes / manifest.network.maximumBlockBytes,
    usage: block.usage,
    orphaned: block.orphaned,
  };
}

function usageOf(measure: BlockUsageMeasure, blocks: readonly BlockRecord[], manifest: RunManifest): BlockUsage {
  const used = blocks.map((block) => block.usage[measure.key] ?? 0);
  const limit = manifest.network.blockLimits[measure.key] ?? null;
  return {
    ...measure,
    limit,
    total: used.reduce((sum, value) => sum + value, 0),
    perBlock: spreadOf(used),
    shareOfLimit: limit === null ? null : spreadOf(used.map((value) => value / limit)),
  };
}

/** Chain time since the block before, by id; only where that block was seen as well. */
function intervalsOf(blocks: readonly BlockRecord[]): Map<string, number> {
  const intervals = new Map<string, number>();
  for (const [i, block] of blocks.entries()) {
    const before = blocks[i - 1];
    if (before !== undefined && before.number === block.number - 1) {
      intervals.set(block.id, Math.round(block.timestampMs - before.timestampMs));
    }
  }
  return intervals;
}

/** Null where fewer than two nodes' arrivals were noted. */
function propagationOf(block: BlockRecord): number | null {
  const arrivals = Object.values(block.arrivals);
  return arrivals.length < 2 ? null : Math.max(...arrivals) - Math.min(...arrivals);
}

function total(blocks: readonly BlockRecord[], field: "transactions" | "ours" | "bytes"): number {
  return blocks.reduce((sum, block) => sum + block[field], 0);
}
