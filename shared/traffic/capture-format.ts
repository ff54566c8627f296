import { z } from "zod";
import type { TrafficValue } from "../chains/traffic.ts";

/**
 * A capture is gzip'd JSON, one value a line: a header, one line for each block in their order, and a line that says that
 * it is whole. Accounts are numbers, the one that sent most transactions being 0; texts and data are lengths.
 */
export const captureFormat = "loadstone-capture";
/** Raised whenever an older reader would misunderstand. */
const captureVersion = 1;

const count = z.number().int().min(0);

export const captureHeaderSchema = z.object({
  format: z.literal(captureFormat),
  version: z.literal(captureVersion),
  chain: z.string(),
  chainId: z.string(),
  blockIntervalMs: z.number().positive(),
  firstBlock: count,
  lastBlock: count,
  blocks: count,
  transactions: count,
  operations: count,
  /** How many different ones the operations name. */
  accounts: count,
  /** The commonest first; operations name them by their position. */
  kinds: z.array(z.object({ kind: z.string(), operations: count })),
  /** By number; null: they are not told. */
  names: z.array(z.string()).nullable(),
});
export type CaptureHeader = z.output<typeof captureHeaderSchema>;

/** `[kind, accounts with the payer first, size, fields]`, see `TrafficOperation`. */
export type CapturedOperation = readonly [
  kind: number,
  accounts: readonly number[],
  size: number,
  fields: TrafficValue,
];

/** `[number, time in ms since 1970, transactions]` */
export type CapturedBlock = readonly [
  number: number,
  timestampMs: number,
  transactions: readonly (readonly CapturedOperation[])[],
];

export const captureEndSchema = z.object({ end: z.literal(true) });

export function newCaptureHeader(facts: Omit<CaptureHeader, "format" | "version">): CaptureHeader {
  return { format: captureFormat, version: captureVersion, ...facts };
}
