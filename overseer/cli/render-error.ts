import { Ansis } from "ansis";
import { isAppError, messageOf } from "../../shared/errors/app-error.ts";
import type { CliIo } from "./io.ts";
import { renderProblems } from "./problems.ts";

/** What a user is told of a failure: what happened, every problem at once, and what can be done. */
export function renderError(error: unknown, io: CliIo): string {
  const paint = new Ansis(io.color ? 3 : 0);
  const lines = [`${paint.red("error:")} ${messageOf(error)}`];
  if (isAppError(error)) {
    if (error.problems.length > 0) lines.push("", renderProblems(error.problems, io), "");
    if (error.hint !== undefined) lines.push(`${paint.bold("hint:")} ${error.hint}`);
  }
  return `${lines.join("\n")}\n`;
}
