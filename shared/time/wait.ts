import { setTimeout as delay } from "node:timers/promises";

export interface DeadlineOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Made only when the time is up, so that it can say what was seen until then. */
  readonly onTimeout: () => Error;
}

/** The result of `work`, or the time-out's error, or the signal's reason, whichever comes first. */
export async function withDeadline<T>(work: Promise<T>, options: DeadlineOptions): Promise<T> {
  // Whatever becomes of the work once nobody waits for it is nobody's failure.
  work.catch(() => undefined);
  options.signal?.throwIfAborted();
  let cleanUp = (): void => undefined;
  const limit = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(options.onTimeout()), options.timeoutMs);
    const onAbort = (): void => reject(options.signal?.reason as Error);
    options.signal?.addEventListener("abort", onAbort, { once: true });
    cleanUp = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
    };
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    cleanUp();
  }
}

/** Waits until `condition` holds, looking every `everyMs` (default 20). Throws the time-out's error at the deadline. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  options: DeadlineOptions & { readonly everyMs?: number },
): Promise<void> {
  options.signal?.throwIfAborted();
  const deadline = performance.now() + options.timeoutMs;
  while (!(await condition())) {
    if (performance.now() >= deadline) throw options.onTimeout();
    try {
      await delay(options.everyMs ?? 20, undefined, options.signal ? { signal: options.signal } : {});
    } catch (error) {
      // Node's timers reject with an error of their own instead of the reason that the signal was given.
      options.signal?.throwIfAborted();
      throw error;
    }
  }
}
