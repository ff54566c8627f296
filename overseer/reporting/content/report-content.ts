import { labelsText } from "../../../shared/scenario/labels.ts";
import type { ReplaySource } from "../../../shared/scenario/scenario.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatInstant,
  formatNumber,
  formatQuantile,
  formatRate,
  formatShare,
  formatUsage,
} from "../figures-text.ts";
import { groupBy } from "../group-by.ts";
import { replayTexts } from "../replay-text.ts";
import type { AccountingLine, Distribution, Figures, RunSummary } from "../run-summary.ts";
import { chainSection } from "./chain-section.ts";
import {
  answerChart,
  beaconChart,
  failuresChart,
  formatValue,
  inclusionChart,
  latenessChart,
  percentilesChart,
  ratesChart,
  waitingChart,
} from "./charts.ts";
import type { Badge, Block, Cell, KeyFigure, Quote, ReportContent, Section, Table, Tone } from "./content.ts";
import { capitalised, columns, empty, plural, tableBlock } from "./make-blocks.ts";
import { resourceBlocks } from "./resource-blocks.ts";

/** The same for every chain: its words come with the summary. */
export function reportContentOf(summary: RunSummary): ReportContent {
  const started = summary.stage !== "not-started";
  const sections = started
    ? [
        happenedSection(summary),
        feltSection(summary),
        chainSection(summary),
        wrongSection(summary),
        whereSection(summary),
        machinesSection(summary),
        trustSection(summary),
        repeatSection(summary),
      ]
    : [wrongSection(summary), machinesSection(summary), trustSection(summary), repeatSection(summary)];
  return {
    title: summary.scenario.name,
    question: summary.scenario.question,
    answer: summary.answer.text,
    warning: warningOf(summary),
    verdict: summary.verdicts.validity.verdict,
    badges: badgesOf(summary),
    keyFigures: started ? keyFiguresOf(summary) : [],
    sections,
    footer:
      `Run ${summary.runId}, started ${summary.startedAt}. ` +
      `Made by ${summary.tool.name} ${summary.tool.version} from the run's ledger.`,
  };
}

function warningOf(summary: RunSummary): string | null {
  const { validity, accounting } = summary.verdicts;
  if (!accounting.holds) {
    return "ACCOUNTING BROKEN: not every transaction ended in exactly one way. No figure below can be relied upon.";
  }
  if (summary.stage === "not-started") return "VOID: the run ended before anything was broadcast.";
  const reasons = validity.checks
    .filter((check) => check.verdict !== "valid" && check.verdict === validity.verdict)
    .map((check) => check.finding);
  if (validity.verdict === "void") {
    return `VOID, generator-bound: the beacons did not keep the schedule, so the figures below are theirs and not the network's. ${reasons.join(" ")}`;
  }
  const cut = summary.stage === "cut-short" ? `CUT SHORT: ${summary.exit.text}. Figures are of what took place. ` : "";
  if (validity.verdict === "degraded") return `${cut}DEGRADED: read the figures with care. ${reasons.join(" ")}`;
  return cut === "" ? null : cut.trim();
}

function badgesOf(summary: RunSummary): Badge[] {
  const { validity, thresholds, accounting } = summary.verdicts;
  const badges: Badge[] = [
    { label: validity.verdict.toUpperCase(), text: instrumentText(summary), tone: verdictTone(validity.verdict) },
  ];
  const total = thresholds.results.length;
  badges.push(
    total === 0
      ? { label: "no thresholds", text: "the scenario sets none", tone: "neutral" }
      : {
          label: `${thresholds.passed} / ${total} thresholds`,
          text: thresholds.failed === 0 ? "all passed" : `${thresholds.failed} failed`,
          tone: thresholds.failed === 0 ? "good" : "bad",
        },
  );
  const planned = summary.phases.reduce((sum, phase) => sum + phase.counts.planned, 0);
  badges.push(
    accounting.holds
      ? {
          label: "accounted for",
          text: `${formatCount(planned)} of ${formatCount(planned)} transactions`,
          tone: "good",
        }
      : { label: "accounting broken", text: "see how far to trust it", tone: "bad" },
  );
  const uncertainty = widestClock(summary);
  if (uncertainty !== null) {
    badges.push({ label: "clocks", text: `± ${formatDuration(uncertainty)}`, tone: "neutral" });
  }
  badges.push({
    label: `exit ${summary.exit.code}`,
    text: summary.exit.name,
    tone: summary.exit.code === 0 ? "good" : "bad",
  });
  return badges;
}

function instrumentText(summary: RunSummary): string {
  if (summary.stage === "not-started") return "nothing was broadcast";
  const { latencies, counts } = summary.overall;
  const lateness =
    latencies.lateness === null
      ? "no schedule to keep"
      : `sent ${formatDuration(latencies.lateness.p99.micros)} late (p99)`;
  const shed = counts.shed === 0 ? "none shed" : `${formatCount(counts.shed)} shed`;
  return `${lateness}, ${shed}`;
}

function verdictTone(verdict: string): Tone {
  return verdict === "valid" ? "good" : verdict === "degraded" ? "warning" : "bad";
}

function widestClock(summary: RunSummary): number | null {
  const known = summary.beacons.flatMap((beacon) =>
    beacon.clockErrorMicros === null ? [] : [beacon.clockErrorMicros],
  );
  return known.length === 0 ? null : Math.max(...known);
}

function keyFiguresOf(summary: RunSummary): KeyFigure[] {
  const { counts, rates, latencies } = summary.overall;
  const { sustained } = summary.answer;
  const p99 = latencies.inclusionIntended?.p99;
  const answer = latencies.answerIntended?.p99;
  return [
    {
      label: "Highest rate kept up with",
      value: sustained === null ? "–" : formatRate(sustained.perSecond),
      note:
        sustained === null
          ? withoutLimit(summary)
          : `for ${formatDuration(sustained.windowMicros, 2)} in ${sustained.phase}`,
      role: "included",
    },
    {
      label: "Included on average",
      value: formatRate(rates.includedPerSecond),
      note: `${formatRate(rates.duePerSecond)} were due`,
      role: "included",
    },
    {
      label: "Got into a block",
      value: counts.due === 0 ? "–" : formatShare(counts.included / counts.due),
      note: `${formatCount(counts.included)} of ${formatCount(counts.due)} due`,
      role: "included",
    },
    {
      label: "Wait for a block, p99",
      value: p99 === undefined ? "–" : formatQuantile(p99),
      note: `p50 ${latencies.inclusionIntended === null ? "–" : formatQuantile(latencies.inclusionIntended.p50)}, from due`,
      role: "included",
    },
    {
      label: "Wait for an answer, p99",
      value: answer === undefined ? "–" : formatQuantile(answer),
      note: `p50 ${latencies.answerIntended === null ? "–" : formatQuantile(latencies.answerIntended.p50)}, from due`,
      role: "accepted",
    },
  ];
}

function withoutLimit(summary: RunSummary): string {
  return summary.verdicts.validity.verdict === "void" ? "not measured: void" : "no stretch was long enough or kept up";
}

function happenedSection(summary: RunSummary): Section {
  return {
    id: "happened",
    title: "What happened",
    short: "Timeline",
    lead: "Due is what the scenario asked for, whatever became of it. Phases are shaded; a warm-up is not part of the figures that answer the question.",
    blocks: [
      ...(summary.replay === null ? [] : replayBlocks(summary.replay)),
      ratesChart(summary),
      tableBlock(phasesTable(summary)),
      waitingChart(summary),
    ],
  };
}

function replayBlocks(replay: ReplaySource): Block[] {
  const text: Block = { kind: "text", text: `Replayed was ${replayTexts(replay).join(" ")}` };
  if (replay.leftOut.length === 0) return [text];
  const table = tableBlock({
    title: "Not replayed",
    columns: columns("Kind", ">Operations", ">Of all captured", "Why"),
    rows: replay.leftOut.map(({ kind, operations, reason }) => [
      kind,
      formatCount(operations),
      formatShare(operations / replay.operations.captured),
      reason,
    ]),
    note: null,
  });
  return [text, table];
}

function phasesTable(summary: RunSummary): Table {
  const { operations } = summary.vocabulary;
  const areSeveral = summary.overall.counts.operations !== summary.overall.counts.planned;
  return {
    title: "Phases",
    columns: columns(
      "Phase",
      "Load",
      ">Length",
      ">Due (tx)",
      ">Sent (tx)",
      ">Accepted (tx)",
      ">Included (tx)",
      ">Of due",
      ">Due (tx/s)",
      ">Included (tx/s)",
      ...(areSeveral ? [`>${capitalised(operations)}/s`] : []),
    ),
    rows: summary.phases.map((phase) => [
      phase.measured ? phase.name : `${phase.name} (unmeasured)`,
      loadText(phase),
      formatDuration(phase.seconds * 1e6),
      formatCount(phase.counts.due),
      formatCount(phase.counts.sent),
      formatCount(phase.counts.accepted),
      formatCount(phase.counts.included),
      shareText(phase.counts.included, phase.counts.due),
      formatNumber(phase.rates.duePerSecond),
      formatNumber(phase.rates.includedPerSecond),
      ...(areSeveral ? [formatNumber(phase.rates.includedOperationsPerSecond)] : []),
    ]),
    note: "Included per second is of what blocks took in during the phase, each dated within its block's interval; everything else is of the transactions that were due in the phase.",
  };
}

function loadText(phase: RunSummary["phases"][number]): string {
  if (phase.kind === "unlimited") return "as fast as answers come";
  const { fromPerSecond: from, toPerSecond: to } = phase;
  if (from === null || to === null) return "as captured";
  return from === to ? formatRate(from) : `${formatNumber(from)} → ${formatRate(to)}`;
}

function feltSection(summary: RunSummary): Section {
  return {
    id: "felt",
    title: "What users felt",
    short: "Latency",
    lead:
      "From due: what somebody waits who wants to transact at the scheduled moment; every due transaction counts, and one that never arrived counts with the time until the end of the observation, shown as ≥. " +
      "From sent: what the network alone took, of those that arrived.",
    blocks: [
      tableBlock(latencyTable("Latency, all measured phases", summary.overall, widestClock(summary))),
      percentilesChart(summary),
      inclusionChart(summary),
      answerChart(summary),
      tableBlock(phaseLatencyTable(summary)),
    ],
  };
}

const quantileColumns = [">p50", ">p75", ">p90", ">p95", ">p99", ">p99.9", ">Max", ">Mean"];

function latencyTable(title: string, { latencies }: Figures, clockErrorMicros: number | null): Table {
  const error = clockErrorMicros === null ? "clocks not compared" : `± ${formatDuration(clockErrorMicros)}`;
  const row = (name: string, distribution: Distribution | null): Cell[] => [
    name,
    ...quantileCells(distribution),
    distribution === null ? "0" : formatCount(distribution.count),
    distribution === null ? "0" : formatCount(distribution.censored),
  ];
  return {
    title,
    columns: columns("Measured", ...quantileColumns, ">Transactions", ">Never arrived"),
    rows: [
      row("Answer, from due", latencies.answerIntended),
      row("Answer, from sent", latencies.answerService),
      row(`In a block, from due (${error})`, latencies.inclusionIntended),
      row(`In a block, from due, included ones only (${error})`, latencies.inclusionOfIncluded),
      row(`In a block, from sent (${error})`, latencies.inclusionService),
      row(`Irreversible, from due, those seen to become so (${error})`, latencies.irreversibility),
    ],
    note: null,
  };
}

function quantileCells(distribution: Distribution | null): Cell[] {
  if (distribution === null) return quantileColumns.map(() => "–");
  const { p50, p75, p90, p95, p99, p999, max, mean } = distribution;
  return [p50, p75, p90, p95, p99, p999, max, mean].map(formatQuantile);
}

function phaseLatencyTable(summary: RunSummary): Table {
  return {
    title: "Latency of each phase, from due",
    columns: columns(
      "Phase",
      ">Answer p50",
      ">Answer p99",
      ">Answer p99.9",
      ">Answer max",
      ">Block p50",
      ">Block p99",
      ">Block p99.9",
      ">Block max",
    ),
    rows: summary.phases.map((phase) => [
      phase.name,
      ...shortQuantiles(phase.latencies.answerIntended),
      ...shortQuantiles(phase.latencies.inclusionIntended),
    ]),
    note: null,
  };
}

function shortQuantiles(distribution: Distribution | null): Cell[] {
  if (distribution === null) return ["–", "–", "–", "–"];
  return [distribution.p50, distribution.p99, distribution.p999, distribution.max].map(formatQuantile);
}

function wrongSection(summary: RunSummary): Section {
  const { errors } = summary;
  const blocks: Block[] = [];
  if (summary.stage !== "not-started") blocks.push(failuresChart(summary));
  if (errors.length === 0) blocks.push(empty("Every planned transaction got into a block."));
  else blocks.push(tableBlock(errorsTable(summary)));
  for (const error of errors.filter(({ samples }) => samples.length > 0)) {
    blocks.push({ kind: "quotes", title: `What nodes said: ${error.reason}`, quotes: quotesOf(error.samples) });
  }
  blocks.push(eventsBlock(summary));
  return { id: "wrong", title: "What went wrong", short: "Errors", lead: null, blocks };
}

/** What several nodes said alike stands once. */
function quotesOf(samples: RunSummary["errors"][number]["samples"]): Quote[] {
  const byText = groupBy(samples, (sample) => sample.message);
  return [...byText].map(([text, same]) => ({ source: same.map((sample) => sample.node).join(", "), text }));
}

function errorsTable({ errors }: RunSummary): Table {
  return {
    title: "Transactions that did not get through, by what became of them and why",
    columns: columns("What became of them", "Why", ">Transactions", ">Share of planned", ">First", ">Last", "At node"),
    rows: errors.map((error) => [
      error.kind,
      error.reason === error.kind ? "–" : error.reason,
      formatCount(error.count),
      formatShare(error.share),
      error.firstMicros === null ? "–" : formatInstant(error.firstMicros),
      error.lastMicros === null ? "–" : formatInstant(error.lastMicros),
      error.byNode.map((node) => `${node.name}: ${formatCount(node.count)}`).join(", "),
    ]),
    note: "Unanswered transactions that turned up in a block all the same are in this list and count as included.",
  };
}

function eventsBlock({ events }: RunSummary): Block {
  const notable = events.filter((event) => event.severity !== "info");
  if (notable.length === 0) return empty("Nothing else was noticed: no beacon, node or fork gave cause for concern.");
  const shown = notable.slice(0, maximumEvents);
  return tableBlock({
    title: "Events",
    columns: columns(">Time", "About", "Severity", "Event"),
    rows: shown.map((event) => [
      event.atMicros === null ? "before the start" : formatInstant(event.atMicros),
      event.subject ?? event.kind,
      { text: event.severity, tone: event.severity === "error" ? "bad" : "warning" },
      event.text,
    ]),
    note: shown.length < notable.length ? `The first ${shown.length} of ${notable.length}; all are in run.json.` : null,
  });
}

const maximumEvents = 100;

function whereSection(summary: RunSummary): Section {
  const { breakdowns, vocabulary } = summary;
  return {
    id: "where",
    title: `By ${vocabulary.operation}, node and beacon`,
    short: "Breakdown",
    lead: "Measured phases only.",
    blocks: [
      breakdownBlock(capitalised(vocabulary.operation), breakdowns.byOperation),
      breakdownBlock("Node", breakdowns.byNode),
      breakdownBlock("Beacon", breakdowns.byBeacon),
    ],
  };
}

function breakdownBlock(title: string, groups: RunSummary["breakdowns"]["byNode"]): Block {
  if (groups.length === 0) return empty(`By ${title.toLowerCase()}: no transaction was planned.`);
  return tableBlock({
    title: `By ${title.toLowerCase()}`,
    columns: columns(
      title,
      ">Due (tx)",
      ">Due (tx/s)",
      ">Accepted",
      ">Rejected",
      ">Unanswered",
      ">Shed",
      ">Included",
      ">Answer p50",
      ">Answer p99",
      ">Block p50",
      ">Block p99",
    ),
    rows: groups.map((group) => [
      group.name,
      formatCount(group.counts.due),
      formatNumber(group.rates.duePerSecond),
      shareText(group.counts.accepted, group.counts.due),
      shareText(group.counts.rejected, group.counts.due),
      shareText(group.counts.unanswered, group.counts.due),
      shareText(group.counts.shed, group.counts.due),
      shareText(group.counts.included, group.counts.due),
      ...fromDue(group.latencies.answerIntended),
      ...fromDue(group.latencies.inclusionIntended),
    ]),
    note: null,
  });
}

function fromDue(distribution: Distribution | null): Cell[] {
  return distribution === null ? ["–", "–"] : [formatQuantile(distribution.p50), formatQuantile(distribution.p99)];
}

function machinesSection(summary: RunSummary): Section {
  const { beacons } = summary;
  const blocks: Block[] = [];
  if (beacons.length === 0) blocks.push(empty("No beacon took part."));
  else blocks.push(tableBlock(beaconsTable(summary)), tableBlock(preparationTable(summary)));
  if (beacons.some((beacon) => beacon.resources !== null)) {
    blocks.push(
      tableBlock(resourcesTable(summary)),
      latenessChart(summary),
      beaconChart(summary, "beacon-cpu", "Processor time of each beacon, all threads", "Cores in use", "cpuCores"),
      beaconChart(
        summary,
        "host-cpu",
        "How busy each beacon's host was with anything",
        "Share of the host's processors",
        "hostCpuShare",
      ),
      beaconChart(summary, "memory", "Memory of each beacon", "Resident memory", "residentBytes"),
      beaconChart(
        summary,
        "loop-delay",
        "Longest delay of the sending thread in each second",
        "Event-loop delay",
        "sendLoopDelayMicros",
      ),
    );
  } else if (beacons.length > 0) {
    blocks.push(empty("No beacon sent statistics."));
  }
  blocks.push(...resourceBlocks(summary));
  return { id: "machines", title: "What the machines did", short: "Machines", lead: null, blocks };
}

function beaconsTable({ beacons }: RunSummary): Table {
  return {
    title: "Beacons",
    columns: columns("Beacon", "Labels", "Host", "Node.js", ">Clock known to", "Stayed"),
    rows: beacons.map((beacon) => [
      beacon.name,
      labelsText(beacon.labels),
      `${beacon.host.hostname}, ${beacon.host.cpus} × ${beacon.host.cpuModel}`,
      beacon.host.node,
      beacon.clockErrorMicros === null ? "not measured" : `± ${formatDuration(beacon.clockErrorMicros)}`,
      beacon.lost === null
        ? { text: "to the end", tone: "good" }
        : {
            text: `lost${beacon.lost.atMicros === null ? "" : ` at ${formatInstant(beacon.lost.atMicros)}`}: ${beacon.lost.text}`,
            tone: "bad",
          },
    ]),
    note: null,
  };
}

function resourcesTable({ beacons }: RunSummary): Table {
  return {
    title: "What the beacons used",
    columns: columns(
      "Beacon",
      ">CPU, mean",
      ">CPU, peak",
      ">Host busy, p95",
      ">Memory, peak",
      ">Sending held up, p95",
      ">In flight, peak",
      ">Connections lost",
    ),
    rows: beacons.map((beacon) => [beacon.name, ...resourceCells(beacon.resources)]),
    note: "CPU counts all threads of the beacon: 1 core is one processor busy. Sending held up is the longest event-loop delay of the sending thread within each second.",
  };
}

function resourceCells(resources: RunSummary["beacons"][number]["resources"]): Cell[] {
  if (resources === null) return ["–", "–", "–", "–", "–", "–", "–"];
  return [
    `${formatNumber(resources.cpuCores.mean, 2)} cores`,
    `${formatNumber(resources.cpuCores.maximum, 2)} cores`,
    formatShare(resources.hostCpuShare.p95),
    formatBytes(resources.residentBytes.maximum),
    formatDuration(resources.sendLoopDelayMicros.p95),
    formatCount(resources.inFlight.maximum),
    formatCount(resources.connectionsLost),
  ];
}

function preparationTable({ beacons }: RunSummary): Table {
  return {
    title: "Signing before the start",
    columns: columns(
      "Beacon",
      ">Transactions",
      ">Time",
      ">Threads",
      ">Signed (tx/s)",
      ">Store",
      ">Memory per transaction",
    ),
    rows: beacons.map(({ name, preparation }) =>
      preparation === null
        ? [name, "not finished", "–", "–", "–", "–", "–"]
        : [
            name,
            formatCount(preparation.transactions),
            formatDuration(preparation.seconds * 1e6),
            formatCount(preparation.threads),
            formatNumber(preparation.perSecond),
            formatBytes(preparation.storeBytes),
            preparation.residentBytesPerTransaction === null
              ? "–"
              : formatBytes(preparation.residentBytesPerTransaction),
          ],
    ),
    note: null,
  };
}

function trustSection(summary: RunSummary): Section {
  const { validity, thresholds } = summary.verdicts;
  return {
    id: "trust",
    title: "How far to trust it",
    short: "Trust",
    lead: "Validity is about the instrument: whether the beacons offered what the scenario asked for, when it asked for it.",
    blocks: [
      tableBlock({
        title: "Validity",
        columns: columns("Check", "Verdict", "Finding", "Limit"),
        rows: validity.checks.map((check) => [
          check.name,
          { text: check.verdict, tone: verdictTone(check.verdict) },
          check.finding,
          check.limit,
        ]),
        note: null,
      }),
      thresholds.results.length === 0
        ? empty("The scenario sets no thresholds.")
        : tableBlock(thresholdsTable(summary)),
      tableBlock(accountingTable(summary)),
    ],
  };
}

function thresholdsTable({ verdicts }: RunSummary): Table {
  const units = { share: "share", rate: "perSecond", latency: "micros" } as const;
  return {
    title: "Thresholds",
    columns: columns("Metric", "Wanted", ">Found", "Verdict"),
    rows: verdicts.thresholds.results.map((result) => [
      result.metric,
      `${result.comparison} ${result.limitText}`.trim(),
      result.value === null
        ? "nothing to measure"
        : `${result.atLeast ? "≥ " : ""}${formatValue(result.value, units[result.unit])}${result.unit === "rate" ? " tx/s" : ""}`,
      { text: result.status, tone: result.status === "passed" ? "good" : "bad" },
    ]),
    note: "Undecided counts as failed: what was seen does not show that the threshold holds.",
  };
}

function accountingTable({ verdicts }: RunSummary): Table {
  const { lines } = verdicts.accounting;
  const byBeacon = [...groupBy(lines, (line) => line.beacon ?? "")].filter(([beacon]) => beacon !== "");
  const agreeing = byBeacon.filter(([, group]) => group.every((line) => line.holds && line.right.length > 0));
  const inShort = new Set(agreeing.flatMap(([, group]) => group));
  const shown = lines.filter((line) => !inShort.has(line));
  return {
    title: "Accounting",
    columns: columns("What must hold", ">Transactions", "Counted as", "Holds", "Compared"),
    rows: [...shown.map(accountingRow), ...agreeing.map(agreementRow)],
    note: agreeing.length === 0 ? null : "The counters are in run.json one by one.",
  };
}

function accountingRow(line: AccountingLine): Cell[] {
  return [
    line.name,
    line.right.length === 0 ? "–" : `${line.left.label} ${formatCount(line.left.count)}`,
    line.right.length === 0 ? "–" : line.right.map((term) => `${term.label} ${formatCount(term.count)}`).join(" + "),
    line.right.length === 0
      ? { text: "not compared", tone: "neutral" }
      : { text: line.holds ? "yes" : "NO", tone: line.holds ? "good" : "bad" },
    line.source,
  ];
}

function agreementRow([beacon, lines]: readonly [string, readonly AccountingLine[]]): Cell[] {
  const sent = lines.find((line) => line.left.label === "sent");
  return [
    `${beacon} counted the same while it ran`,
    sent === undefined ? "–" : `sent ${formatCount(sent.left.count)}`,
    `${lines.length} counters`,
    { text: "yes", tone: "good" },
    lines[0]?.source ?? "",
  ];
}

function repeatSection(summary: RunSummary): Section {
  const { network, repeat, host, tool } = summary;
  const facts = Object.entries(network.facts).map(([name, value]): Cell[] => [capitalised(name), value]);
  return {
    id: "repeat",
    title: "How to repeat this run",
    short: "Repeat",
    lead: `The scenario below with seed ${repeat.seed} gives the same transactions to the same nodes at the same moments.`,
    blocks: [
      { kind: "code", title: "Command", text: repeat.command.map(shellWord).join(" "), language: "sh" },
      { kind: "code", title: repeat.scenarioPath, text: repeat.scenarioText, language: "yaml" },
      tableBlock({
        title: "Network",
        columns: columns("Property", "Value"),
        rows: [
          ["Chain", network.chain],
          ["Chain id", network.chainId],
          ["Block interval", formatDuration(network.blockIntervalMs * 1e3)],
          ["Block size limit", formatBytes(network.maximumBlockBytes)],
          ...summary.vocabulary.blockUsage.map(({ key, label, unit }): Cell[] => [
            `${label} limit of a block`,
            network.blockLimits[key] === undefined ? "none" : formatUsage(network.blockLimits[key], unit),
          ]),
          ["Transaction size limit", formatBytes(network.maximumTransactionBytes)],
          [capitalised(plural(summary.vocabulary.producer)), formatCount(network.producers)],
          ["Head at the start", `#${formatCount(network.headNumber)}`],
          ...facts,
        ],
        note: null,
      }),
      tableBlock({
        title: "Nodes",
        columns: columns("Node", "Endpoint", "Version", ">Head at the start"),
        rows: network.nodes.map((node) => [
          node.name,
          node.endpoint,
          node.version ?? "unknown",
          `#${formatCount(node.headNumber)}`,
        ]),
        note: null,
      }),
      tableBlock({
        title: "Overseer",
        columns: columns("Property", "Value"),
        rows: [
          ["Program", `${tool.name} ${tool.version}`],
          ["Node.js", `${tool.node} on ${tool.platform}`],
          ["Host", `${host.hostname}, ${host.cpus} × ${host.cpuModel}, ${formatBytes(host.memoryBytes)}`],
          ["Started", summary.startedAt],
          [
            "First transaction due",
            summary.t0WallMillis === null ? "never" : new Date(summary.t0WallMillis).toISOString(),
          ],
          ["Ended", summary.exit.text],
          ["Files", "run.json has every figure, ledger.parquet one row for each planned transaction"],
        ],
        note: null,
      }),
      ...costBlocks(summary),
    ],
  };
}

function costBlocks({ cost }: RunSummary): Block[] {
  if (cost === null || cost.lines.length === 0) return [];
  return [
    tableBlock({
      title: "What the run could cost at most",
      columns: columns("Asset", ">Needed", ">Available"),
      rows: cost.lines.map((line) => [
        line.asset,
        inUnits(line.needed, line.precision),
        inUnits(line.available, line.precision),
      ]),
      note: null,
    }),
  ];
}

/** Smallest units as decimal text, without going through a double. */
function inUnits(amount: string, precision: number): string {
  if (!/^\d+$/.test(amount)) return amount;
  const digits = amount.padStart(precision + 1, "0");
  const fraction = precision === 0 ? "" : digits.slice(-precision).replace(/0+$/, "");
  const whole = digits.slice(0, digits.length - precision).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function shareText(part: number, whole: number): string {
  return whole === 0 ? "–" : formatShare(part / whole);
}
