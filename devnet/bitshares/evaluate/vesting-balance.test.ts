import { expect, test } from "@jest/globals";
import { fees, vest, withdraw } from "../../testing/held-operations.ts";
import { inSeconds, openMarket } from "../../testing/open-market.ts";

const bts = 0;
const never = "1970-01-01T00:00:00";

test("a balance that vests in a line is paid out as time goes by", () => {
  const market = openMarket();
  const { accept, refuse, gained, virtual, state } = market;
  virtual.advance(2);
  const begin = inSeconds(market, 0);
  accept(vest(17, 18, 1000, [0, { begin_timestamp: begin, vesting_cliff_seconds: 10, vesting_duration_seconds: 100 }]));
  expect(gained(17, bts)).toBe(-1000 - fees.vestingCreate);
  virtual.advance(5);
  expect(refuse(withdraw(18, 0, 1)).said).toBe("vbo.is_withdraw_allowed( now, op.amount ): ");
  virtual.advance(15);
  const elapsed = virtual.chain(0).headSeconds - Date.parse(`${begin}Z`) / 1000;
  expect(refuse(withdraw(18, 0, 10 * elapsed + 1)).code).toBe(10);
  accept(withdraw(18, 0, 10 * elapsed));
  expect(refuse(withdraw(18, 0, 1)).code).toBe(10);
  virtual.advance(100);
  accept(withdraw(18, 0, 1000 - 10 * elapsed));
  expect(gained(18, bts)).toBe(1000 - 2 * fees.vestingWithdraw);
  expect(state.vestings.get(0)).toMatchObject({ balance: { amount: 0 } });
});

test("coin days are earned up to the balance, and spent by what is withdrawn", () => {
  const { accept, refuse, gained, virtual } = openMarket();
  virtual.advance(2);
  accept(vest(17, 18, 1000, [1, { start_claim: never, vesting_seconds: 100 }]));
  virtual.advance(10.5);
  accept(withdraw(18, 0, 100));
  expect(refuse(withdraw(18, 0, 1)).code).toBe(10);
  // The 900 that are left earn 9 a second.
  virtual.advance(10);
  expect(refuse(withdraw(18, 0, 91)).code).toBe(10);
  accept(withdraw(18, 0, 90));
  virtual.advance(500);
  accept(withdraw(18, 0, 810));
  expect(gained(18, bts)).toBe(1000 - 3 * fees.vestingWithdraw);
});

test("somebody else's balance, and more than there is, are refused", () => {
  const { refuse, accept, virtual } = openMarket();
  virtual.advance(2);
  accept(vest(17, 18, 1000, [1, { start_claim: never, vesting_seconds: 0 }]));
  virtual.advance(2);
  expect(refuse(withdraw(17, 0, 1)).said).toBe("op.owner == vbo.owner: ");
  expect(refuse(withdraw(18, 0, 1001)).code).toBe(10);
  expect(refuse(withdraw(18, 1, 1)).said).toContain("Unable to find Object");
  expect(refuse(vest(17, 18, 2e12, [1, { start_claim: never, vesting_seconds: 0 }])).said).toContain(
    "Insufficient Balance",
  );
  accept(withdraw(18, 0, 1000));
});
