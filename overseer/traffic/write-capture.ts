import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { finished } from "node:stream/promises";
import { constants, createGzip, type Gzip } from "node:zlib";
import type { NetworkDescription } from "../../shared/chains/driver.ts";
import type { TrafficBlock, TrafficOperation } from "../../shared/chains/traffic.ts";
import { isAppError } from "../../shared/errors/app-error.ts";
import {
  type CapturedBlock,
  type CapturedOperation,
  type CaptureHeader,
  newCaptureHeader,
} from "../../shared/traffic/capture-format.ts";
import { withCapture } from "../../shared/traffic/read-capture.ts";
import { cannotWrite } from "../ledger/write-atomically.ts";
import type { BlockRange } from "./block-range.ts";

export interface CaptureOptions {
  readonly path: string;
  readonly network: Pick<NetworkDescription, "chain" | "chainId" | "blockIntervalMs">;
  readonly range: BlockRange;
  /** Whether the accounts' names are kept; otherwise nothing tells who they were. */
  readonly withNames: boolean;
}

/**
 * Writes the blocks as they come, and then once more with accounts and kinds numbered by how often they occur, which is
 * known only then. The file appears whole or not at all. Throws AppError REPORT_FAILED, and whatever reading throws.
 */
export async function writeCapture(
  blocks: AsyncIterable<TrafficBlock>,
  { path, network, range, withNames }: CaptureOptions,
): Promise<CaptureHeader> {
  const suffix = randomBytes(4).toString("hex");
  const [first, second] = [`${path}.${suffix}.1.tmp`, `${path}.${suffix}.2.tmp`];
  try {
    const numbering = new Numbering();
    const facts = {
      ...{ chain: network.chain, chainId: network.chainId, blockIntervalMs: network.blockIntervalMs },
      ...{ firstBlock: range.first, lastBlock: range.last },
    };
    const provisional = { ...facts, blocks: 0, transactions: 0, operations: 0, accounts: 0, kinds: [], names: null };
    await writeLines(first, newCaptureHeader(provisional), numbered(blocks, numbering));
    const header = newCaptureHeader({ ...facts, ...numbering.totals(withNames) });
    await withCapture(first, (reader) => writeLines(second, header, ranked(reader.blocks(), numbering)));
    await rename(second, path).catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
    return header;
  } finally {
    await Promise.all([first, second].map((file) => rm(file, { force: true })));
  }
}

interface Counted {
  readonly name: string;
  readonly position: number;
  transactions: number;
  operations: number;
}

/** Numbers accounts and kinds in the order in which they turn up, and then by how often they did. */
class Numbering {
  blocks = 0;
  transactions = 0;
  operations = 0;
  readonly #accounts = new Map<string, Counted>();
  readonly #kinds = new Map<string, Counted>();

  toBlock({ number, timestampMs, transactions }: TrafficBlock): CapturedBlock {
    this.blocks++;
    this.transactions += transactions.length;
    const captured = transactions.map(({ operations }) => {
      this.operations += operations.length;
      const [sender] = operations[0]?.accounts ?? [];
      if (sender !== undefined) counted(this.#accounts, sender).transactions++;
      return operations.map((operation) => this.#toOperation(operation));
    });
    return [number, timestampMs, captured];
  }

  totals(
    withNames: boolean,
  ): Pick<CaptureHeader, "blocks" | "transactions" | "operations" | "accounts" | "kinds" | "names"> {
    const { blocks, transactions, operations } = this;
    const kinds = inRank(this.#kinds).map(({ name, operations: number }) => ({ kind: name, operations: number }));
    const names = withNames ? inRank(this.#accounts).map(({ name }) => name) : null;
    return { blocks, transactions, operations, accounts: this.#accounts.size, kinds, names };
  }

  /** The number that each first one becomes. */
  get accountRanks(): Uint32Array {
    return ranksOf(this.#accounts);
  }

  get kindRanks(): Uint32Array {
    return ranksOf(this.#kinds);
  }

  #toOperation({ kind, accounts, size, fields }: TrafficOperation): CapturedOperation {
    const known = counted(this.#kinds, kind);
    known.operations++;
    const positions = accounts.map((name) => {
      const account = counted(this.#accounts, name);
      account.operations++;
      return account.position;
    });
    return [known.position, positions, size, fields];
  }
}

function counted(all: Map<string, Counted>, name: string): Counted {
  const known = all.get(name);
  if (known !== undefined) return known;
  const made = { name, position: all.size, transactions: 0, operations: 0 };
  all.set(name, made);
  return made;
}

function inRank(all: ReadonlyMap<string, Counted>): Counted[] {
  return [...all.values()].sort(
    (a, b) => b.transactions - a.transactions || b.operations - a.operations || a.position - b.position,
  );
}

function ranksOf(all: ReadonlyMap<string, Counted>): Uint32Array {
  const ranks = new Uint32Array(all.size);
  for (const [rank, { position }] of inRank(all).entries()) ranks[position] = rank;
  return ranks;
}

async function* numbered(blocks: AsyncIterable<TrafficBlock>, numbering: Numbering): AsyncGenerator<CapturedBlock> {
  for await (const block of blocks) yield numbering.toBlock(block);
}

async function* ranked(blocks: AsyncIterable<CapturedBlock>, numbering: Numbering): AsyncGenerator<CapturedBlock> {
  const { accountRanks, kindRanks } = numbering;
  for await (const [number, timestampMs, transactions] of blocks) {
    const renumbered = transactions.map((operations) =>
      operations.map(
        ([kind, accounts, size, fields]): CapturedOperation => [
          kindRanks[kind] as number,
          accounts.map((account) => accountRanks[account] as number),
          size,
          fields,
        ],
      ),
    );
    yield [number, timestampMs, renumbered];
  }
}

async function writeLines(path: string, header: CaptureHeader, blocks: AsyncIterable<CapturedBlock>): Promise<void> {
  // Lines are much alike: even the lowest level of compression makes them small.
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  const file = createWriteStream(path);
  const written = finished(gzip.pipe(file));
  written.catch(() => undefined);
  // Whoever waits for the file hears of it; without a listener it would end the process.
  gzip.on("error", () => undefined);
  file.on("error", (error) => gzip.destroy(error));
  try {
    await writeLine(gzip, header);
    for await (const block of blocks) await writeLine(gzip, block);
    await writeLine(gzip, { end: true });
    gzip.end();
    await written;
  } catch (error) {
    gzip.destroy();
    file.destroy();
    const isOurs = isAppError(error) || (error as { code?: unknown }).code === undefined;
    throw isOurs ? error : cannotWrite(path, error);
  }
}

async function writeLine(gzip: Gzip, value: unknown): Promise<void> {
  if (!gzip.write(`${JSON.stringify(value)}\n`)) await once(gzip, "drain");
}
