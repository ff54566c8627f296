import { Ansis } from "ansis";
import stringWidth from "string-width";
import type { Problem } from "../../shared/errors/app-error.ts";
import type { LocatedProblem } from "../../shared/scenario/parse-scenario.ts";
import { formatCount, formatOf } from "../reporting/figures-text.ts";

export interface ProblemsStyle {
  readonly columns: number;
  readonly color: boolean;
}

const gap = "  ";
/** Narrower than this, what was expected goes on lines of its own. */
const narrowest = 26;
/** One long path or value must not push the others aside: it goes on a line of its own. */
const widestPath = 32;
const widestValue = 22;
/** As many alike, such as of accounts, would push everything else off the screen. */
const tooManyAlike = 4;
const namedAlike = 12;

interface ProblemRow {
  readonly place: string;
  readonly path: string;
  readonly value: string;
  readonly expected: string;
}

/**
 * Problems in aligned columns: place in the file where it is known, path, value, what was expected. Many that differ in
 * nothing but a path become one row that names the first of them. No newline at the end.
 */
export function renderProblems(problems: readonly Problem[], style: ProblemsStyle): string {
  const paint = new Ansis(style.color ? 3 : 0);
  const rows = rowsOf(problems);
  const places = widest(rows.map((row) => row.place));
  const paths = Math.min(widestPath, widest(rows.map((row) => row.path)));
  const values = Math.min(widestValue, widest(rows.map((row) => row.value)));
  const lead = gap.length + (places === 0 ? 0 : places + gap.length);
  const left = lead + paths + gap.length + values + gap.length;
  const oneLine = style.columns - left >= narrowest;
  const indent = oneLine ? left : lead + gap.length;
  return rows
    .map(({ place, path, value, expected }) => {
      const start = gap + (places === 0 ? "" : paint.dim(padded(place, places)) + gap);
      const head = start + paint.bold(padded(path, paths)) + gap + paint.red(padded(value, values));
      const fits = oneLine && stringWidth(path) <= paths && stringWidth(value) <= values;
      const lines = wrapped(expected, Math.max(narrowest, style.columns - indent));
      const rest = lines.map((line, i) => (fits && i === 0 ? line : " ".repeat(indent) + line));
      return fits ? [head + gap + rest[0], ...rest.slice(1)].join("\n") : [head.trimEnd(), ...rest].join("\n");
    })
    .join("\n");
}

/** How many there are, and in how many rows where `renderProblems` has made one of several: `12 problems, in 5 rows`. */
export function countProblems(problems: readonly Problem[]): string {
  const rows = rowsOf(problems).length;
  const counted = formatOf(problems.length, "problem", "problems");
  return rows === problems.length ? counted : `${counted}, in ${formatOf(rows, "row", "rows")}`;
}

/** Lines of at most `width` columns, broken between words. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && stringWidth(line) + 1 + stringWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function rowsOf(problems: readonly Problem[]): ProblemRow[] {
  return withoutRepeats(
    problems.map((problem) => ({
      place: placeOf(problem),
      path: problem.path,
      value: problem.value ?? "(missing)",
      expected: problem.expected,
    })),
  );
}

function withoutRepeats(rows: readonly ProblemRow[]): ProblemRow[] {
  const alike = new Map<string, ProblemRow[]>();
  for (const row of rows) {
    const key = JSON.stringify(row.place === "" ? [row.value, row.expected] : row);
    const group = alike.get(key);
    if (group === undefined) alike.set(key, [row]);
    else group.push(row);
  }
  return [...alike.values()].flatMap((group) => (group.length < tooManyAlike ? group : [asOne(group)]));
}

function asOne(group: readonly ProblemRow[]): ProblemRow {
  const [first, ...others] = group as [ProblemRow, ...ProblemRow[]];
  const named = others.slice(0, namedAlike).map(({ path }) => path);
  const unnamed = others.length - named.length;
  const also = unnamed === 0 ? named.join(", ") : `${named.join(", ")} and ${formatCount(unnamed)} more`;
  return { ...first, expected: `${first.expected}; the same of ${formatCount(others.length)} others: ${also}` };
}

function placeOf(problem: Problem): string {
  const { line, column } = problem as Partial<LocatedProblem>;
  // The path of a file that could not be read as YAML is the place already.
  return line === undefined || problem.path.startsWith("line ") ? "" : `${line}:${column}`;
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, stringWidth(text)), 0);
}

function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - stringWidth(text)));
}
