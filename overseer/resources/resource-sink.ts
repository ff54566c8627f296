import type { ResourceSourceRecord } from "../ledger/evidence.ts";
import type { UsageValues } from "./measures.ts";

/** Where whoever looks at something tells what is seen. Instants are those of the telling. */
export interface ResourceSink {
  /** Again where something is found anew: it is the same source then. */
  found(source: Omit<ResourceSourceRecord, "type">): ResourceFeed;
}

export interface ResourceFeed {
  /** `trouble`: why some of the values are not there. */
  sample(values: UsageValues, trouble?: string | null): void;
  /** Nothing was to be had this time: a gap. */
  failed(text: string): void;
}

/** Looks at one thing, or at several of a kind, until the signal is aborted. Failures are told and never thrown. */
export interface ResourceWatcher {
  watch(sink: ResourceSink, signal: AbortSignal): Promise<void>;
}
