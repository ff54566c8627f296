import { mkdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import type { AppError } from "../../shared/errors/app-error.ts";
import { ChunkStore, type StoreResult } from "./chunk-store.ts";
import type {
  BlockRecord,
  EventRecord,
  IncludedRecord,
  OverseerRecord,
  ReasonRecord,
  ResourceRecord,
  RunManifest,
  SampleRecord,
} from "./evidence.ts";
import { evidencePaths } from "./evidence-files.ts";
import { encodeInclusions, type InclusionColumns } from "./inclusions.ts";
import { JsonLinesWriter } from "./json-lines.ts";
import { cannotWrite, writeAtomically } from "./write-atomically.ts";

/** What a run writes into its folder while it goes on. Appending never waits; `flush` says whether all of it arrived. */
export interface EvidenceWriter {
  readonly runFolder: string;
  /** The first failure to append anything; the report will be missing what came after it. */
  readonly failure: AppError | null;
  writeManifest(manifest: RunManifest): Promise<void>;
  /** A block may be appended again, when more nodes have it or when it turns out orphaned: the last record of an id counts. */
  appendBlock(record: BlockRecord): void;
  appendIncluded(record: IncludedRecord): void;
  appendSample(record: SampleRecord): void;
  appendResource(record: ResourceRecord): void;
  appendEvent(record: EventRecord): void;
  /** Only the first for each beacon, node and reason is kept by the report. */
  appendReason(record: ReasonRecord): void;
  /** `bytes` as they came from the beacon; it may be told that they are safe once this resolves. */
  storeChunk(beacon: string, bytes: Uint8Array): Promise<StoreResult>;
  /** The first `rows` rows of `columns`; replaces what was written before. */
  writeInclusions(columns: InclusionColumns, rows: number): Promise<void>;
  /** The run has its ending: what was only for the case that it would not have one is removed. */
  finish(): Promise<void>;
  /** Resolves once everything appended is in the files. Throws AppError REPORT_FAILED. */
  flush(): Promise<void>;
}

/** Makes `runFolder`. Throws AppError REPORT_FAILED that names it when it may not be written to. */
export async function openEvidenceWriter(runFolder: string): Promise<EvidenceWriter> {
  const paths = evidencePaths(runFolder);
  try {
    await mkdir(paths.chunks, { recursive: true });
  } catch (error) {
    throw cannotWrite(runFolder, error);
  }
  const overseer: OverseerRecord = { hostname: hostname(), pid: process.pid };
  await writeAtomically(paths.overseer, JSON.stringify(overseer));
  const chunks = new ChunkStore(paths.chunks);
  const blocks = new JsonLinesWriter<BlockRecord>(paths.blocks);
  const samples = new JsonLinesWriter<SampleRecord>(paths.samples);
  const resources = new JsonLinesWriter<ResourceRecord>(paths.resources);
  const events = new JsonLinesWriter<EventRecord>(paths.events);
  const reasons = new JsonLinesWriter<ReasonRecord>(paths.reasons);
  const included = new JsonLinesWriter<IncludedRecord>(paths.included);
  const lines = [blocks, samples, resources, events, reasons, included];
  return {
    runFolder,
    get failure() {
      return lines.find((writer) => writer.failure !== null)?.failure ?? null;
    },
    writeManifest: (manifest) => writeAtomically(paths.manifest, `${JSON.stringify(manifest, null, 2)}\n`),
    appendBlock: (record) => blocks.append(record),
    appendIncluded: (record) => included.append(record),
    appendSample: (record) => samples.append(record),
    appendResource: (record) => resources.append(record),
    appendEvent: (record) => events.append(record),
    appendReason: (record) => reasons.append(record),
    storeChunk: (beacon, bytes) => chunks.store(beacon, bytes),
    writeInclusions: (columns, rows) => writeAtomically(paths.inclusions, encodeInclusions(columns, rows)),
    async finish() {
      await Promise.all([paths.included, paths.overseer].map((path) => rm(path, { force: true })));
    },
    async flush() {
      await Promise.all(lines.map((writer) => writer.flush()));
    },
  };
}
