import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { z } from "zod";
import { type DevnetConfig, devnetConfigSchema } from "../shared/devnet/config.ts";
import { AppError, messageOf, type Problem } from "../shared/errors/app-error.ts";
import { embeddedChain, embeddedChains } from "./embedded-chains.ts";
import { networkProblems } from "./network/network-problems.ts";

/**
 * From a file, from the first line of stdin (`-`), or the default of a chain. Throws CONFIGURATION_INVALID with every
 * problem.
 */
export async function loadConfig(
  source: string | undefined,
  chain: DevnetConfig["chain"],
  stdin: Readable,
): Promise<DevnetConfig> {
  if (source === undefined) return devnetConfigSchema.parse(embeddedChains[chain].defaultConfig);
  const text = source === "-" ? await readLine(stdin) : await readConfigFile(source);
  return parseConfig(text);
}

export function parseConfig(text: string): DevnetConfig {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw invalid([{ path: "", expected: `expected JSON: ${messageOf(cause)}` }], cause);
  }
  const parsed = devnetConfigSchema.safeParse(given);
  if (!parsed.success)
    throw invalid(
      parsed.error.issues.flatMap((issue) => toProblems(issue, given)),
      parsed.error,
    );
  const problems = [...embeddedChain(parsed.data).problems(parsed.data), ...networkProblems(parsed.data)];
  if (problems.length > 0) throw invalid(problems);
  return parsed.data;
}

function invalid(problems: readonly Problem[], cause?: unknown): AppError {
  return new AppError("CONFIGURATION_INVALID", "The devnet's configuration is invalid.", { problems, cause });
}

function toProblems(issue: z.core.$ZodIssue, given: unknown): Problem[] {
  const path = toPath(issue.path);
  const found = valueAt(given, issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: path === "" ? key : `${path}.${key}`,
      expected: "expected no such field",
    }));
  }
  return [{ path, ...(found === undefined ? {} : { value: JSON.stringify(found) }), expected: issue.message }];
}

function toPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  let value = given;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return typeof value === "object" ? undefined : value;
}

async function readConfigFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw invalid([{ path, expected: `expected a file that can be read: ${messageOf(cause)}` }], cause);
  }
}

/** The stream stays open and unread after the line: its end is the parent's. */
function readLine(stream: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const finish = (line: string): void => {
      stream.pause().off("data", onData).off("end", onEnd).off("error", reject);
      resolve(line);
    };
    const onData = (chunk: Buffer | string): void => {
      text += String(chunk);
      const end = text.indexOf("\n");
      if (end >= 0) finish(text.slice(0, end));
    };
    const onEnd = (): void => finish(text);
    stream.on("data", onData).on("end", onEnd).on("error", reject);
  });
}
