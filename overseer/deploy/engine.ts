import Docker from "dockerode";
import { AppError, isAppError, messageOf } from "../../shared/errors/app-error.ts";
import { waitUntil, withDeadline } from "../../shared/time/wait.ts";
import { type EngineAddress, toEngineOptions } from "./engine-address.ts";

const pingTimeoutMs = 10_000;

/** The engine at an address, once it has answered. Throws ENGINE_UNREACHABLE or CONFIGURATION_INVALID. */
export async function openEngine(address: EngineAddress, signal: AbortSignal): Promise<Docker> {
  const engine = new Docker(await toEngineOptions(address));
  const unreachable = (why: string, cause?: unknown): AppError =>
    new AppError("ENGINE_UNREACHABLE", `the container engine at ${address.url} cannot be reached: ${why}`, {
      cause,
      hint: "is Docker running, and may this user talk to it? Choose another with --engine or DOCKER_HOST",
    });
  try {
    await withDeadline(engine.ping(), {
      timeoutMs: pingTimeoutMs,
      signal,
      onTimeout: () => unreachable(`no answer within ${pingTimeoutMs / 1000} s`),
    });
    return engine;
  } catch (error) {
    signal.throwIfAborted();
    if (isAppError(error)) throw error;
    throw unreachable(messageOf(error), error);
  }
}

/** The same engine again and again; another try each time until it could be reached. */
export function engineOnce(address: EngineAddress): (signal: AbortSignal) => Promise<Docker> {
  let engine: Docker | null = null;
  return async (signal) => {
    engine ??= await openEngine(address, signal);
    return engine;
  };
}

/** What engines say, and what it means. Their answers have no codes, so the words decide; wording of moby 20 to 28. */
const meanings = [
  { words: /no such image|image .* not found|pull access denied/i, code: "IMAGE_MISSING" },
  { words: /port is already allocated|address already in use/i, code: "PORT_IN_USE" },
  { words: /no space left on device|disk quota exceeded/i, code: "ENGINE_FULL" },
  { words: /ECONNREFUSED|ENOENT|EACCES|ECONNRESET|EPIPE|socket hang up/, code: "ENGINE_UNREACHABLE" },
] as const;

const hints = {
  IMAGE_MISSING: "build it as docs/docker.md says, or get it with: docker pull",
  PORT_IN_USE: "end what listens there, or leave publish out",
  ENGINE_FULL: "make room with: overseer deploy sweep, docker system prune",
  ENGINE_UNREACHABLE: "is the engine still running?",
} as const;

/** An engine's failure as one that the user can act on. */
export function toEngineError(error: unknown, doing: string): AppError {
  if (isAppError(error)) return error;
  const text = reasonOf(error);
  const meaning = meanings.find(({ words }) => words.test(text));
  const message = `${doing}: ${text}`;
  if (meaning === undefined) return new AppError("ENGINE_FAILED", message, { cause: error });
  return new AppError(meaning.code, message, { cause: error, hint: hints[meaning.code] });
}

/** Runs `work`; what the engine throws comes out as an AppError that says what was being done. */
export async function asking<T>(doing: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toEngineError(error, doing);
  }
}

export function isMissing(error: unknown): boolean {
  return (error as { statusCode?: unknown }).statusCode === 404;
}

/** Removes something that may be gone already, or be going. */
export async function removing(what: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (isMissing(error) || /already in progress/i.test(reasonOf(error))) return;
    throw toEngineError(error, `cannot remove ${what}`);
  }
}

/** A task that ends holds its network and volumes a little longer than its service. */
const releaseTimeoutMs = 60_000;

/** As `removing`, for what may still be held for a moment by something that is going. */
export async function removingOnceFree(what: string, work: () => Promise<unknown>): Promise<void> {
  let last: unknown = null;
  await waitUntil(
    async () => {
      try {
        await removing(what, work());
        return true;
      } catch (error) {
        if (!/in use|active endpoints/i.test(messageOf(error))) throw error;
        last = error;
        return false;
      }
    },
    { timeoutMs: releaseTimeoutMs, everyMs: 200, onTimeout: () => toEngineError(last, `cannot remove ${what}`) },
  );
}

/** The engine's own words; the library puts a status line before them. */
function reasonOf(error: unknown): string {
  const { json } = error as { json?: { message?: unknown } };
  return typeof json?.message === "string" ? json.message : messageOf(error);
}
