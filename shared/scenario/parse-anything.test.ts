import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parse } from "yaml";
import { isAppError } from "../errors/app-error.ts";
import { fakeCatalogues } from "./fake-catalogues.ts";
import { parseScenario } from "./parse-scenario.ts";

const example = await readFile(new URL("../../scenarios/real-user-activity.yaml", import.meta.url), "utf8");

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Every place in a value, as keys from the top. */
function placesIn(value: Json, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Array.isArray(value) ? value.map((item, i) => [i, item] as const) : Object.entries(value);
  return [path, ...inner.flatMap(([key, item]) => placesIn(item, [...path, key]))];
}

function replaced(value: Json, path: readonly (string | number)[], by: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((item, i) => (i === key ? replaced(item, rest, by) : item));
  const map = value as { [key: string]: Json };
  return { ...map, [key]: replaced(map[key] as Json, rest, by) };
}

function outcomeOf(text: string): "scenario" | "problems" {
  try {
    parseScenario(text, { path: "x.yaml", chains: fakeCatalogues });
    return "scenario";
  } catch (error) {
    if (!isAppError(error)) throw error;
    expect(["SCENARIO_INVALID", "SCENARIO_UNREADABLE"]).toContain(error.code);
    expect(error.problems.length).toBeGreaterThan(0);
    for (const problem of error.problems) expect(problem.path.length * problem.expected.length).toBeGreaterThan(0);
    return "problems";
  }
}

test("whatever stands in place of a value, the answer is a scenario or problems, never a crash", () => {
  const good = parse(example) as Json;
  const places = placesIn(good);
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), (place, value) => {
      outcomeOf(JSON.stringify(replaced(good, place, value as Json)));
    }),
    { numRuns: 300 },
  );
});

test("whatever the text is, the answer is a scenario or problems, never a crash", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(example.length), fc.nat(40), (text, at, cut) => {
      outcomeOf(text);
      outcomeOf(example.slice(0, at) + text + example.slice(at + cut));
    }),
    { numRuns: 200 },
  );
});
