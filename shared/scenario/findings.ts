import type { z } from "zod";
import { nearestName, suggestionFor } from "./nearest-name.ts";

export type Path = readonly (string | number)[];

/** A problem before its path is written out and looked up in the text. */
export interface Finding {
  readonly path: Path;
  /** As shown; undefined where nothing stands. */
  readonly value: string | undefined;
  readonly expected: string;
}

/** What zod found, as findings: one for each unknown key, and of alternatives only those of the one that fits best. */
export function findingsOf(
  issues: readonly z.core.$ZodIssue[],
  root: unknown,
  jsonSchema: Readonly<Record<string, unknown>>,
): Finding[] {
  const findings = issues.flatMap((issue) => expand(issue, [], root, jsonSchema));
  return withoutMisspelled(findings);
}

export function renderValue(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  let text: string | undefined;
  try {
    text = JSON.stringify(value) as string | undefined;
  } catch {
    return "(contains itself)";
  }
  if (text === undefined) return String(value);
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}

export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    root,
  );
}

/** `phases[1].rate`; keys that would not read well that way as `mix["two words"]`. */
export function renderPath(path: Path): string {
  const text = path.map((key) => {
    if (typeof key === "number") return `[${key}]`;
    return /^[\w$][\w$.:-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  });
  return path.length === 0 ? "(file)" : text.join("").replace(/^\./, "");
}

const unknownKey = "(unknown key)";

function expand(
  issue: z.core.$ZodIssue,
  prefix: Path,
  root: unknown,
  jsonSchema: Readonly<Record<string, unknown>>,
): Finding[] {
  const path: Path = [...prefix, ...(issue.path as (string | number)[])];
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(jsonSchema, path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      value: unknownKey,
      expected: known.includes(key)
        ? `does not go together with ${presentKeys(root, path, key)}`
        : suggestionFor(key, known),
    }));
  }
  if (issue.code === "invalid_union") {
    const branch = bestBranch(issue.errors, valueAt(root, path));
    if (branch !== null) return branch.flatMap((inner) => expand(inner, path, root, jsonSchema));
  }
  return [{ path, value: renderValue(valueAt(root, path)), expected: expectedBy(issue) }];
}

/** The alternative whose outer form fits and whose keys are nearest; null when not even the form of one fits. */
function bestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
  value: unknown,
): readonly z.core.$ZodIssue[] | null {
  const fitting = branches.filter((issues) => !issues.some((i) => i.path.length === 0 && isMisfit(i)));
  const [first, ...rest] = fitting;
  if (first === undefined) return null;
  return rest.reduce((best, branch) => (distanceOf(branch, value) < distanceOf(best, value) ? branch : best), first);
}

function isMisfit(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

/**
 * How far an alternative is from what was meant: its keys tell the alternatives apart, the values behind them hardly.
 * Another constant than the alternative's own says more than a key too many or too few.
 */
function distanceOf(issues: readonly z.core.$ZodIssue[], value: unknown): number {
  return issues.reduce((sum, issue) => {
    const path = issue.path as (string | number)[];
    if (issue.code === "unrecognized_keys" && path.length === 0) return sum + 1000 * issue.keys.length;
    if (issue.code === "custom" && issue.params?.misfit === true) return sum + 1500;
    if (path.length !== 1) return sum + 1;
    if (valueAt(value, path) === undefined) return sum + 1000;
    return sum + (issue.code === "invalid_value" ? 1500 : 1);
  }, 0);
}

/** Our own schemas say what they expect; the shared ones of the devnet leave it to zod. */
function expectedBy(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid|Too)/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `expected ${issue.expected === "int" ? "a whole number" : withArticle(issue.expected)}`;
    case "too_small":
      return `expected ${issue.inclusive === false ? "more than" : "at least"} ${String(issue.minimum)}`;
    case "too_big":
      return `expected ${issue.inclusive === false ? "less than" : "at most"} ${String(issue.maximum)}`;
    case "invalid_value":
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    default:
      return "expected one of the forms in docs/scenarios.md";
  }
}

function withArticle(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function presentKeys(root: unknown, path: Path, except: string): string {
  const value = valueAt(root, path);
  const keys = typeof value === "object" && value !== null ? Object.keys(value) : [];
  return keys
    .filter((key) => key !== except && key !== "name" && key !== "measure")
    .map((key) => `"${key}"`)
    .join(", ");
}

/** A key that is only misspelled is not missing as well: one slip, one problem. */
function withoutMisspelled(findings: readonly Finding[]): Finding[] {
  const unknown = findings.filter((finding) => finding.value === unknownKey);
  return findings.filter((finding) => {
    if (finding.value !== undefined) return true;
    const parent = renderPath(finding.path.slice(0, -1));
    return !unknown.some(
      (other) =>
        renderPath(other.path.slice(0, -1)) === parent &&
        nearestName(String(other.path.at(-1)), [String(finding.path.at(-1))]) !== null,
    );
  });
}

type JsonSchema = Readonly<Record<string, unknown>>;

/** The keys that may stand at a path, over all alternatives. */
function knownKeys(root: JsonSchema, path: Path): string[] {
  let schemas = alternatives(root);
  for (const key of path) {
    schemas = schemas.flatMap((schema) => {
      const next =
        typeof key === "number"
          ? schema.items
          : ((schema.properties as JsonSchema | undefined)?.[key] ?? schema.additionalProperties);
      return typeof next === "object" && next !== null ? alternatives(next as JsonSchema) : [];
    });
  }
  return [...new Set(schemas.flatMap((schema) => Object.keys((schema.properties as JsonSchema | undefined) ?? {})))];
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  const options = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((list) => (list ?? []) as JsonSchema[]);
  return [schema, ...options.flatMap(alternatives)];
}
