import type { ResourceRecord, ResourceSampleRecord, ResourceSourceRecord } from "../ledger/evidence.ts";
import { groupBy } from "./group-by.ts";
import type { ResourceSummary } from "./run-summary.ts";
import { spreadOf } from "./spread.ts";

/** Samples that are this many times their usual distance apart have a gap between them, whether it was told or not. */
const gapFactor = 2.5;
const gapReason = "nothing came for a while";

/** `loadEndMicros` is when the last phase was over: spreads are of the load alone, as with the beacons. */
export function resourceSummariesOf(records: readonly ResourceRecord[], loadEndMicros: number): ResourceSummary[] {
  const sources = new Map<string, ResourceSourceRecord>();
  const samples: ResourceSampleRecord[] = [];
  for (const record of records) {
    if (record.type === "source") sources.set(record.name, record);
    else if (record.atMicros >= 0) samples.push(record);
  }
  const bySource = groupBy(samples, ({ source }) => source);
  return [...sources.values()]
    .map((source) => summaryOf(source, bySource.get(source.name) ?? [], loadEndMicros))
    .sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || byName.compare(a.name, b.name));
}

const kinds: readonly ResourceSummary["kind"][] = ["container", "process", "metrics"];
/** beacon-2 before beacon-10. */
const byName = new Intl.Collator("en", { numeric: true });

function summaryOf(
  { name, kind, about, measures }: ResourceSourceRecord,
  told: readonly ResourceSampleRecord[],
  loadEndMicros: number,
): ResourceSummary {
  const samples = withGaps(told);
  const failed = samples.filter(({ failure }) => failure !== null);
  return {
    name,
    kind,
    about,
    seconds: samples.map(({ atMicros }) => atMicros / 1e6),
    measures: measures.map((measure) => {
      const values = samples.map((sample) => sample.values?.[measure.key] ?? null);
      return {
        ...measure,
        spread: spreadOf(values.filter((_, i) => (samples[i] as ResourceSampleRecord).atMicros <= loadEndMicros)),
        values,
      };
    }),
    gaps: failed[0] === undefined ? null : { count: failed.length, reason: failed[0].failure ?? "" },
  };
}

/** Puts an empty sample where there should have been one. */
function withGaps(samples: readonly ResourceSampleRecord[]): ResourceSampleRecord[] {
  const distances = samples.slice(1).map(({ atMicros }, i) => atMicros - (samples[i] as ResourceSampleRecord).atMicros);
  const usual = [...distances].sort((a, b) => a - b)[Math.floor(distances.length / 2)];
  if (usual === undefined) return [...samples];
  return samples.flatMap((sample, i) => {
    const before = samples[i - 1];
    if (before === undefined || before.values === null || sample.values === null) return [sample];
    const distance = sample.atMicros - before.atMicros;
    if (distance <= usual * gapFactor) return [sample];
    const atMicros = (before.atMicros + sample.atMicros) / 2;
    return [{ ...sample, atMicros, values: null, failure: gapReason }, sample];
  });
}
