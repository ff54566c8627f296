import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { allCases } from "./all-cases.ts";
import { resultText } from "./result-text.ts";
import { type CaseResult, runCase } from "./runner.ts";

const names = allCases.map(({ name }) => name);
const args = await yargs(hideBin(process.argv))
  .scriptName("npm run calibrate --")
  .usage("$0 [CASE…]\n\nRuns the built programs against a devnet whose truth is known, and compares.")
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
for (const calibration of chosen) {
  const result = await runCase(calibration);
  results.push(result);
  process.stdout.write(args.json ? `${JSON.stringify(result)}\n` : `${resultText(result)}\n`);
}
const failed = results.filter(({ ok }) => !ok);
if (!args.json) {
  const quantities = results.reduce((sum, { comparisons }) => sum + comparisons.length, 0);
  const verdict =
    failed.length === 0 ? "all agree with their truth" : `failed: ${failed.map(({ name }) => name).join(", ")}`;
  process.stdout.write(`${results.length} cases, ${quantities} quantities: ${verdict}\n`);
}
process.exitCode = failed.length === 0 ? 0 : 1;
