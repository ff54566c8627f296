import { randomBytes } from "node:crypto";
import { link, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";

const keysSchema = z.record(z.string(), z.string().min(1));
export type KeysByName = Readonly<Record<string, string>>;

/** For its owner alone to read and write. */
const privateMode = 0o600;
const othersBits = 0o077;
/** What file systems say that know no second name of a file, such as those of memory cards. */
const withoutLinks: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** Null where there is no file. Throws ACCOUNT_KEY for a file that others may read or that holds something else. */
export async function readKeyFile(path: string): Promise<KeysByName | null> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if ((mode & othersBits) !== 0) {
      throw new AppError("ACCOUNT_KEY", `the key file ${path} may be read by others`, { hint: `chmod 600 ${path}` });
    }
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    if (error instanceof AppError) throw error;
    throw new AppError("ACCOUNT_KEY", `the key file ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  try {
    const parsed = keysSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // The parser's message would quote the text, keys included.
  }
  throw new AppError("ACCOUNT_KEY", `the key file ${path} must hold JSON with a key for each account name`);
}

/**
 * Puts `keys` in the place of `known`, which is what was read; null: no file. The file appears whole or not at all, and is
 * on the disk before this returns: accounts whose keys were lost with the machine would keep their funds for ever. For the
 * same reason what somebody else has written meanwhile is never replaced. Throws ACCOUNT_KEY.
 */
export async function writeKeyFile(path: string, known: KeysByName | null, keys: KeysByName): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    const file = await open(temporary, "wx", privateMode);
    try {
      await file.writeFile(`${JSON.stringify(keys, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    if (!isDeepStrictEqual(await readKeyFile(path), known)) throw changedMeanwhile(path);
    if (known === null) await putWhereNoneIs(temporary, path);
    else await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    if (error instanceof AppError) throw error;
    if ((error as { code?: string }).code === "EEXIST") throw changedMeanwhile(path);
    throw new AppError("ACCOUNT_KEY", `the key file ${path} cannot be written: ${messageOf(error)}`, { cause: error });
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** Fails with EEXIST where there is a file by now. */
async function putWhereNoneIs(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (!withoutLinks.has((error as { code?: string }).code ?? "")) throw error;
    await rename(temporary, path);
  }
}

function changedMeanwhile(path: string): AppError {
  return new AppError("ACCOUNT_KEY", `the key file ${path} was changed by another process meanwhile`, {
    hint: "Nothing was sent. Repeat the command when the other one is done.",
  });
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
