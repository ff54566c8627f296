import { labelsText } from "../../../shared/scenario/labels.ts";
import { formatBytes, formatCount, formatDuration, formatInstant, formatNumber, formatShare } from "../figures-text.ts";
import type { RunSummary } from "../run-summary.ts";
import { beaconChart, latenessChart } from "./charts.ts";
import type { Block, Cell, Section, Table } from "./content.ts";
import { columns, empty, tableBlock } from "./make-blocks.ts";
import { resourceBlocks } from "./resource-blocks.ts";

export function machinesSection(summary: RunSummary): Section {
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
  const isLabelled = beacons.some(({ labels }) => Object.keys(labels).length > 0);
  return {
    title: "Beacons",
    columns: columns("Beacon", ...(isLabelled ? ["Labels"] : []), "Host", "Node.js", ">Clock known to", "Stayed"),
    rows: beacons.map((beacon) => [
      beacon.name,
      ...(isLabelled ? [labelsText(beacon.labels)] : []),
      `${beacon.host.hostname}, ${beacon.host.cpus} × ${beacon.host.cpuModel}`,
      beacon.host.node,
      beacon.clockErrorMicros === null ? "not measured" : `±\u00a0${formatDuration(beacon.clockErrorMicros)}`,
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
