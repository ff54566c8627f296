import { expect, test } from "@jest/globals";
import stringWidth from "string-width";
import type { Problem } from "../../shared/errors/app-error.ts";
import { countProblems, renderProblems } from "./problems.ts";

const problems: Problem[] = [
  { path: "phases[1].rate", value: '"2000"', expected: 'expected a rate such as "2000 tx/s" or "unlimited"' },
  {
    path: "workload.mix",
    value: 'key "tranfer"',
    expected: 'is not an operation of bitshares; did you mean "transfer"?',
  },
  { path: "question", expected: "expected the question that the run answers" },
];

test("problems stand in columns, and what is missing is said to be", () => {
  expect(renderProblems(problems, { columns: 120, color: false })).toBe(
    [
      '  phases[1].rate  "2000"         expected a rate such as "2000 tx/s" or "unlimited"',
      '  workload.mix    key "tranfer"  is not an operation of bitshares; did you mean "transfer"?',
      "  question        (missing)      expected the question that the run answers",
    ].join("\n"),
  );
});

test("places in the file come first where they are known", () => {
  const [first] = problems as [Problem];
  const text = renderProblems([{ ...first, line: 14, column: 20 } as Problem], { columns: 120, color: false });
  expect(text).toMatch(/^ {2}14:20 {2}phases\[1\]\.rate/);
});

test.each([80, 60, 40])("nothing is wider than a terminal of %d columns", (columns) => {
  const long = { path: "a".repeat(30), value: "b".repeat(30), expected: "expected one of these many words here" };
  const lines = renderProblems([...problems, long], { columns, color: false }).split("\n");
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(Math.max(columns, 66));
  expect(lines.length).toBeGreaterThan(4);
});

test("many that differ in nothing but the path are one, that tells how many there are", () => {
  const alike = Array.from({ length: 40 }, (_, i) => ({
    path: `load-${i + 1}`,
    value: "not there",
    expected: "a key",
  }));
  const lines = renderProblems([...alike, ...problems], { columns: 120, color: false }).split("\n");
  expect(lines[0]).toMatch(/^ {2}load-1 +not there +a key; the same of 39 others: load-2, load-3,/);
  const text = lines.join(" ").replace(/ +/g, " ");
  expect(text).toContain("load-13 and 27 more phases[1].rate");
  expect(lines).toHaveLength(5);
});

test("a count above rows that stand for several tells how many rows there are", () => {
  const alike = Array.from({ length: 8 }, (_, i) => ({ path: `load-${i + 1}`, value: "not there", expected: "a key" }));
  const all = [...alike, ...problems];
  expect(countProblems(all)).toBe("11\u00a0problems, in 4\u00a0rows");
  expect(renderProblems(all, { columns: 400, color: false }).split("\n")).toHaveLength(4);
  expect(countProblems(problems)).toBe("3\u00a0problems");
  expect(countProblems(problems.slice(0, 1))).toBe("1\u00a0problem");
});

test("those of which each has a place of its own in the file all stay", () => {
  const alike = Array.from({ length: 9 }, (_, i) => ({
    path: "rate",
    value: "x",
    expected: "a rate",
    line: i,
    column: 1,
  }));
  expect(renderProblems(alike, { columns: 120, color: false }).split("\n")).toHaveLength(9);
});

test("colours are used only when wanted", () => {
  const escapeCode = String.fromCharCode(27);
  expect(renderProblems(problems, { columns: 80, color: false })).not.toContain(escapeCode);
  expect(renderProblems(problems, { columns: 80, color: true })).toContain(escapeCode);
});
