import { readFile } from "node:fs/promises";
import { z } from "zod";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import { createColumns } from "../../shared/ledger/columns.ts";
import { listChunks, plainBytes, type StoredChunk } from "./chunk-store.ts";
import type { BlockRecord, EventRecord, ReasonRecord, ResourceRecord, RunManifest, SampleRecord } from "./evidence.ts";
import { evidencePaths } from "./evidence-files.ts";
import { decodeInclusions, type InclusionColumns, inclusionsLayout } from "./inclusions.ts";
import { readJsonLines } from "./json-lines.ts";
import { evidenceVersion, oldestEvidenceVersion, upgradeBlock, upgradeManifest } from "./upgrade-evidence.ts";

/** All that a report is made of. The chunks are only named: they are read one after the other. */
export interface Evidence {
  readonly runFolder: string;
  readonly manifest: RunManifest;
  /** In the order of their arrival, one record for each id. */
  readonly blocks: readonly BlockRecord[];
  readonly samples: readonly SampleRecord[];
  readonly resources: readonly ResourceRecord[];
  readonly events: readonly EventRecord[];
  /** The first for each node and reason. */
  readonly reasons: readonly ReasonRecord[];
  readonly inclusions: { readonly columns: InclusionColumns; readonly rows: number };
  readonly chunks: readonly StoredChunk[];
}

/** Throws AppError: USAGE when `runFolder` is no run's folder, REPORT_FAILED when its evidence is damaged. */
export async function readEvidence(runFolder: string): Promise<Evidence> {
  const paths = evidencePaths(runFolder);
  const manifest = await readManifest(runFolder);
  const [blocks, samples, resources, events, reasons, inclusions, chunks] = await Promise.all([
    readJsonLines<BlockRecord>(paths.blocks),
    readJsonLines<SampleRecord>(paths.samples),
    readJsonLines<ResourceRecord>(paths.resources),
    readJsonLines<EventRecord>(paths.events),
    readJsonLines<ReasonRecord>(paths.reasons),
    readInclusions(paths.inclusions),
    listChunks(paths.chunks),
  ]);
  return {
    runFolder,
    manifest,
    blocks: lastOfEach(blocks.map(upgradeBlock), (block) => block.id).sort(
      (a, b) => a.number - b.number || firstSeen(a) - firstSeen(b),
    ),
    samples,
    resources,
    events,
    reasons: firstOfEach(reasons, (reason) => JSON.stringify([reason.node, reason.reason])),
    inclusions,
    chunks,
  };
}

/** Microseconds after T0 at which the first node had the block as head; NaN where no node's arrival was noted. */
export function firstSeen(block: BlockRecord): number {
  const arrivals = Object.values(block.arrivals);
  return arrivals.length === 0 ? Number.NaN : Math.min(...arrivals);
}

const versionOutline = z.looseObject({
  schemaVersion: z.number().int(),
  tool: z.looseObject({ name: z.string(), version: z.string() }),
});

/** What is checked is only that the file is one of ours: the overseer wrote it. */
const manifestOutline = z.looseObject({
  runId: z.string(),
  scenario: z.looseObject({ name: z.string(), phases: z.array(z.looseObject({})) }),
  plan: z.looseObject({ transactions: z.number().int().min(0) }),
  beacons: z.array(z.looseObject({ name: z.string() })),
});

export async function readManifest(runFolder: string): Promise<RunManifest> {
  const path = evidencePaths(runFolder).manifest;
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new AppError("USAGE", `${runFolder} is not the folder of a run: ${messageOf(error)}`, {
      cause: error,
      hint: "Name a folder below reports/ that has evidence/manifest.json in it.",
    });
  }
  refuseUnknownVersion(path, content);
  const outline = manifestOutline.safeParse(content);
  if (!outline.success) {
    throw new AppError("REPORT_FAILED", `${path} is not a manifest`, {
      problems: outline.error.issues.map((issue) => ({ path: issue.path.join("."), expected: issue.message })),
    });
  }
  return upgradeManifest(content as RunManifest);
}

function refuseUnknownVersion(path: string, content: unknown): void {
  const { success, data } = versionOutline.safeParse(content);
  if (!success)
    throw new AppError("REPORT_FAILED", `${path} is not a manifest: it does not say of which version it is`);
  const { schemaVersion, tool } = data;
  if (schemaVersion >= oldestEvidenceVersion && schemaVersion <= evidenceVersion) return;
  throw new AppError(
    "REPORT_FAILED",
    `${path} was written by ${tool.name} ${tool.version} in version ${schemaVersion}; this release reads versions ${oldestEvidenceVersion} to ${evidenceVersion}`,
    { hint: `make the report with ${tool.name} ${tool.version}, or with a release that is not older` },
  );
}

async function readInclusions(path: string): Promise<Evidence["inclusions"]> {
  let bytes: Uint8Array;
  try {
    bytes = plainBytes(await readFile(path));
  } catch (error) {
    // A run that ended before T0 has none.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return { columns: createColumns(inclusionsLayout, 0), rows: 0 };
    }
    throw error;
  }
  try {
    return decodeInclusions(bytes);
  } catch (error) {
    throw new AppError("REPORT_FAILED", `${path}: ${messageOf(error)}`, { cause: error });
  }
}

function lastOfEach<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

function firstOfEach<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return lastOfEach([...items].reverse(), keyOf).reverse();
}
