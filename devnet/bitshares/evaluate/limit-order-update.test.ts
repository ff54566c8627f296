import { expect, test } from "@jest/globals";
import { fees, updateOrder } from "../../testing/held-operations.ts";
import { inSeconds, openMarket } from "../../testing/open-market.ts";
import { cancel, sell } from "../../testing/sign.ts";

const bts = 0;
const stress = 1;
const createFee = 500_000;
const price = (base: number, quote: number) => ({
  new_price: { base: { amount: base, asset_id: "1.3.0" }, quote: { amount: quote, asset_id: "1.3.1" } },
});
const delta = (amount: number) => ({ delta_amount_to_sell: { amount, asset_id: "1.3.0" } });

test("an order takes its new place in the book, and its first fee is given back", () => {
  const { accept, gained, state } = openMarket();
  accept(sell(17, 500, bts, 1000, stress));
  accept(sell(18, 500, bts, 1100, stress));
  accept(updateOrder(18, 1, price(500, 900)));
  expect([...state.book.instances(bts, stress)]).toEqual([1, 0]);
  expect(state.orders.get(1)).toMatchObject({ forSale: 500, receive: { amount: 900 }, deferredFee: fees.orderUpdate });
  expect(gained(18, bts)).toBe(-500 - fees.orderUpdate);
  accept(cancel(18, 1));
  expect(gained(18, bts)).toBe(0);
});

test("a better price is matched at once", () => {
  const { accept, gained, state } = openMarket();
  accept(sell(17, 1000, stress, 500, bts));
  accept(sell(18, 500, bts, 2000, stress));
  expect(state.orders.size).toBe(2);
  accept(updateOrder(18, 1, price(500, 1000)));
  expect(state.orders.size).toBe(0);
  expect(gained(18, stress)).toBe(1000);
  expect(gained(17, bts)).toBe(500 - createFee);
});

test("more or less is offered, out of the seller's balance or back to it", () => {
  const { accept, refuse, gained, state } = openMarket();
  accept(sell(17, 500, bts, 1000, stress));
  accept(updateOrder(17, 0, delta(300)));
  expect(state.orders.get(0)).toMatchObject({ forSale: 800 });
  accept(updateOrder(17, 0, delta(-700)));
  expect(gained(17, bts)).toBe(-100 - fees.orderUpdate);
  expect(refuse(updateOrder(17, 0, delta(-100))).said).toContain("Cannot deduct all or more from order");
  expect(refuse(updateOrder(17, 0, delta(2e12))).said).toContain("Insufficient Balance");
});

test("an order lives as long as it was last told", () => {
  const market = openMarket();
  const { accept, state, virtual } = market;
  virtual.advance(2);
  accept(sell(17, 500, bts, 1000, stress), sell(17, 500, bts, 1000, stress));
  accept(updateOrder(17, 0, { new_expiration: inSeconds(market, 10) }));
  virtual.advance(8);
  accept(updateOrder(17, 0, { new_expiration: inSeconds(market, 20) }));
  virtual.advance(10);
  expect(state.orders.size).toBe(2);
  virtual.advance(15);
  expect([...state.orders.keys()]).toEqual([1]);
});

test.each([
  ["an order that is gone", updateOrder(17, 9, delta(1)), 3_057_701, "does not exist, cannot update"],
  ["somebody else's order", updateOrder(18, 0, delta(1)), 3_057_702, "is owned by someone else, cannot update"],
  ["nothing", updateOrder(17, 0, {}), 10, "if nothing is specified to update"],
  ["by zero", updateOrder(17, 0, delta(0)), 10, "Cannot change limit order amount by zero"],
  ["a price for more than there is", updateOrder(17, 0, price(501, 1000)), 10, "estimated maximum amount for sale"],
  ["the past", updateOrder(17, 0, { new_expiration: "2020-01-01T00:00:00" }), 10, "to expire in the past"],
  [
    "another asset",
    updateOrder(17, 0, { delta_amount_to_sell: { amount: 1, asset_id: "1.3.1" } }),
    10,
    "Cannot update limit order with incompatible asset",
  ],
] as const)("%s is refused", (_, operation, code, said) => {
  const { accept, refuse } = openMarket();
  accept(sell(17, 500, bts, 1000, stress));
  const refusal = refuse(operation);
  expect(refusal.code).toBe(code);
  expect(refusal.said).toContain(said);
});

test("an order that could not buy anything any more is refused", () => {
  const { accept, refuse } = openMarket();
  accept(sell(17, 500, bts, 1, stress));
  expect(refuse(updateOrder(17, 0, delta(-1))).said).toContain("order becomes too small");
});
