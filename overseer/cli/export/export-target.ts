import { readFile } from "node:fs/promises";
import { AppError, messageOf, type Problem } from "../../../shared/errors/app-error.ts";
import { isThisMachine, plainUrl } from "../../../shared/scenario/plain-url.ts";
import type { BulkTarget, Credentials } from "../../export/bulk-client.ts";
import { isReadByOthers } from "../../server/tls-identity.ts";
import type { CliIo } from "../io.ts";
import type { ExportArguments } from "./export-command.ts";

interface SecretPlace {
  readonly option: string;
  readonly file: string | undefined;
  readonly variable: string;
  /** What can be sent, and in one line: the name of a wrong file would send its contents away. */
  readonly form: RegExp;
  readonly expected: string;
}

/** Where and as whom the figures are sent. Throws CONFIGURATION_INVALID with all that is wrong, before anybody is asked. */
export async function exportTargetOf(args: ExportArguments, io: CliIo): Promise<BulkTarget> {
  const { to, index, user, ca } = args;
  const problems: Problem[] = [];
  const apiKeyPlace = {
    option: "--api-key-file",
    file: args["api-key-file"],
    variable: "LOADSTONE_EXPORT_API_KEY",
    form: /^[\x21-\x7e]{1,8192}$/,
    expected: "expected one line with an API key",
  };
  const passwordPlace = {
    option: "--password-file",
    file: args["password-file"],
    variable: "LOADSTONE_EXPORT_PASSWORD",
    form: /^\P{C}{1,1024}$/u,
    expected: "expected one line with the user's password",
  };
  const apiKey = await secretIn(apiKeyPlace, io, problems);
  const password = user === undefined ? null : await secretIn(passwordPlace, io, problems);
  const credentials = credentialsOf(apiKey, user, password);
  const authority = ca === undefined ? null : await textOf("--ca", ca, problems);

  const isPlain = plainUrl.safeParse(to).success && !/[?#]/.test(to);
  if (!isPlain) {
    // It may hold a password, and is not shown.
    const expected = "expected an http:// or https:// URL without user, password, ? and #";
    problems.push({ path: "--to", value: "(not shown)", expected });
  } else if (credentials !== null && !to.startsWith("https:") && !isThisMachine(to)) {
    const expected = "expected https, because others could read the credentials on the way";
    problems.push({ path: "--to", value: to, expected });
  } else if (ca !== undefined && !to.startsWith("https:")) {
    problems.push({ path: "--ca", value: ca, expected: "does nothing without https" });
  }
  if (!/^[a-z][a-z0-9_-]{0,63}$/.test(index)) {
    const expected = "expected up to 64 lower-case letters, digits, - and _ that begin with a letter";
    problems.push({ path: "--index", value: index, expected });
  }
  if (user !== undefined && !/^[^:\p{C}]{1,256}$/u.test(user)) {
    problems.push({ path: "--user", value: user, expected: "expected a name without a colon" });
  }
  if (user !== undefined && apiKey !== null) {
    problems.push({ path: "--user", value: user, expected: "expected either a user or an API key" });
  } else if (user !== undefined && password === null && !problems.some(({ path }) => path === passwordPlace.option)) {
    const expected = `${passwordPlace.expected}, in a file or in ${passwordPlace.variable}`;
    problems.push({ path: passwordPlace.option, expected });
  }
  if (user === undefined && passwordPlace.file !== undefined) {
    problems.push({ path: "--user", expected: "expected whose password it is" });
  }
  if (problems.length > 0) throw new AppError("CONFIGURATION_INVALID", "the export cannot begin", { problems });
  return { url: to.replace(/\/+$/, ""), credentials, authority };
}

function credentialsOf(apiKey: string | null, user: string | undefined, password: string | null): Credentials | null {
  if (apiKey !== null) return { kind: "api-key", key: apiKey };
  return user === undefined || password === null ? null : { kind: "password", user, password };
}

async function secretIn(place: SecretPlace, io: CliIo, problems: Problem[]): Promise<string | null> {
  const { option, file, variable, form, expected } = place;
  if (file === undefined) {
    const secret = io.env[variable]?.trim() ?? "";
    if (secret === "" || form.test(secret)) return secret === "" ? null : secret;
    problems.push({ path: variable, value: "(not shown)", expected });
    return null;
  }
  const text = await textOf(option, file, problems);
  if (text === null) return null;
  if (await isReadByOthers(file)) io.err(`warning: every user of this machine may read ${file}: chmod 600 ${file}\n`);
  const secret = text.trim();
  if (form.test(secret)) return secret;
  problems.push({ path: option, value: file, expected: secret === "" ? `${expected}, and there is none` : expected });
  return null;
}

async function textOf(option: string, file: string, problems: Problem[]): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    problems.push({ path: option, value: file, expected: messageOf(error) });
    return null;
  }
}
