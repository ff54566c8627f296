import { stat } from "node:fs/promises";
import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import { formatBytes, formatCount, formatShare } from "../../reporting/figures-text.ts";
import { openTraffic, type ReadingContext } from "../../traffic/open-traffic.ts";
import { writeCapture } from "../../traffic/write-capture.ts";
import type { CliIo } from "../io.ts";
import { ReadingProgress } from "../progress/reading-progress.ts";
import type { CaptureArguments } from "./capture-command.ts";

export interface CaptureContext extends ReadingContext {
  readonly io: CliIo;
}

/** Kinds that the result names; the file has all. */
const mostKinds = 8;

/** Reads blocks and keeps their transactions. Nothing is sent to the network. */
export async function capture(args: CaptureArguments, context: CaptureContext): Promise<ExitName> {
  const { io } = context;
  const opened = await openTraffic(args, context);
  const { network, range } = opened;
  const progress = new ReadingProgress(range, io, args.quiet);
  const watched = async function* (): ReturnType<typeof opened.blocks> {
    let transactions = 0;
    for await (const block of opened.blocks()) {
      transactions += block.transactions.length;
      progress.read(block.number, transactions);
      yield block;
    }
  };
  try {
    const header = await writeCapture(watched(), { path: args.output, network, range, withNames: args.names });
    progress.end();
    const { size } = await stat(args.output);
    const kinds = header.kinds
      .slice(0, mostKinds)
      .map(({ kind, operations }) => `${kind} ${formatShare(operations / header.operations)}`);
    const more = header.kinds.length > mostKinds ? `, and ${header.kinds.length - mostKinds} rarer ones` : "";
    io.out(
      `Captured  blocks ${range.first} to ${range.last}: ${formatCount(header.transactions)} transactions with ` +
        `${formatCount(header.operations)} operations of ${formatCount(header.accounts)} accounts\n` +
        (kinds.length === 0 ? "" : `Kinds     ${kinds.join(", ")}${more}\n`) +
        `Capture   ${args.output}, ${formatBytes(size)}\n`,
    );
    return "passed";
  } finally {
    progress.end();
    await opened.close();
  }
}
