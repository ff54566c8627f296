#!/usr/bin/env node
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parse } from "yaml";

/**
 * `npm run demo [-- --chain CHAIN]`: runs the scenario of everyday activity that there is for the chain. All other
 * options are those of `overseer run`.
 */
const usual = "real-user-activity.yaml";
const folder = new URL("../scenarios/", import.meta.url);
const usage = 2;

const { tokens } = parseArgs({ options: { chain: { type: "string" } }, strict: false, tokens: true });
const chosen = tokens.find((token) => token.kind === "option" && token.name === "chain");
const taken = chosen === undefined ? [] : [chosen.index, ...(chosen.inlineValue === false ? [chosen.index + 1] : [])];
const others = process.argv.slice(2).filter((_, i) => !taken.includes(i));

const scenarios = readdirSync(folder)
  .filter((name) => name.endsWith(usual))
  .sort()
  .map((name) => ({
    name,
    path: fileURLToPath(new URL(name, folder)),
    chain: parse(readFileSync(new URL(name, folder), "utf8")).chain,
  }));
const scenario = scenarios.find(({ name, chain }) => (chosen === undefined ? name === usual : chain === chosen.value));

if (scenario === undefined) {
  const chains = [...new Set(scenarios.map(({ chain }) => chain))].sort();
  const asked = typeof chosen.value === "string" ? `of the chain "${chosen.value}"` : "without a chain";
  process.stderr.write(
    `There is no demo ${asked}; there is one of ${chains.join(" and of ")}.\nexit ${usage}: usage\n`,
  );
  process.exitCode = usage;
} else {
  process.argv.splice(2, Number.POSITIVE_INFINITY, "run", scenario.path, ...others);
  await import("../dist/overseer/main.js");
}
