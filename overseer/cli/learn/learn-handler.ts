import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import { writeAtomically } from "../../ledger/write-atomically.ts";
import { toHtml } from "../../reporting/formats/report-html.ts";
import { writeMarkdown } from "../../reporting/formats/report-md.ts";
import { learnedContentOf } from "../../reporting/learned/learned-content.ts";
import { learnWorkload } from "../../traffic/learn-workload.ts";
import { learnedScenarioText } from "../../traffic/learned-scenario.ts";
import { TrafficObservation } from "../../traffic/observation.ts";
import { openTraffic, type ReadingContext } from "../../traffic/open-traffic.ts";
import type { CliIo } from "../io.ts";
import { ReadingProgress } from "../progress/reading-progress.ts";
import type { LearnArguments } from "./learn-command.ts";
import { learnedText } from "./learned-text.ts";

export interface LearnContext extends ReadingContext {
  readonly io: CliIo;
}

/** Reads blocks, and writes the scenario and what was fitted to what. Nothing is sent to the network. */
export async function learn(args: LearnArguments, context: LearnContext): Promise<ExitName> {
  const { io } = context;
  const opened = await openTraffic(args, context);
  const { network, range, traffic } = opened;
  const observation = new TrafficObservation(network.blockIntervalMs);
  const progress = new ReadingProgress(range, io, args.quiet);
  try {
    for await (const block of opened.blocks()) {
      observation.add(block);
      progress.read(block.number, observation.transactions);
    }
  } finally {
    progress.end();
    await opened.close();
  }
  const learned = learnWorkload(observation, { network, range, traffic, withNeeds: args.templates });
  const scenario = learnedScenarioText(learned, traffic);
  if (args.report !== undefined) await writePage(learnedContentOf(learned), args.report);
  if (args.output === undefined) {
    io.out(scenario);
    io.err(learnedText(learned, io));
    return "passed";
  }
  await writeAtomically(args.output, scenario);
  io.out(learnedText(learned, io));
  io.out(`Scenario  ${args.output}\n`);
  if (args.report !== undefined) io.out(`Page      ${join(args.report, "report.html")}\n`);
  return "passed";
}

async function writePage(content: ReturnType<typeof learnedContentOf>, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeMarkdown(content, folder);
  await writeAtomically(join(folder, "report.html"), await toHtml(content));
}
