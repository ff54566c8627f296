import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { allCases } from "./all-cases.ts";
import { Bench } from "./bench.ts";
import { calibrationChains } from "./chains.ts";
import { resultText } from "./result-text.ts";
import { type CaseResult, runCase } from "./runner.ts";

const names = allCases.map(({ name }) => name);
const chainNames = calibrationChains.map(({ name }) => name);
const args = await yargs(hideBin(process.argv))
  .scriptName("npm run calibrate --")
  .usage(
    "$0 [CASE…]\n\nRuns the built programs against a devnet whose truth is known, and compares.\n\nExit code: 0 all agree, 1 one is wrong, 2 wrong arguments, 3 none is wrong but some cannot be measured on this machine.",
  )
  .option("chain", { choices: [...chainNames, "all"], default: "all", describe: "on which chain's devnet" })
  .option("quick", { type: "boolean", default: false, describe: "only the cases that the tests run as well" })
  .option("list", { type: "boolean", default: false, describe: "only say which cases there are" })
  .option("json", { type: "boolean", default: false, describe: "one JSON line for each case" })
  .strictOptions()
  .parseAsync();

const wanted = args._.map(String);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`There is no case ${unknown.join(", ")}; there are ${names.join(", ")}.\n`);
  process.exit(2);
}
const chosen = allCases.filter(({ name, quick }) => (wanted.length > 0 ? wanted.includes(name) : quick || !args.quick));
if (args.list) {
  for (const { name, proves } of chosen) process.stdout.write(`${name.padEnd(28)}${proves}\n`);
  process.exit(0);
}
const results: CaseResult[] = [];
const chains = calibrationChains.filter(({ name }) => args.chain === "all" || name === args.chain);
for (const chain of chains) {
  for (const calibration of chosen) {
    const result = await runCase(calibration, new Bench(chain));
    results.push(result);
    process.stdout.write(args.json ? `${JSON.stringify(result)}\n` : `${resultText(result)}\n`);
  }
}
const wrong = results.filter(({ verdict }) => verdict === "wrong");
const notMeasurable = results.filter(({ verdict }) => verdict === "not-measurable");
if (!args.json) {
  const quantities = results.reduce((sum, { comparisons }) => sum + comparisons.length, 0);
  const minutes = results.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  const found = [
    ...named("wrong", wrong),
    ...named("not measurable on this machine, so that nobody knows", notMeasurable),
    ...(wrong.length + notMeasurable.length === 0 ? ["all agree with their truth"] : []),
  ];
  process.stdout.write(
    `${results.length} cases, ${quantities} quantities, ${minutes.toFixed(1)} minutes: ${found.join("; ")}\n`,
  );
}
if (wrong.length > 0) process.exitCode = 1;
else if (notMeasurable.length > 0) process.exitCode = 3;

function named(what: string, cases: readonly CaseResult[]): string[] {
  return cases.length === 0 ? [] : [`${what}: ${cases.map(({ chain, name }) => `${chain} ${name}`).join(", ")}`];
}
