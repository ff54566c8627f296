import { expect, test } from "@jest/globals";
import { withdrawable } from "./find-pooled.ts";
import { vestingBalancesAnswer } from "./node-answers.ts";

const second = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19);

function vesting(amount: number, policy: readonly [number, object]) {
  const answer = [{ id: "1.13.7", owner: "1.2.17", balance: { amount, asset_id: "1.3.0" }, policy }];
  const [balance] = vestingBalancesAnswer.parse(answer);
  if (balance === undefined) throw new Error("nothing was parsed");
  return balance;
}

const linear = {
  begin_timestamp: second(100),
  vesting_cliff_seconds: 10,
  vesting_duration_seconds: 100,
  begin_balance: "1000",
};
const coinDays = {
  vesting_seconds: 100,
  start_claim: second(50),
  coin_seconds_earned: "20000",
  coin_seconds_earned_last_update: second(100),
};

test.each([
  ["a line, before it begins", vesting(1000, [0, linear]), 100, 0],
  ["a line, before its cliff", vesting(1000, [0, linear]), 109, 0],
  ["a line, a part of which was taken", vesting(900, [0, linear]), 150, 400],
  ["a line that is over", vesting(900, [0, linear]), 5000, 900],
  ["coin days, before they may be claimed", vesting(1000, [1, coinDays]), 50, 0],
  ["coin days so far", vesting(1000, [1, coinDays]), 110, 300],
  ["coin days up to the balance", vesting(1000, [1, coinDays]), 900, 1000],
  ["what is free at once", vesting(7, [2, {}]), 0, 7],
] as const)("%s: as much may be withdrawn as the chain allows", (_, balance, now, expected) => {
  expect(withdrawable(balance, now)).toBe(expected);
});
