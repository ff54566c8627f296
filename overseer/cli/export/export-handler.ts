import { Ansis } from "ansis";
import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import { type ExportResult, exportRun } from "../../export/export-run.ts";
import { formatCount, formatOf } from "../../reporting/figures-text.ts";
import type { CliIo } from "../io.ts";
import type { ExportArguments } from "./export-command.ts";
import { exportTargetOf } from "./export-target.ts";

export interface ExportContext {
  readonly io: CliIo;
  readonly signal: AbortSignal;
  /** Stands in for the time between two tries in tests. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const shownReasons = 10;

/** Sends a run's figures. Exits with `report-failed` when the server did not take all of them. */
export async function exportFigures(args: ExportArguments, { io, signal, pause }: ExportContext): Promise<ExitName> {
  const target = await exportTargetOf(args, io);
  const result = await exportRun(args.run, args.index, target, {
    signal,
    onRetry: (why, afterMs) => io.err(`${why}; trying again in ${afterMs / 1000} s\n`),
    ...(pause === undefined ? {} : { pause }),
  });
  const { url } = target;
  io.out(args.json ? `${JSON.stringify({ type: "result", ...result, to: url })}\n` : textOf(result, url, io));
  return result.refused.length === 0 ? "passed" : "report-failed";
}

function textOf({ runId, index, written, refused }: ExportResult, url: string, io: CliIo): string {
  const paint = new Ansis(io.color ? 3 : 0);
  const total = refused.reduce((sum, { count }) => sum + count, 0);
  const documents = (count: number): string => formatOf(count, "document", "documents");
  const lines = [`${paint.bold("Exported")}  ${documents(written)} of ${runId} to ${url}/${index}`];
  if (total > 0) lines.push(`${paint.red("Refused")}   ${documents(total)}`);
  for (const { reason, count } of refused.slice(0, shownReasons)) lines.push(`  ${formatCount(count)} × ${reason}`);
  if (refused.length > shownReasons) lines.push(`  and for ${refused.length - shownReasons} other reasons`);
  return `${lines.join("\n")}\n`;
}
