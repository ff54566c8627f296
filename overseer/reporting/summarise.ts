import { exitCodes } from "../../shared/errors/exit-codes.ts";
import type { Phase } from "../../shared/scenario/scenario.ts";
import type { Ledger } from "../ledger/build-ledger.ts";
import type { RunManifest } from "../ledger/evidence.ts";
import type { Evidence } from "../ledger/read-evidence.ts";
import { checkAccounting } from "./accounting.ts";
import { answerOf } from "./answer.ts";
import { beaconSummaryOf } from "./beacons.ts";
import { blocksSummaryOf } from "./blocks.ts";
import { errorClassesOf } from "./errors.ts";
import { exitNameFor } from "./exit-name.ts";
import { countAll, emptyGroup, type GroupFigures, groupFigures, toFigures } from "./group-figures.ts";
import { type InclusionFlow, includedRateIn, inclusionFlowOf } from "./inclusion-flow.ts";
import { replaySourceOf } from "./replay-text.ts";
import { resourceSummariesOf } from "./resources.ts";
import type { Counts, Figures, NamedFigures, PhaseFigures, RunSummary } from "./run-summary.ts";
import { judgeThresholds } from "./thresholds.ts";
import { timelineOf } from "./timeline.ts";
import { boundReason, generatorReason, judgeValidity } from "./validity.ts";

/** Every figure of the report. Pure but for reading the ledger: the same evidence gives the same summary. */
export async function summarise(ledger: Ledger, evidence: Evidence): Promise<RunSummary> {
  const { manifest } = evidence;
  const stage = stageOf(manifest);
  const flow = await inclusionFlowOf(ledger, evidence);
  const phases = await phaseFigures(ledger, manifest, flow);
  const overall = await overallFigures(ledger, phases);
  const whole = await countAll(ledger);
  const loadEndMicros = Math.max(0, ...phases.map((phase) => phase.endMicros));
  const beacons = manifest.beacons.map((beacon) => beaconSummaryOf(beacon, evidence.samples, loadEndMicros));
  const shedByGenerator = await countShed(ledger, generatorReason);
  const shedByBound = await countShed(ledger, boundReason);
  const verdicts = {
    validity: judgeValidity({
      evidence,
      started: stage !== "not-started",
      overall,
      shedByGenerator,
      shedByBound,
      beacons,
    }),
    thresholds: judgeThresholds(manifest.scenario.thresholds, overall, phases),
    accounting: await checkAccounting(ledger, evidence, whole),
  };
  const exitName = exitNameFor({ verdicts, stage }, manifest.ending);
  const { scenario } = manifest;
  const blocks = blocksSummaryOf(evidence);
  return {
    schemaVersion: 1,
    runId: manifest.runId,
    tool: manifest.tool,
    startedAt: manifest.startedAt,
    t0WallMillis: manifest.t0WallMillis,
    stage,
    scenario: {
      name: scenario.name,
      question: scenario.question,
      description: scenario.description,
      chain: scenario.chain,
    },
    replay: replaySourceOf(scenario.workload),
    vocabulary: manifest.vocabulary,
    answer: await answerOf(flow, manifest, phases, { stage, validity: verdicts.validity.verdict, blocks }),
    verdicts,
    exit: { name: exitName, code: exitCodes[exitName], text: manifest.ending?.text ?? "The run was cut off." },
    overall,
    phases,
    timeline: await timelineOf(ledger),
    blocks,
    errors: await errorClassesOf(ledger, whole.planned, evidence.reasons),
    breakdowns: {
      byOperation: await breakdown(ledger, "operation", overall.seconds),
      byNode: await breakdown(ledger, "node", overall.seconds),
      byBeacon: await breakdown(ledger, "beacon", overall.seconds),
    },
    beacons,
    resources: resourceSummariesOf(evidence.resources, loadEndMicros),
    events: evidence.events,
    network: manifest.network,
    cost: manifest.cost,
    host: manifest.host,
    repeat: {
      command: manifest.command,
      seed: scenario.seed,
      scenarioPath: manifest.scenarioPath,
      scenarioText: manifest.scenarioText,
    },
    ending: manifest.ending,
    observedUntilMicros: ledger.observedUntilMicros,
  };
}

function stageOf(manifest: RunManifest): RunSummary["stage"] {
  if (manifest.t0WallMillis === null) return "not-started";
  const { ending } = manifest;
  const planned = manifest.scenario.phases.reduce(
    (end, phase) => Math.max(end, phase.startMicros + phase.durationMicros),
    0,
  );
  const isFinished =
    ending !== null &&
    ending.exitName !== "stopped" &&
    ending.drainEndedMicros !== null &&
    (ending.broadcastEndedMicros ?? 0) >= planned - 1e6;
  const hasUnlimited = manifest.scenario.phases.some((phase) => phase.load.kind === "unlimited");
  // A closed loop is over when its transactions are, which may be well before its time.
  if (hasUnlimited && ending?.drainEndedMicros != null && ending.exitName !== "stopped") return "finished";
  return isFinished ? "finished" : "cut-short";
}

async function phaseFigures(ledger: Ledger, manifest: RunManifest, flow: InclusionFlow): Promise<PhaseFigures[]> {
  const groups = await groupFigures(ledger, "phase_index", "true");
  const lastSent = await ledger.database.rows(
    "SELECT phase_index, max(sent_us) AS last FROM ledger WHERE unlimited GROUP BY phase_index",
  );
  const lastByPhase = new Map(lastSent.map((row) => [Number(row.phase_index), Number(row.last ?? 0)]));
  const broadcastEnd = manifest.ending?.broadcastEndedMicros ?? ledger.observedUntilMicros;
  const groupOf = (phase: Phase): GroupFigures => groups.get(String(phase.index)) ?? emptyGroup(phase.name);
  const spans = manifest.scenario.phases.map((phase) => {
    const endMicros = endOf(phase, groupOf(phase), lastByPhase.get(phase.index), broadcastEnd);
    return { index: phase.index, startMicros: phase.startMicros, durationMicros: endMicros - phase.startMicros };
  });
  const accepted = await acceptancesIn(ledger, spans);
  return manifest.scenario.phases.map((phase, i) => {
    const plan = manifest.plan.phases[phase.index];
    const span = spans[i] as Span;
    const endMicros = span.startMicros + span.durationMicros;
    const seconds = span.durationMicros / 1e6;
    const included = includedRateIn(flow, span);
    const figures = toFigures(groupOf(phase), seconds, {
      ...(included === null ? {} : { includedPerSecond: included }),
      ...(seconds > 0 ? { acceptedPerSecond: (accepted.get(phase.index) ?? 0) / seconds } : {}),
    });
    return {
      name: phase.name,
      measured: phase.measured,
      kind: phase.load.kind,
      startMicros: phase.startMicros,
      endMicros,
      fromPerSecond: plan?.fromPerSecond ?? null,
      toPerSecond: plan?.toPerSecond ?? null,
      ...figures,
    };
  });
}

/** A closed loop that used up its transactions was over then; a phase that was cut short, when the broadcast ended. */
function endOf(phase: Phase, group: GroupFigures, lastSentMicros: number | undefined, broadcastEnd: number): number {
  const planned = phase.startMicros + phase.durationMicros;
  const usedUp = phase.load.kind === "unlimited" && group.counts.planned > 0 && group.counts.cancelled === 0;
  const end = usedUp && lastSentMicros !== undefined ? Math.min(planned, lastSentMicros) : planned;
  return Math.max(phase.startMicros, Math.min(end, Math.max(broadcastEnd, phase.startMicros)));
}

async function overallFigures(ledger: Ledger, phases: readonly PhaseFigures[]): Promise<Figures> {
  const group = (await groupFigures(ledger, "'measured'", "measured")).get("measured") ?? emptyGroup("measured");
  const measured = phases.filter((phase) => phase.measured);
  const seconds = measured.reduce((sum, phase) => sum + phase.seconds, 0);
  if (seconds === 0) return toFigures(group, seconds);
  const mean = (rate: keyof PhaseFigures["rates"]): number =>
    measured.reduce((sum, phase) => sum + phase.rates[rate] * phase.seconds, 0) / seconds;
  return toFigures(group, seconds, {
    acceptedPerSecond: mean("acceptedPerSecond"),
    includedPerSecond: mean("includedPerSecond"),
  });
}

interface Span {
  readonly index: number;
  readonly startMicros: number;
  readonly durationMicros: number;
}

/** How many acceptances came in each stretch of time, of whichever phase: what the nodes took meanwhile. */
async function acceptancesIn(ledger: Ledger, spans: readonly Span[]): Promise<Map<number, number>> {
  if (spans.length === 0) return new Map();
  const values = spans.map((span) => `(${span.index}, ${span.startMicros}, ${span.startMicros + span.durationMicros})`);
  const rows = await ledger.database.rows(
    `SELECT span.index, count(*) AS count FROM (VALUES ${values.join(", ")}) span(index, start, stop)
       JOIN ledger ON answered_us >= span.start AND answered_us < span.stop
      WHERE outcome = 'accepted' GROUP BY ALL`,
  );
  return new Map(rows.map((row) => [Number(row.index), Number(row.count)]));
}

async function breakdown(
  ledger: Ledger,
  column: "operation" | "node" | "beacon",
  seconds: number,
): Promise<NamedFigures[]> {
  const groups = await groupFigures(ledger, column, "measured");
  return [...groups.values()].map((group) => ({ name: nameOf(group.key), ...toFigures(group, seconds) }));
}

function nameOf(key: string): string {
  return key === "null" ? "(none)" : key;
}

async function countShed(ledger: Ledger, reason: string): Promise<Counts["shed"]> {
  const row = await ledger.database.row(
    `SELECT count(*) AS count FROM ledger WHERE measured AND outcome = 'shed' AND reason = '${reason}'`,
  );
  return Number(row.count);
}
