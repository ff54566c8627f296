import { expect, test } from "@jest/globals";
import type { Clock } from "../../shared/time/clock.ts";
import { TokenGuard } from "./token-guard.ts";

const token = "the-token-of-this-door";

function guardAt(): { guard: TokenGuard; pass: (seconds: number) => void } {
  let micros = 0;
  const clock: Clock = { nowMicros: () => micros, wallMillis: () => 0 };
  return {
    guard: new TokenGuard(clock),
    pass: (seconds) => {
      micros += seconds * 1e6;
    },
  };
}

test("tells which of several tokens was shown", () => {
  const { guard } = guardAt();
  expect(guard.check("a", token, ["another-token", token])).toEqual({ kind: "right", place: 1 });
});

test.each([[undefined], [""], [`${token}x`], [token.slice(1)], [42], [{}], [["x"]]])("%j is no token", (shown) => {
  expect(guardAt().guard.check("a", shown, [token])).toEqual({ kind: "wrong" });
});

test("a token that is empty by mistake opens nothing to those who show none", () => {
  expect(guardAt().guard.check("a", undefined, [""])).toEqual({ kind: "wrong" });
});

test("holds off an address after ten wrong tokens, the right one included, for a minute, and tells it once", () => {
  const { guard, pass } = guardAt();
  for (let i = 0; i < 10; i++) expect(guard.check("a", `guess-${i}`, [token]).kind).toBe("wrong");
  pass(20);
  expect(guard.check("a", token, [token])).toEqual({ kind: "held-off", retryAfterMs: 40_000, isNews: true });
  expect(guard.check("a", token, [token])).toMatchObject({ kind: "held-off", isNews: false });
  expect(guard.check("b", token, [token]).kind).toBe("right");
  pass(40);
  expect(guard.check("a", token, [token]).kind).toBe("right");
});
