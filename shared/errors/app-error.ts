import type { ExitName } from "./exit-codes.ts";

/**
 * What can go wrong in a way a user can act on. The code decides the exit code (`exitNameOf`), so tests and scripts
 * look at codes and never at messages.
 */
export const errorCodes = {
  SCENARIO_UNREADABLE: "invalid-scenario",
  SCENARIO_INVALID: "invalid-scenario",
  CONFIGURATION_INVALID: "invalid-scenario",
  CAPTURE_UNREADABLE: "invalid-scenario",
  PLAN_IMPOSSIBLE: "invalid-scenario",
  USAGE: "usage",
  STOPPED: "stopped",
  BEACON_LOST: "beacon-lost",
  BEACON_REFUSED: "beacon-lost",
  NETWORK_UNREACHABLE: "network",
  NETWORK_MISMATCH: "network",
  NETWORK_NOT_READY: "network",
  NETWORK_TOO_OLD: "network",
  RPC_FAILED: "network",
  PORT_IN_USE: "network",
  ENGINE_UNREACHABLE: "network",
  ENGINE_FAILED: "network",
  ENGINE_FULL: "network",
  IMAGE_MISSING: "invalid-scenario",
  ACCESS_DENIED: "refused",
  OVERSEER_BUSY: "refused",
  MAIN_NETWORK: "refused",
  ACCOUNT_MISSING: "refused",
  ACCOUNT_KEY: "refused",
  FUNDS_MISSING: "refused",
  RESOURCES_MISSING: "refused",
  ACCOUNTING_BROKEN: "accounting-broken",
  REPORT_FAILED: "report-failed",
  INTERNAL: "internal-error",
} as const satisfies Record<string, ExitName>;

export type ErrorCode = keyof typeof errorCodes;

/** One thing that is wrong with what a user wrote: where, what stands there, what was expected. */
export interface Problem {
  /** Path in the file or the name of the option, such as `phases[1].rate`. */
  readonly path: string;
  /** The value found there, rendered for a person; `undefined` where nothing stands. */
  readonly value?: string;
  /** What was expected, as a clause that reads on after the value: `expected a rate such as "2000 tx/s"`. */
  readonly expected: string;
}

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** All problems at once, where there are several. */
  readonly problems?: readonly Problem[];
  /** What the user can do about it: one sentence. */
  readonly hint?: string;
}

/** A failure that the user is told about without a stack trace. Anything else that reaches `main` is a defect of ours. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.problems = options.problems ?? [];
    this.hint = options.hint;
  }
}

/** An error as data, to cross threads and sockets, where classes are lost. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly problems: readonly Problem[];
  readonly hint?: string;
}

/** True for our errors also when they come from another realm, where `instanceof` fails. */
export function isAppError(error: unknown): error is AppError {
  return (
    typeof error === "object" &&
    error !== null &&
    (error as { name?: unknown }).name === "AppError" &&
    typeof (error as { code?: unknown }).code === "string" &&
    (error as { code: string }).code in errorCodes
  );
}

export function toErrorData(error: unknown): ErrorData {
  if (isAppError(error)) {
    return {
      code: error.code,
      message: error.message,
      problems: error.problems,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
  return { code: "INTERNAL", message: messageOf(error), problems: [] };
}

export function fromErrorData(data: ErrorData): AppError {
  return new AppError(data.code, data.message, {
    problems: data.problems,
    ...(data.hint === undefined ? {} : { hint: data.hint }),
  });
}

export function exitNameOf(error: unknown): ExitName {
  return isAppError(error) ? errorCodes[error.code] : "internal-error";
}

export function messageOf(error: unknown): string {
  if (typeof error === "object" && error !== null && typeof (error as { message?: unknown }).message === "string") {
    const { message, code, syscall, path } = error as { message: string } & Readonly<Record<string, unknown>>;
    // Node's own words for a user's slip: "ENOENT: no such file or directory, open '…'".
    if (code === "ENOENT" && syscall === "open" && typeof path === "string") return `there is no file ${path}`;
    if (code === "EACCES" && syscall === "open" && typeof path === "string") return `${path} may not be opened`;
    if (code === "EISDIR") return "it is a folder";
    // Node's AggregateError of a refused connection has an empty message and only a code.
    return message === "" && typeof code === "string" ? code : message;
  }
  return String(error);
}
