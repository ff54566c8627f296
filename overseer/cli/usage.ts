import { AppError } from "../../shared/errors/app-error.ts";

const tooFew = "an argument is missing: %s given, %s needed";

/** What the parser of arguments says, in words for people. Its plurals have the same words. */
export const usageTexts: Readonly<Record<string, string>> = {
  "Not enough non-option arguments: got %s, need at least %s": {
    one: tooFew,
    other: tooFew,
  } as unknown as string,
  "Missing required argument: %s": {
    one: "an option is missing: --%s",
    other: "options are missing: %s",
  } as unknown as string,
  "Unknown argument: %s": {
    one: "there is no option or argument %s",
    other: "there are no options or arguments %s",
  } as unknown as string,
  "Did you mean %s?": "there is no such command; did you mean %s?",
};

/** `words` are the arguments as given, `commands` those that there are. */
export function usageError(message: string, words: readonly string[], commands: readonly string[]): AppError {
  const command = words.find((word) => !word.startsWith("-")) ?? "";
  const page = commands.includes(command) ? `overseer ${command} --help` : "overseer --help";
  return new AppError("USAGE", message, { hint: `see ${page}` });
}
