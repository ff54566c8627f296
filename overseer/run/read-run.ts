import type { Assignments } from "./assignments.ts";
import type { RunCourse } from "./close-evidence.ts";
import type { RunContext } from "./run-context.ts";
import type { RunMonitor } from "./run-monitor.ts";
import type { BeaconReading, LiveReading, RunReading, RunStage } from "./run-watch.ts";

export interface ReadableRun {
  readonly context: RunContext;
  readonly course: RunCourse;
  /** Null until there are beacons and a network. */
  readonly cast: { readonly assignments: Assignments; readonly monitor: RunMonitor } | null;
}

/** Nothing here goes over transactions: it is asked in the thread that dates the arrival of blocks. */
export function readRun({ context, course, cast }: ReadableRun): RunReading {
  const { request, scenario, plan, start, toldOf } = context;
  const elapsedMicros = start === null ? null : context.elapsedMicros();
  const stage = stageOf(course, elapsedMicros, cast !== null);
  return {
    runId: request.runId,
    scenario: scenario.name,
    chain: scenario.chain,
    stage,
    phase: stage === "broadcasting" ? (cast?.monitor.phaseAt(elapsedMicros ?? 0) ?? null) : null,
    elapsedSeconds: elapsedMicros === null ? null : elapsedMicros / 1e6,
    planned: plan.transactions,
    warnings: toldOf.warning,
    errors: toldOf.error,
    live: cast === null ? null : liveReading(cast.assignments, cast.monitor),
  };
}

function stageOf(course: RunCourse, elapsedMicros: number | null, isCast: boolean): RunStage {
  if (!isCast) return "starting";
  if (elapsedMicros === null) return "preparing";
  if (elapsedMicros < 0) return "waiting";
  if (course.broadcastEndedMicros === null) return "broadcasting";
  return course.drainEndedMicros === null ? "draining" : "closing";
}

function liveReading(assignments: Assignments, monitor: RunMonitor): LiveReading {
  const { view, board, figures } = monitor;
  const beacons = beaconReadings(assignments);
  const accepted = beacons.reduce((sum, { totals }) => sum + totals.accepted, 0);
  const { waiting = Math.max(0, accepted - view.included), expired = null } = board.lastOutstanding ?? {};
  const { nodes } = monitor;
  return {
    beacons,
    nodes,
    outcomes: monitor.outcomes.entries.map((entry) => ({ ...entry, node: nodes[entry.node]?.name ?? `${entry.node}` })),
    included: view.included,
    inclusions: monitor.inclusions,
    forks: monitor.forks,
    waiting,
    expired,
    head: monitor.head,
    durations: figures.durations,
    latenessP99Micros: figures.latenessP99Micros,
  };
}

function beaconReadings(assignments: Assignments): BeaconReading[] {
  const samples = new Map(assignments.statuses.map(({ name, status }) => [name, status?.sample ?? null]));
  return assignments.records(null).map(({ name, counters, lost }) => {
    const totals = { due: 0, sent: 0, accepted: 0, rejected: 0, unanswered: 0, shed: 0, cancelled: 0 };
    for (const phase of counters) {
      for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += phase[key];
    }
    const own = assignments.all.flatMap((fleet) => fleet.progress.filter((member) => member.name === name));
    return {
      name,
      connected: own.some(({ connected }) => connected),
      lost: lost !== null,
      planned: own.reduce((sum, { planned }) => sum + planned, 0),
      prepared: own.reduce((sum, { prepared }) => sum + prepared, 0),
      totals,
      sample: samples.get(name) ?? null,
    };
  });
}
