import { AppError } from "../../shared/errors/app-error.ts";
import type { TokenGuard } from "../server/token-guard.ts";
import type { OperatorRole } from "./operator-protocol.ts";

export interface OperatorTokens {
  readonly operator: string;
  /** Null: nobody may only look. */
  readonly viewer: string | null;
}

export interface Refusal {
  readonly status: 401 | 429;
  readonly error: AppError;
  /** 0 where trying again is of no use. */
  readonly retryAfterMs: number;
  /** Worth a line in a log; of a whole series of them, only the first is. */
  readonly isNews: boolean;
}

/** Who somebody is by the token that was shown, or why it says nothing. */
export class OperatorAccess {
  readonly #tokens: readonly { readonly role: OperatorRole; readonly token: string }[];
  readonly #guard: TokenGuard;

  constructor({ operator, viewer }: OperatorTokens, guard: TokenGuard) {
    this.#guard = guard;
    this.#tokens = [
      { role: "operator", token: operator },
      ...(viewer === null ? [] : [{ role: "viewer", token: viewer } as const]),
    ];
  }

  roleOf(address: string, shown: unknown): OperatorRole | Refusal {
    const tokens = this.#tokens.map(({ token }) => token);
    const verdict = this.#guard.check(address, shown, tokens);
    if (verdict.kind === "right") return this.#tokens[verdict.place]?.role as OperatorRole;
    if (verdict.kind === "wrong") {
      const error = new AppError("ACCESS_DENIED", "the token is not one of this overseer's operators or viewers");
      return { status: 401, error, retryAfterMs: 0, isNews: true };
    }
    const seconds = Math.ceil(verdict.retryAfterMs / 1000);
    const error = new AppError(
      "ACCESS_DENIED",
      `too many wrong tokens came from ${address}: try again in ${seconds} s`,
    );
    return { status: 429, error, retryAfterMs: verdict.retryAfterMs, isNews: verdict.isNews };
  }
}
