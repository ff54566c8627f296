import { Ansis } from "ansis";
import { type AppError, isAppError } from "../../../shared/errors/app-error.ts";
import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import type { ChainCatalogues } from "../../../shared/scenario/check-scenario.ts";
import { loadScenario } from "../../../shared/scenario/load-scenario.ts";
import type { Scenario } from "../../../shared/scenario/scenario.ts";
import type { CliIo } from "../io.ts";
import { renderProblems } from "../problems.ts";
import { formatCount } from "../progress/wording.ts";
import type { ValidateArguments } from "./validate-command.ts";

export interface ValidateContext {
  readonly io: CliIo;
  readonly chains: ChainCatalogues;
}

/** Checks every file, also after one that is wrong. */
export async function validate(args: ValidateArguments, { io, chains }: ValidateContext): Promise<ExitName> {
  const results = await Promise.all(args.files.map((file) => check(file, chains)));
  if (args.json) {
    io.out(`${JSON.stringify(results.map(toJson), null, 2)}\n`);
  } else {
    io.out(results.map((result) => toText(result, io)).join(""));
  }
  return results.every((result) => result.error === null) ? "passed" : "invalid-scenario";
}

type Checked =
  | { readonly file: string; readonly error: null; readonly scenario: Scenario }
  | { readonly file: string; readonly error: AppError };

async function check(file: string, chains: ChainCatalogues): Promise<Checked> {
  try {
    const { scenario } = await loadScenario(file, chains);
    return { file, error: null, scenario };
  } catch (error) {
    if (isAppError(error)) return { file, error };
    throw error;
  }
}

function toJson(result: Checked): unknown {
  if (result.error === null) return { file: result.file, valid: true, problems: [], scenario: result.scenario };
  const { code, message, problems } = result.error;
  return { file: result.file, valid: false, code, message, problems };
}

function toText(result: Checked, io: CliIo): string {
  const paint = new Ansis(io.color ? 3 : 0);
  if (result.error !== null) {
    const { message, problems } = result.error;
    return `${paint.bold(message)}\n${problems.length === 0 ? "" : `\n${renderProblems(problems, io)}\n`}\n`;
  }
  const { phases } = result.scenario;
  const transactions = phases.reduce((sum, phase) => sum + phase.transactions, 0);
  const seconds = phases.reduce((sum, phase) => sum + phase.durationMicros, 0) / 1e6;
  const counted = `${phases.length} ${phases.length === 1 ? "phase" : "phases"}`;
  return `${paint.green("✓")} ${result.file} is valid: ${counted}, ${formatCount(transactions)} transactions in ${formatCount(seconds)} s\n`;
}
