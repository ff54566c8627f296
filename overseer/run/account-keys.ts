import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { AccountKey } from "../../shared/chains/driver.ts";
import { AppError, messageOf, type Problem } from "../../shared/errors/app-error.ts";
import type { SecretSource } from "../../shared/scenario/secret-source.ts";

const keysSchema = z.union([z.string().min(1), z.record(z.string(), z.string().min(1))]);

/**
 * The keys of the accounts that a scenario names. The file or variable holds one key for all accounts, or JSON with a
 * key for each. Throws ACCOUNT_KEY; no message ever has a part of a key.
 */
export async function loadAccountKeys(
  names: readonly string[],
  source: SecretSource,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<AccountKey[]> {
  const keys = parseKeys(await readKeySource(source, environment), describe(source));
  if (typeof keys === "string") return names.map((name) => ({ name, privateKey: keys }));
  const problems: Problem[] = names
    .filter((name) => keys[name] === undefined)
    .map((name) => ({ path: "accounts.keys", value: name, expected: `expected a key for it in ${describe(source)}` }));
  if (problems.length > 0) {
    throw new AppError("ACCOUNT_KEY", `${problems.length} of ${names.length} accounts have no key`, { problems });
  }
  return names.map((name) => ({ name, privateKey: keys[name] as string }));
}

/** The text of a file or variable with secrets, without white space around it. Throws ACCOUNT_KEY. */
export async function readKeySource(
  source: SecretSource,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  if (source.kind === "environment") {
    const text = environment[source.variable];
    if (text !== undefined && text.trim() !== "") return text.trim();
    throw new AppError(
      "ACCOUNT_KEY",
      `the environment variable ${source.variable}, which the scenario takes a secret from, is not set`,
    );
  }
  try {
    return (await readFile(source.path, "utf8")).trim();
  } catch (error) {
    throw new AppError(
      "ACCOUNT_KEY",
      `the file that the scenario takes a secret from cannot be read: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

function parseKeys(text: string, where: string): z.output<typeof keysSchema> {
  if (!text.startsWith("{")) return text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message would quote the text, keys included.
    throw new AppError("ACCOUNT_KEY", `${where} starts like JSON but is not valid JSON`);
  }
  const parsed = keysSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError("ACCOUNT_KEY", `${where} must hold one key, or JSON with a key for each account name`);
}

function describe(source: SecretSource): string {
  return source.kind === "file" ? `the file ${source.path}` : `the environment variable ${source.variable}`;
}
