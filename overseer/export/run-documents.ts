import type { Figures, RunSummary } from "../reporting/run-summary.ts";

/** One document of a run: the same figures get the same id whenever and from wherever they are exported. */
export interface RunDocument {
  readonly id: string;
  readonly source: Readonly<Record<string, unknown>>;
}

/** A document before it knows of which run it is. Null: no instant of its own, so that of the run's start. */
type Part = readonly [atMicros: number | null, fields: Readonly<Record<string, unknown>>];

/**
 * All that is exported of a run. Each document has `kind`, `runId`, `startedAt`, `scenario`, `chain` and `@timestamp`, names its units
 * as `run.json` does.
 */
export function* documentsOf(summary: RunSummary): Generator<RunDocument> {
  const { runId, startedAt, t0WallMillis } = summary;
  const startMillis = Date.parse(startedAt);
  const run = { runId, startedAt, scenario: summary.scenario.name, chain: summary.scenario.chain };
  for (const [kind, parts] of Object.entries(partsOf(summary))) {
    let number = 0;
    for (const [atMicros, fields] of parts) {
      const wallMillis = t0WallMillis === null || atMicros === null ? startMillis : t0WallMillis + atMicros / 1000;
      yield {
        // The runs of one capacity search are called as those of the next.
        id: `${runId}/${startedAt}/${kind}/${number++}`,
        source: { "@timestamp": isoOf(wallMillis), kind, ...run, ...fields },
      };
    }
  }
}

function isoOf(wallMillis: number): string {
  return new Date(wallMillis).toISOString();
}

/** By kind. The order within a kind is that of the summary, and so are the numbers in the ids. */
function partsOf(summary: RunSummary): Record<string, Iterable<Part>> {
  const { phases, blocks, errors, events, verdicts } = summary;
  return {
    run: [[0, runFields(summary)]],
    phase: phases.map(({ kind, ...phase }) => [phase.startMicros, { ...phase, pacing: kind }]),
    group: groups(summary),
    threshold: verdicts.thresholds.results.map((result) => [null, { ...result }]),
    error: errors.map(({ kind, samples: _, byNode: __, ...error }) => [error.firstMicros, { ...error, fate: kind }]),
    // Of one before T0 only the overseer's clock says when it was.
    event: events.map(({ kind, wallMillis, ...event }) => [
      event.atMicros,
      { ...event, about: kind, ...(event.atMicros === null ? { "@timestamp": isoOf(wallMillis) } : {}) },
    ]),
    block: blocks.series.map((block) => [block.atMicros, { ...block }]),
    timeline: timeline(summary),
    beacon: beacons(summary),
    "beacon-sample": beaconSamples(summary),
    "resource-sample": resourceSamples(summary),
  };
}

function runFields(summary: RunSummary): Record<string, unknown> {
  const { answer, verdicts, exit, overall, stage, tool, scenario, repeat, network, blocks } = summary;
  return {
    ...{ stage, release: tool.version, question: scenario.question, seed: repeat.seed },
    ...figuresOf(overall),
    answer: answer.text,
    sustainedPerSecond: answer.sustained?.perSecond ?? null,
    brokeAtPerSecond: answer.brokeAtPerSecond,
    largestBacklog: answer.backlog?.transactions ?? 0,
    backlogGoneMicros: answer.backlog?.goneAtMicros ?? null,
    validity: verdicts.validity.verdict,
    thresholdsPassed: verdicts.thresholds.passed,
    thresholdsFailed: verdicts.thresholds.failed,
    accountingHolds: verdicts.accounting.holds,
    exitName: exit.name,
    exitCode: exit.code,
    nodes: network.nodes.length,
    blocks: blocks.count,
    orphanedBlocks: blocks.orphaned,
    observedUntilMicros: summary.observedUntilMicros,
  };
}

function figuresOf({ seconds, counts, rates, latencies }: Figures): Figures {
  return { seconds, counts, rates, latencies };
}

function* groups({ breakdowns }: RunSummary): Generator<Part> {
  const { byOperation, byNode, byBeacon } = breakdowns;
  for (const [by, group] of Object.entries({ operation: byOperation, node: byNode, beacon: byBeacon })) {
    for (const one of group) yield [null, { by, name: one.name, ...figuresOf(one) }];
  }
}

function* timeline(summary: RunSummary): Generator<Part> {
  const { stepSeconds, seconds: starts, ...columns } = summary.timeline;
  for (const [i, atSeconds] of starts.entries()) {
    const atMicros = microsOf(atSeconds);
    yield [atMicros, { atMicros, stepSeconds, ...row(columns, i) }];
  }
}

function* beacons(summary: RunSummary): Generator<Part> {
  for (const {
    name,
    host,
    labels,
    clockErrorMicros,
    lost,
    preparation,
    resources,
    longestBusySeconds,
  } of summary.beacons) {
    yield [
      null,
      {
        ...{ beacon: name, host, clockErrorMicros, lost, preparation, resources, longestBusySeconds },
        // A field for each name that somebody once gave would be one too many before long.
        labels: Object.entries(labels).map(([key, value]) => `${key}=${value}`),
      },
    ];
  }
}

function* beaconSamples(summary: RunSummary): Generator<Part> {
  for (const { name, series } of summary.beacons) {
    const { seconds: instants, ...columns } = series;
    for (const [i, atSeconds] of instants.entries()) {
      const atMicros = microsOf(atSeconds);
      yield [atMicros, { beacon: name, atMicros, ...row(columns, i) }];
    }
  }
}

function* resourceSamples(summary: RunSummary): Generator<Part> {
  for (const { name, kind, about, measures, seconds: instants } of summary.resources ?? []) {
    for (const { key, label, unit, values } of measures) {
      for (const [i, atSeconds] of instants.entries()) {
        const value = values[i] ?? null;
        if (value === null) continue;
        const atMicros = microsOf(atSeconds);
        yield [atMicros, { source: name, sourceKind: kind, about, measure: key, label, unit, atMicros, value }];
      }
    }
  }
}

function microsOf(seconds: number): number {
  return Math.round(seconds * 1e6);
}

interface Columns {
  readonly [name: string]: readonly unknown[] | Columns;
}

/** What stands at `i` in each column, columns of columns included. */
function row(columns: object, i: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(columns as Columns).map(([name, column]) => [
      name,
      Array.isArray(column) ? (column[i] as unknown) : row(column, i),
    ]),
  );
}
