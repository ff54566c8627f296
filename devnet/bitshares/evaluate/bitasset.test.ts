import { expect, test } from "@jest/globals";
import {
  bid,
  bitassetFees,
  borrow,
  lendingGenesis,
  lent,
  producers,
  publish,
  settle,
  settleAll,
  settled,
} from "../../testing/bitasset-operations.ts";
import { openMarket } from "../../testing/open-market.ts";
import { sell, transfer } from "../../testing/sign.ts";

const bts = 0;
const issuer = 17;

function setUp() {
  return openMarket({ genesis: lendingGenesis() });
}

test("debt is lent against collateral, more and less of both, until all is paid back", () => {
  const { accept, state, gained } = setUp();
  accept(borrow(18, 5000, 1000));
  expect(state.callOf(18, lent)).toMatchObject({ debt: { amount: 1000 }, collateral: { amount: 5000 } });
  expect(state.balance(18, lent)).toBe(1000);
  expect(state.supplies.get(lent)).toBe(1000);
  accept(borrow(18, 0, -400));
  accept(borrow(18, 100, 0));
  expect(state.callOf(18, lent)).toMatchObject({ debt: { amount: 600 }, collateral: { amount: 5100 } });
  accept(borrow(18, -5100, -600));
  expect(state.callOf(18, lent)).toBeUndefined();
  expect(state.supplies.get(lent)).toBe(0);
  expect(gained(18, bts)).toBe(-4 * bitassetFees.call);
});

test.each([
  ["too little collateral", borrow(18, 3500, 1000), 10, "required initial collateral ratio (ICR)"],
  ["less than the debt is worth", borrow(18, 2000, 1000), 10, "would trigger a blackswan event instantly"],
  ["debt for nothing", borrow(18, 0, 1000), 10, "Delta collateral amount of new debt position should be positive"],
  ["collateral for nothing", borrow(18, 1000, 0), 10, "Delta debt amount of new debt position should be positive"],
  ["nothing", borrow(18, 0, 0), 10, "delta_collateral.amount != 0 || delta_debt.amount != 0: "],
  ["more than there is", borrow(18, 2e12, 1), 10, "Insufficient Balance"],
  [
    "another collateral",
    borrow(18, 0, 1000, { delta_collateral: { amount: 9000, asset_id: "1.3.1" } }),
    10,
    "Collateral asset type should be same as backing asset",
  ],
  [
    "an asset that is not lent",
    borrow(18, 9000, 0, { delta_debt: { amount: 1000, asset_id: "1.3.1" } }),
    10,
    "as it is not a collateralized asset.",
  ],
  [
    "an asset that was settled",
    borrow(18, 9000, 0, { delta_debt: { amount: 1000, asset_id: `1.3.${settled}` } }),
    10,
    "Cannot update debt position when the asset has been globally settled",
  ],
] as const)("%s is refused", (_, operation, code, said) => {
  const { refuse, state } = setUp();
  const refusal = refuse(operation);
  expect(refusal.code).toBe(code);
  expect(refusal.said).toContain(said);
  expect(state.calls.size).toBe(0);
});

test("the price is the median of those who may publish it, and nobody borrows without one", () => {
  const { accept, refuse, state } = setUp();
  expect(refuse(publish(18, 1, 3)).said).toContain("not in the set of allowed price feed producers");
  accept(producers(issuer, 18, 19, 20));
  expect(state.bitassets.get(lent)?.feed.settlement).toBeNull();
  expect(refuse(borrow(18, 9000, 1000))).toMatchObject({ code: 37_006 });
  accept(publish(18, 1, 3), publish(19, 1, 5), publish(20, 1, 4));
  expect(state.bitassets.get(lent)?.feed.settlement).toMatchObject({ base: { amount: 1 }, quote: { amount: 4 } });
  expect(refuse(borrow(18, 7000, 1000)).code).toBe(10);
  accept(borrow(18, 7001, 1000));
  expect(refuse(publish(18, 0, 4)).said).toContain("Base amount should be positive");
  expect(refuse(producers(18, 18)).said).toContain("Only asset issuer can update feed producers");
});

test("an asset that is settled pays everybody the same share, however often", () => {
  const { accept, refuse, gained, state } = setUp();
  accept(settle(18, 500));
  expect(gained(18, bts)).toBe(1500 - bitassetFees.settle);
  expect(state.balance(18, settled)).toBe(500);
  expect(state.bitassets.get(settled)).toMatchObject({ settlementFund: 22_500 });
  expect(refuse(settle(18, 501)).said).toContain("Insufficient balance");
  expect(refuse(settle(18, 0)).said).toContain("too small to receive anything");
});

test("a settlement of an asset that lives waits for its day", () => {
  const { accept, state } = setUp();
  accept(borrow(18, 5000, 1000));
  accept(settle(18, 400, lent));
  expect(state.settlements.get(0)).toMatchObject({ owner: 18, balance: { amount: 400 } });
  expect(state.balance(18, lent)).toBe(600);
});

test("a bid replaces the bidder's last one, and one for no debt takes it back", () => {
  const { accept, refuse, gained, state } = setUp();
  accept(bid(18, 700, 100));
  accept(bid(18, 500, 100));
  expect([...state.bids.values()]).toMatchObject([{ bidder: 18, collateral: { amount: 500 }, debt: { amount: 100 } }]);
  expect(gained(18, bts)).toBe(-500 - 2 * bitassetFees.bid);
  accept(bid(18, 0, 0));
  expect(gained(18, bts)).toBe(-3 * bitassetFees.bid);
  expect(refuse(bid(19, 0, 0)).said).toContain("Can't find bid to cancel?!");
  expect(refuse(bid(18, 1, 1, lent)).said).toContain("Cannot bid since the asset is not globally settled");
  expect(refuse(bid(18, 2e12, 1)).said).toContain("collateral when payer only has");
});

test("the issuer settles an asset: positions give what they owe, and the rest is theirs again", () => {
  const { accept, refuse, gained, state } = setUp();
  accept(borrow(18, 5000, 1000));
  accept(transfer(18, 19, 1));
  expect(refuse(settleAll(18, 1, 2)).said).toContain("Only asset issuer can globally settle");
  expect(refuse(settleAll(issuer, 1, 6)).said).toContain("lacks sufficient collateral");
  accept(settleAll(issuer, 1, 2));
  expect(state.calls.size).toBe(0);
  expect(state.bitassets.get(lent)).toMatchObject({ settlementFund: 2000 });
  accept(settle(18, 1000, lent));
  // The fund pays no more than a position would that is called: 1.1 times the feed, so all of it.
  expect(gained(18, bts)).toBe(-bitassetFees.call - 2_000_000 - 1 - bitassetFees.settle);
  expect(state.supplies.get(lent)).toBe(0);
});

test("an asset is settled when the price falls below what a position could pay", () => {
  const { accept, state } = setUp();
  accept(borrow(18, 4000, 1000), borrow(19, 9000, 1000));
  accept(publish(issuer, 1, 3));
  expect(state.calls.size).toBe(2);
  accept(publish(issuer, 1, 4));
  expect(state.calls.size).toBe(0);
  const after = state.bitassets.get(lent);
  // The first was called and pays all that it has; a part of that is the issuer's.
  expect(after?.settlementFund).toBe(2 * Math.ceil(4000 / 1.1));
  expect(after?.collateralFees).toBe(4000 - Math.ceil(4000 / 1.1));
  expect(state.balance(19, bts)).toBe(1e12 - Math.ceil(4000 / 1.1) - bitassetFees.call);
});

test("somebody who offers more keeps it from being settled", () => {
  const { accept, state } = setUp();
  accept(borrow(18, 4000, 1000), borrow(19, 9000, 1000));
  accept(sell(19, 500, lent, 1900, bts));
  accept(publish(issuer, 1, 4));
  expect(state.calls.size).toBe(2);
});

test("a settled asset comes to life again when its fund is worth enough, and bids go back", () => {
  const { accept, state, gained } = setUp();
  accept(bid(18, 700, 100));
  accept(publish(issuer, 2, 3, settled));
  expect(state.bitassets.get(settled)?.settlementPrice).toBeNull();
  expect(state.callOf(issuer, settled)).toMatchObject({ debt: { amount: 8000 }, collateral: { amount: 24_000 } });
  expect(state.bids.size).toBe(0);
  expect(gained(18, bts)).toBe(-bitassetFees.bid);
});
