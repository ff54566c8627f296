import { randomBytes } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";

/**
 * The file appears whole or not at all: written beside its place and renamed. Without fsync, because what must survive
 * is a crash of the process, not of the machine.
 * Throws AppError REPORT_FAILED that names the path.
 */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cannotWrite(path, error);
  }
}

export function cannotWrite(path: string, cause: unknown): AppError {
  return new AppError("REPORT_FAILED", `cannot write ${path}: ${messageOf(cause)}`, {
    cause,
    hint: "Make room on the disk or choose a folder that may be written to.",
  });
}
