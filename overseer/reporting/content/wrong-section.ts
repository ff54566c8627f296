import { formatCount, formatInstant, formatOf, formatShare } from "../figures-text.ts";
import { groupBy } from "../group-by.ts";
import type { RunSummary } from "../run-summary.ts";
import { failuresChart } from "./charts.ts";
import type { Block, Quote, Section, Table } from "./content.ts";
import { columns, empty, tableBlock } from "./make-blocks.ts";

export function wrongSection(summary: RunSummary): Section {
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
  const notable = withoutRepeats(events.filter((event) => event.severity !== "info"));
  if (notable.length === 0) return empty("Nothing else was noticed: no beacon, node or fork gave cause for concern.");
  const shown = notable.slice(0, maximumEvents);
  return tableBlock({
    title: "Events",
    columns: columns(">Time", "About", "Severity", "Event"),
    rows: shown.map((event) => [
      event.atMicros === null ? "before the start" : formatInstant(event.atMicros),
      event.subject ?? event.kind,
      { text: event.severity, tone: event.severity === "error" ? "bad" : "warning" },
      event.times === 1 ? event.text : `${event.text} (${formatOf(event.times, "time", "times")})`,
    ]),
    note: shown.length < notable.length ? `The first ${shown.length} of ${notable.length}; all are in run.json.` : null,
  });
}

const maximumEvents = 100;
/** As when each connection to a node tells that it broke. */
const atOnceMicros = 1e6;

type Repeated = RunSummary["events"][number] & { readonly times: number };

/** What was told again within a second of the first time stands once, with how often. */
function withoutRepeats(events: RunSummary["events"]): Repeated[] {
  const told: Repeated[] = [];
  const last = new Map<string, number>();
  for (const event of events) {
    const key = JSON.stringify([event.kind, event.subject, event.severity, event.text]);
    const position = last.get(key);
    const before = position === undefined ? undefined : told[position];
    if (position !== undefined && before !== undefined && isAtOnce(before, event)) {
      told[position] = { ...before, times: before.times + 1 };
    } else {
      last.set(key, told.length);
      told.push({ ...event, times: 1 });
    }
  }
  return told;
}

function isAtOnce(a: Repeated, b: RunSummary["events"][number]): boolean {
  return a.atMicros !== null && b.atMicros !== null && b.atMicros - a.atMicros < atOnceMicros;
}
