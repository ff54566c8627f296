import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { AppError, messageOf } from "../errors/app-error.ts";
import { type CapturedBlock, type CaptureHeader, captureEndSchema, captureHeaderSchema } from "./capture-format.ts";

export interface CaptureReader {
  readonly header: CaptureHeader;
  /** Once, in their order. Throws AppError CAPTURE_UNREADABLE where the file is damaged or ends early. */
  blocks(): AsyncGenerator<CapturedBlock, void, undefined>;
}

/**
 * Opens a capture; `use` reads as much of it as it wants. Throws AppError CAPTURE_UNREADABLE: no such file, no capture,
 * of another version, damaged.
 */
export async function withCapture<T>(path: string, use: (reader: CaptureReader) => Promise<T>): Promise<T> {
  const file = createReadStream(path);
  const unzipped = createGunzip();
  file.on("error", (error) => unzipped.destroy(error));
  file.pipe(unzipped);
  const lines = createInterface({ input: unzipped, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  // The interface of lines does not tell of the stream's failure: it would wait for the next line for ever.
  const failed = new Promise<never>((_, reject) => unzipped.once("error", reject));
  failed.catch(() => undefined);
  const next = async (): Promise<string | null> => {
    const { value, done } = await Promise.race([lines.next(), failed]);
    return done === true ? null : (value as string);
  };
  try {
    const header = headerOf(path, await next());
    return await use({ header, blocks: () => readBlockLines(path, header, next) });
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    file.destroy();
    unzipped.destroy();
  }
}

function headerOf(path: string, line: string | null): CaptureHeader {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(line ?? "");
  } catch {
    // Told below, as anything else that is no header.
  }
  const header = captureHeaderSchema.safeParse(parsed);
  if (header.success) return header.data;
  const { version, format } = (parsed ?? {}) as { version?: unknown; format?: unknown };
  const isOther = format !== undefined && version !== undefined;
  throw new AppError(
    "CAPTURE_UNREADABLE",
    isOther ? `${path} is a capture of another version: ${String(version)}` : `${path} is not a capture`,
  );
}

async function* readBlockLines(
  path: string,
  header: CaptureHeader,
  next: () => Promise<string | null>,
): AsyncGenerator<CapturedBlock, void, undefined> {
  for (let number = header.firstBlock; number <= header.lastBlock; number++) {
    const block = blockOf(await next());
    if (block === null || block[0] !== number) throw truncated(path, `block ${number}`);
    yield block;
  }
  const last = await next();
  if (last === null || !captureEndSchema.safeParse(JSON.parse(last)).success) throw truncated(path, "its end");
}

/** What is checked is the outline: the file is one of ours, and gzip notices what was changed on the way. */
function blockOf(line: string | null): CapturedBlock | null {
  if (line === null) return null;
  const block = JSON.parse(line) as unknown;
  return Array.isArray(block) && typeof block[1] === "number" && Array.isArray(block[2])
    ? (block as unknown as CapturedBlock)
    : null;
}

function truncated(path: string, missing: string): AppError {
  return new AppError("CAPTURE_UNREADABLE", `${path} is damaged: it lacks ${missing}`, {
    hint: "Capture the blocks again.",
  });
}

const fileReasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "it may not be read",
  Z_BUF_ERROR: "it is damaged: it ends early",
  Z_DATA_ERROR: "it is damaged, or no capture",
};

function unreadable(path: string, cause: unknown): unknown {
  const { code } = cause as { code?: string };
  const reason = code === undefined ? undefined : fileReasons[code];
  if (reason === undefined && !(cause instanceof SyntaxError)) return cause;
  const why = reason ?? `it is damaged: ${messageOf(cause)}`;
  return new AppError("CAPTURE_UNREADABLE", `the capture ${path} cannot be read: ${why}`, { cause });
}
