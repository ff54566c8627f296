import { afterEach, expect, test } from "@jest/globals";
import { driverOf } from "../../shared/chains/registry.ts";
import { uniformWorkload } from "../../shared/chains/testing/uniform-workload.ts";
import { NamedRun } from "../testing/named-run.ts";

const transactions = 12;
const run = new NamedRun(transactions);
const send: NamedRun["send"] = (operation, parameters) => run.send(operation, parameters);

afterEach(() => run.stop());

interface Units {
  readonly amount: number | string;
}

test("accounts borrow against more collateral than they need, and their debt is what there is of the asset", async () => {
  const { operations, call } = await send("call_order_update", { debt: "1..3 LENT", ratio: "2..2.5" });
  const positions = await call<{ debt: number; collateral: number }[]>("get_call_orders", ["LENT", 100]);
  const borrowed = operations.reduce((sum, [, body]) => sum + Number((body.delta_debt as Units).amount), 0);
  expect(positions.reduce((sum, { debt }) => sum + Number(debt), 0)).toBe(borrowed);
  for (const { debt, collateral } of positions) {
    expect(Number(collateral) / Number(debt)).toBeGreaterThan(2);
    expect(Number(collateral) / Number(debt)).toBeLessThan(2.51);
  }
  const [asset] = await call<{ dynamic_asset_data_id: string }[]>("lookup_asset_symbols", [["LENT"]]);
  const [supply] = await call<{ current_supply: number }[]>("get_objects", [[asset?.dynamic_asset_data_id]]);
  expect(Number(supply?.current_supply)).toBe(borrowed);
});

test("a price is published again and again in other terms, and stays what it is", async () => {
  const { operations, call } = await send("asset_publish_feed");
  expect(new Set(operations.map(([, body]) => JSON.stringify(body.feed))).size).toBe(transactions);
  const [asset] = await call<{ bitasset_data_id: string }[]>("lookup_asset_symbols", [["LENT"]]);
  const [bitasset] = await call<{ current_feed: { settlement_price: Record<"base" | "quote", Units> } }[]>(
    "get_objects",
    [[asset?.bitasset_data_id]],
  );
  const { base, quote } = bitasset?.current_feed.settlement_price ?? {};
  expect(Number(base?.amount)).toBe(Number(quote?.amount));
});

test("what was settled for everybody is exchanged for its share", async () => {
  const { operations, resolved, call } = await send("asset_settle", { amount: "1..3 SETTLED" });
  const sent = operations.map(([, body]) => Number((body.amount as Units).amount));
  let held = 0;
  let before = 0;
  for (const { id, balances } of resolved.accounts) {
    const [left] = await call<Units[]>("get_account_balances", [id, ["SETTLED"]]);
    held += Number(left?.amount);
    before += Number(balances.SETTLED);
  }
  // Less than what was sent by what would not have bought anything.
  const paid = before - held;
  const whole = sent.reduce((sum, amount) => sum + amount, 0);
  expect(paid).toBeLessThanOrEqual(whole);
  expect(paid).toBeGreaterThan(whole - 100 * transactions);
});

test("collateral is bid for a settled asset, one bid of each account", async () => {
  const { operations, resolved, call } = await send("bid_collateral", { debt: "1..3 SETTLED", collateral: "1 BTS" });
  const bids = await call<{ bidder: string }[]>("get_collateral_bids", ["SETTLED", 100, 0]);
  const bidders = new Set(operations.map(([, body]) => body.bidder));
  expect(new Set(bids.map(({ bidder }) => bidder))).toEqual(bidders);
  expect(bids).toHaveLength(bidders.size);
  expect(resolved.accounts.map(({ id }) => id)).toEqual(expect.arrayContaining([...bidders]));
});

test.each([
  ["call_order_update", { debt: "1 STRESS" }, "expected an asset that is lent against collateral"],
  ["call_order_update", { ratio: "1.5..2" }, "expected a ratio above 1.75"],
  ["bid_collateral", { debt: "1 LENT" }, "expected an asset that was settled globally"],
  ["bid_collateral", { collateral: "1 STRESS" }, "expected a bid of its own collateral"],
  ["asset_settle", { amount: "0.00001..1 SETTLED" }, "expected amounts that are worth something"],
])(
  "%s with %j is refused before anything is sent, with what would be needed",
  async (operation, parameters, expected) => {
    // A network that has both of the assets.
    const driver = driverOf("bitshares");
    const workload = uniformWorkload(["call_order_update", "bid_collateral"]);
    const { endpoint, network, accounts } = await run.start(workload, "10000 BTS");
    const failure = driver.resolve({ endpoint, network, accounts, workload: uniformWorkload([operation], parameters) });
    await expect(failure).rejects.toMatchObject({
      code: "RESOURCES_MISSING",
      problems: [{ path: `mix.${operation}`, expected: expect.stringContaining(expected) as unknown }],
    });
  },
);
