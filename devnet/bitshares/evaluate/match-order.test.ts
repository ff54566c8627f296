import { expect, test } from "@jest/globals";
import { openMarket } from "../../testing/open-market.ts";
import { cancel, sell } from "../../testing/sign.ts";

const bts = 0;
const stress = 1;
const fee = 500_000;

test("an order that nobody meets rests in the book with its whole amount", () => {
  const { state, accept, gained } = openMarket();
  accept(sell(17, 500, bts, 1000, stress));
  expect(state.orders.get(0)).toMatchObject({ forSale: 500, seller: 17, deferredFee: fee });
  expect(gained(17, bts)).toBe(-500 - fee);
});

test("a trade happens at the resting order's price, whatever more the new one offers", () => {
  const { state, accept, gained } = openMarket();
  accept(sell(17, 500, bts, 1000, stress));
  accept(sell(18, 2000, stress, 100, bts));
  expect(state.orders.get(0)).toBeUndefined();
  expect(state.orders.get(1)).toMatchObject({ forSale: 1000, deferredFee: 0 });
  expect(gained(17, stress)).toBe(1000);
  expect(gained(18, bts)).toBe(500 - fee);
});

test("the best price is taken first, and the older order at the same price", () => {
  const { state, accept } = openMarket();
  accept(sell(17, 100, bts, 300, stress));
  accept(sell(18, 100, bts, 200, stress));
  accept(sell(19, 100, bts, 200, stress));
  accept(sell(20, 300, stress, 100, bts));
  expect(state.orders.get(0)).toMatchObject({ forSale: 100 });
  expect(state.orders.get(1)).toBeUndefined();
  expect(state.orders.get(2)).toMatchObject({ forSale: 50, filled: 50 });
});

test("orders whose prices do not meet leave each other alone", () => {
  const { state, accept } = openMarket();
  accept(sell(17, 100, bts, 300, stress));
  accept(sell(18, 299, stress, 100, bts));
  expect(state.orders.size).toBe(2);
});

test("what cannot buy a single unit goes back to its owner", () => {
  const { state, accept, gained } = openMarket();
  accept(sell(17, 10, bts, 1000, stress));
  // 150 at 100 each buys one; the other 50 could never buy anything.
  accept(sell(18, 150, stress, 1, bts));
  expect(gained(18, bts)).toBe(1 - fee);
  expect(gained(18, stress)).toBe(-100);
  expect(state.orders.get(1)).toBeUndefined();
  expect(state.orders.get(0)).toMatchObject({ forSale: 9 });
});

test("fill or kill fills completely or changes nothing", () => {
  const { state, accept, refuse, gained } = openMarket();
  accept(sell(17, 500, bts, 1000, stress));
  expect(refuse(sell(18, 1500, stress, 100, bts, true)).code).toBe(3_050_101);
  expect(state.orders.get(0)).toMatchObject({ forSale: 500 });
  expect(gained(18, stress)).toBe(0);
  expect(gained(18, bts)).toBe(0);
  accept(sell(18, 1000, stress, 100, bts, true));
  expect(state.orders.size).toBe(0);
});

test("a cancelled order gives back what is left, and its fee only if it was never filled", () => {
  const { accept, gained, refuse } = openMarket();
  accept(sell(17, 500, bts, 1000, stress));
  accept(cancel(17, 0));
  expect(gained(17, bts)).toBe(0);
  accept(sell(17, 600, bts, 1200, stress));
  accept(sell(18, 500, stress, 100, bts));
  accept(cancel(17, 1));
  expect(gained(17, bts)).toBe(-250 - fee);
  expect(refuse(cancel(18, 1)).code).toBe(3_050_201);
});

test("somebody else's order cannot be cancelled", () => {
  const { accept, refuse } = openMarket();
  accept(sell(17, 500, bts, 1000, stress));
  expect(refuse(cancel(18, 0)).code).toBe(3_050_202);
});

test("an order is cancelled when its time has come", () => {
  const { virtual, state, accept, gained } = openMarket();
  const [type, body] = sell(17, 500, bts, 1000, stress);
  const expiration = new Date((virtual.chain(0).headSeconds + 5) * 1000).toISOString().slice(0, 19);
  accept([type, { ...body, expiration }]);
  virtual.advance(3);
  expect(state.orders.size).toBe(1);
  virtual.advance(5);
  expect(state.orders.size).toBe(0);
  expect(gained(17, bts)).toBe(0);
});

test("the genesis' orders can be bought from", () => {
  const orders = [
    {
      seller: "trader-0",
      sell: { symbol: "BTS", amount: "100" },
      receive: { symbol: "STRESS", amount: "200" },
      count: 3,
    },
  ];
  const { virtual, state } = openMarket({ orders });
  expect(state.balance(17, bts)).toBe(1e12 - 300);
  virtual.send(0, [sell(18, 500, stress, 250, bts)]);
  expect(state.balance(18, bts)).toBe(1e12 + 250 - fee);
  expect([...state.orders.keys()]).toEqual([2]);
});
