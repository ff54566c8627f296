import { Ansis } from "ansis";
import { isAppError, messageOf } from "../../shared/errors/app-error.ts";
import type { CliIo } from "./io.ts";
import { renderProblems, wrapped } from "./problems.ts";

/** What a user is told of a failure: what happened, every problem at once, and what can be done. */
export function renderError(error: unknown, io: CliIo): string {
  const paint = new Ansis(io.color ? 3 : 0);
  // Commands that a hint names are copied from a log, which has no width, as they stand.
  const fitted = (text: string): string => (io.interactive ? wrapped(text, Math.max(40, io.columns)).join("\n") : text);
  const marked = (mark: string, painted: string, text: string): string =>
    fitted(`${mark} ${text}`).replace(mark, () => painted);
  const lines = [marked("error:", paint.red("error:"), messageOf(error))];
  if (isAppError(error)) {
    if (error.problems.length > 0) lines.push("", renderProblems(error.problems, io), "");
    if (error.hint !== undefined) lines.push(marked("hint:", paint.bold("hint:"), error.hint));
  }
  return `${lines.join("\n")}\n`;
}
