import { formatBytes, formatCount, formatDuration, formatUnits, formatUsage } from "../figures-text.ts";
import type { RunSummary } from "../run-summary.ts";
import type { Block, Cell, Section } from "./content.ts";
import { capitalised, columns, plural, tableBlock } from "./make-blocks.ts";

export function repeatSection(summary: RunSummary): Section {
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
        formatUnits(line.needed, line.precision),
        formatUnits(line.available, line.precision),
      ]),
      note: null,
    }),
  ];
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
