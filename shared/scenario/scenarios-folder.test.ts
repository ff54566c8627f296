import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { loadScenario } from "./load-scenario.ts";
import { latencyPartsOf, metricNames } from "./metrics.ts";
import { scenarioJsonSchema } from "./schema.ts";

const folder = new URL("../../scenarios/", import.meta.url);
const published = new URL("../../docs/scenario.schema.json", import.meta.url);
const files = (await readdir(folder)).filter((file) => /\.(ya?ml|json)$/.test(file));

test("there are scenarios to begin with", () => {
  expect(files.length).toBeGreaterThanOrEqual(6);
});

test.each(files)("%s is valid, and named like its file", async (file) => {
  const { scenario } = await loadScenario(new URL(file, folder).pathname);
  expect(`${scenario.name}.yaml`).toBe(file);
  expect(scenario.question).toMatch(/\?$/);
});

test.each(files)("%s tells editors where the schema is", async (file) => {
  const [first] = (await readFile(new URL(file, folder), "utf8")).split("\n");
  expect(first).toBe("# yaml-language-server: $schema=../docs/scenario.schema.json");
});

test("the published JSON Schema is up to date (npm run schema)", async () => {
  expect(JSON.parse(await readFile(published, "utf8"))).toEqual(scenarioJsonSchema());
});

/** Every object of the schema with its fields. */
function fieldsOf(schema: unknown, path = ""): { path: string; field: Record<string, unknown> }[] {
  if (typeof schema !== "object" || schema === null) return [];
  const record = schema as Record<string, unknown>;
  const own = Object.entries((record.properties ?? {}) as Record<string, Record<string, unknown>>).map(
    ([key, field]) => ({ path: `${path}.${key}`, field }),
  );
  const inner = Object.entries(record).flatMap(([key, value]) =>
    typeof value === "object" ? fieldsOf(value, key === "properties" ? path : `${path}/${key}`) : [],
  );
  return [...own, ...inner];
}

test("every field of a scenario is described for editors", () => {
  const undescribed = fieldsOf(scenarioJsonSchema())
    // What is inside the devnet's own fields is told in their texts and in docs/scenarios.md.
    .filter(({ path }) => !/(answerDelay|stalls|outages|partitions|linkDelays)\//.test(path))
    .filter(({ field }) => typeof field.description !== "string")
    .map(({ path }) => path);
  expect(undescribed).toEqual([]);
});

test("docs/scenarios.md tells of every field and every metric", async () => {
  const text = await readFile(new URL("../../docs/scenarios.md", import.meta.url), "utf8");
  const fields = fieldsOf(scenarioJsonSchema()).map(({ path }) => path.slice(path.lastIndexOf(".") + 1));
  const metrics = metricNames.map((name) => {
    const latency = latencyPartsOf(name);
    return latency === null ? name : `${latency.base}.*`;
  });
  expect([...new Set([...fields, ...metrics])].filter((name) => !text.includes(name))).toEqual([]);
});
