import { expect, test } from "@jest/globals";
import { borrow, lendingGenesis, lent, settleAll } from "../../testing/bitasset-operations.ts";
import { openMarket } from "../../testing/open-market.ts";
import {
  assetOptions,
  bitassetOptions,
  createAsset,
  issue,
  updateAsset,
  updateBitasset,
} from "../../testing/registry-operations.ts";
import { cancel, sell } from "../../testing/sign.ts";

const issuer = 17;
const made = 2;

test("an asset is made, and issued up to its largest supply", () => {
  const { accept, refuse, state } = openMarket();
  accept(createAsset(issuer, "ISSUED", { options: assetOptions(1, { max_supply: 1000 }) }));
  accept(issue(issuer, made, 1000, 18));
  expect(state.balance(18, made)).toBe(1000);
  expect(refuse(issue(issuer, made, 1, 18)).said).toContain("<= a.options.max_supply");
});

test.each([
  ["no supply", { max_supply: 0 }, "max_supply > 0: "],
  ["a supply beyond all", { max_supply: "9000000000000000000" }, "max_supply <= GRAPHENE_MAX_SHARE_SUPPLY: "],
  ["a market fee of more than all", { market_fee_percent: 10_001 }, "market_fee_percent <= GRAPHENE_100_PERCENT: "],
  ["a most of less than nothing", { max_market_fee: -1 }, "max_market_fee >= 0"],
  ["a flag that is a permission only", { flags: 0x20 }, "Can not set global_settle flag"],
  ["prices of witnesses and committee", { flags: 0x180 }, "witness_fed_asset | committee_fed_asset"],
])("an asset with %s is neither made nor comes about later", (_, change, said) => {
  const { refuse } = openMarket();
  expect(refuse(createAsset(issuer, "ISSUED", { options: assetOptions(1, change) })).said).toContain(said);
  expect(refuse(updateAsset(issuer, 1, change)).said).toContain(said);
});

test.each([
  ["no feed at all", { minimum_feeds: 0 }, "minimum_feeds > 0: "],
  ["more offset than all", { force_settlement_offset_percent: 10_001 }, "force_settlement_offset_percent"],
  ["more volume than all", { maximum_force_settlement_volume: 10_001 }, "maximum_force_settlement_volume"],
  ["a squeeze of nothing", { extensions: { maximum_short_squeeze_ratio: 0 } }, "maximum_short_squeeze_ratio"],
  ["a ratio beyond all", { extensions: { maintenance_collateral_ratio: 32_001 } }, "maintenance_collateral_ratio"],
])("an asset that is lent upon %s is neither made nor comes about later", (_, change, said) => {
  const { refuse } = openMarket({ genesis: lendingGenesis() });
  const bitasset = bitassetOptions(0, change);
  expect(refuse(createAsset(issuer, "BACKED", { bitasset })).said).toContain(said);
  expect(refuse(updateBitasset(issuer, lent, bitasset)).said).toContain(said);
});

test.each([
  ["finer than any", { precision: 13 }, "precision <= 12: "],
  ["of a forecast that nothing backs", { is_prediction_market: true }, "Cannot have a User-Issued Asset"],
])("an asset %s is not made", (_, change, said) => {
  const { refuse } = openMarket();
  expect(refuse(createAsset(issuer, "ISSUED", change)).said).toContain(said);
});

test.each([
  ["for nothing at all", { base: { amount: 0, asset_id: `1.3.${lent}` } }, "b.base.amount.value > 0: "],
  ["for less than nothing", { quote: { amount: -3, asset_id: "1.3.0" } }, "result <= GRAPHENE_MAX_SHARE_SUPPLY: "],
  ["in what does not back it", { quote: { amount: 1, asset_id: "1.3.1" } }, "a.asset_id == b.asset_id: "],
])("an asset is not settled %s", (_, change, said) => {
  const { accept, refuse } = openMarket({ genesis: lendingGenesis() });
  accept(borrow(18, 5000, 1000));
  const [type, body] = settleAll(issuer, 1, 1) as readonly [number, { readonly settle_price: object }];
  expect(refuse([type, { ...body, settle_price: { ...body.settle_price, ...change } }]).said).toContain(said);
});

test("a fee in an asset without a pool is refused, even where none is asked", () => {
  const { accept, refuse, gained } = openMarket();
  accept(sell(18, 500, 0, 1000, 1));
  const [type, body] = cancel(18, 0);
  const before = gained(18, 0);
  expect(refuse([type, { ...body, fee: { amount: 5, asset_id: "1.3.1" } }]).said).toContain("Fee pool balance");
  expect(gained(18, 0)).toBe(before);
});
