import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../shared/time/clock.ts";

/** A person who mistypes does not come near it, and guessing a token of 16 characters at this pace takes for ever. */
const failuresAllowed = 10;
const windowMs = 60_000;
/** Of addresses that have failed; whoever has more of them than this is not held up by a list. */
const rememberedAddresses = 10_000;

export type TokenVerdict =
  /** `place`: which of the tokens it is. */
  | { readonly kind: "right"; readonly place: number }
  | { readonly kind: "wrong" }
  /** Not looked at: this address has shown too many wrong ones. `isNews`: for the first time since it was let in. */
  | { readonly kind: "held-off"; readonly retryAfterMs: number; readonly isNews: boolean };

interface Failures {
  count: number;
  sinceMicros: number;
  told: boolean;
}

/** Compares tokens without telling by the time it takes how near they were, and holds off who shows many wrong ones. */
export class TokenGuard {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** All tokens are compared, whatever is found. */
  check(address: string, shown: unknown, tokens: readonly string[]): TokenVerdict {
    const failures = this.#failuresOf(address);
    if (failures !== undefined && failures.count >= failuresAllowed) {
      const isNews = !failures.told;
      failures.told = true;
      return { kind: "held-off", retryAfterMs: this.#leftMs(failures), isNews };
    }
    const digest = digestOf(typeof shown === "string" ? shown : "");
    const equal = tokens.map((token) => timingSafeEqual(digest, digestOf(token)));
    const place = typeof shown === "string" ? equal.indexOf(true) : -1;
    if (place >= 0) return { kind: "right", place };
    this.#note(address, failures);
    return { kind: "wrong" };
  }

  #failuresOf(address: string): Failures | undefined {
    const failures = this.#failures.get(address);
    if (failures === undefined || this.#leftMs(failures) > 0) return failures;
    this.#failures.delete(address);
    return undefined;
  }

  #leftMs({ sinceMicros }: Failures): number {
    return Math.ceil(windowMs - (this.#clock.nowMicros() - sinceMicros) / 1000);
  }

  #note(address: string, failures: Failures | undefined): void {
    if (failures !== undefined) {
      failures.count++;
      return;
    }
    const [oldest] = this.#failures.keys();
    if (this.#failures.size >= rememberedAddresses && oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(address, { count: 1, sinceMicros: this.#clock.nowMicros(), told: false });
  }
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
