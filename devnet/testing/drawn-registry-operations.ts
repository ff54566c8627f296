import fc from "fast-check";
import { bid, borrow, producers, publish, settle, settleAll } from "./bitasset-operations.ts";
import { drawnAccount, drawnAmount, drawnNumber } from "./drawn-operations.ts";
import {
  assetOptions,
  bitassetOptions,
  committeeMemberCreate,
  createAccount,
  createAsset,
  custom,
  fundFeePool,
  issue,
  listAccount,
  reserve,
  type TestAuthority,
  transferAsset,
  updateAccount,
  updateAsset,
  updateBitasset,
  upgradeAccount,
  witnessCreate,
} from "./registry-operations.ts";
import { cancel, sell } from "./sign.ts";

type Operation = readonly [number, object];

const account = drawnAccount;
const amount = drawnAmount;
/** Those of `lendingGenesis`, and some that the run makes. */
const anybody = fc.oneof(fc.integer({ min: 17, max: 27 }), fc.constantFrom(17, 25));
/** Who has made most of the assets, and so may change them. */
const issuer = fc.constantFrom(17, 17, 17, 18);
const asset = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom(4, 5));

/** Of the development key in most cases, or others cannot do anything any more. */
const authority: fc.Arbitrary<TestAuthority> = fc.oneof(
  fc.constant<TestAuthority>({ threshold: 1, weights: [[null, 1]] }),
  anybody.map(
    (other): TestAuthority => ({
      threshold: 1,
      weights: [
        [null, 1],
        [other, 1],
      ],
    }),
  ),
  anybody.map(
    (other): TestAuthority => ({
      threshold: 2,
      weights: [
        [null, 1],
        [other, 1],
      ],
    }),
  ),
  fc.tuple(anybody, anybody).map(
    ([one, other]): TestAuthority => ({
      threshold: 1,
      weights:
        one === other
          ? [[one, 1]]
          : [
              [one, 1],
              [other, 1],
            ],
    }),
  ),
);

const accounts = fc.oneof(
  fc
    .tuple(anybody, fc.constantFrom("new-1", "new-2", "new-3", "trader-0"), authority, anybody)
    .map(([registrar, name, active, referrer]) => createAccount(registrar, name, active, referrer)),
  fc.tuple(anybody, authority).map(([updated, active]) => updateAccount(updated, { active })),
  fc.tuple(anybody, authority).map(([updated, owner]) => updateAccount(updated, { owner })),
  fc
    .tuple(anybody, fc.subarray(["1:0", "1:3", "0:11", "2:5"]))
    .map(([updated, votes]) => updateAccount(updated, { votes })),
  fc.tuple(anybody, anybody, fc.integer({ min: 0, max: 4 })).map(([by, listed, how]) => listAccount(by, listed, how)),
  fc.tuple(anybody, fc.boolean()).map(([upgraded, isLifetime]) => upgradeAccount(upgraded, isLifetime)),
);

const options = fc.constantFrom<object>(
  {},
  { max_supply: 1000 },
  { max_supply: "9000000000000000000" },
  { max_supply: -5 },
  { flags: 0x80 },
  { flags: 0x100 },
  { flags: 0x10 },
  { flags: 0x8400 },
  { issuer_permissions: 0 },
);
const lendingOptions = fc.constantFrom<object>(
  {},
  { feed_lifetime_sec: 3 },
  { feed_lifetime_sec: 0 },
  { minimum_feeds: 0 },
  { minimum_feeds: 2 },
  { extensions: { maximum_short_squeeze_ratio: 0 } },
  { extensions: { maximum_short_squeeze_ratio: 1100, maintenance_collateral_ratio: 2000 } },
  { extensions: { initial_collateral_ratio: 3000 } },
  { force_settlement_delay_sec: 0 },
);

const assets = fc.oneof(
  fc
    .tuple(issuer, fc.constantFrom("ISSUED", "FURTHER", "STRESS"), options)
    .map(([by, symbol, change]) => createAsset(by, symbol, { options: assetOptions(1, change) })),
  fc
    .tuple(issuer, fc.constantFrom("BACKED", "FORECAST"), options, lendingOptions, asset, fc.boolean())
    .map(([by, symbol, change, lending, backing, is_prediction_market]) =>
      createAsset(by, symbol, {
        options: assetOptions(1, change),
        bitasset: bitassetOptions(backing, lending),
        is_prediction_market,
      }),
    ),
  fc.tuple(issuer, asset, options).map(([by, updated, change]) => updateAsset(by, updated, change)),
  fc
    .tuple(issuer, asset, asset, lendingOptions)
    .map(([by, updated, backing, change]) => updateBitasset(by, updated, bitassetOptions(backing, change))),
  fc.tuple(issuer, asset, amount, anybody).map(([by, issued, units, to]) => issue(by, issued, units, to)),
  fc.tuple(account, asset, amount).map(([payer, reserved, units]) => reserve(payer, reserved, units)),
  fc
    .tuple(account, anybody, asset, amount, fc.constantFrom(null, "", "00ff".repeat(40)))
    .map(([from, to, sent, units, memo]) => transferAsset(from, to, sent, units, memo)),
  fc
    .tuple(account, asset, amount, asset, amount)
    .map(([seller, sold, units, wanted, price]) => sell(seller, units, sold, price, wanted)),
);

/** Of whatever asset: those that nobody has made yet, and those that are not lent, too. */
const positions = fc.oneof(
  fc
    .tuple(account, asset, asset, fc.constantFrom(0, 300, 5000, -900), fc.constantFrom(100, 1000, -100, 300))
    .map(([borrower, debt, backing, more, units]) =>
      borrow(borrower, more, units, {
        delta_debt: { amount: units, asset_id: `1.3.${debt}` },
        delta_collateral: { amount: more, asset_id: `1.3.${backing}` },
      }),
    ),
  fc
    .tuple(issuer, asset, fc.constantFrom(1, 3, 1e15, 9e15), fc.constantFrom(1, 2, 30, 9e15))
    .map(([publisher, priced, debt, collateral]) => publish(publisher, debt, collateral, priced)),
  fc.tuple(issuer, asset, fc.subarray([17, 18, 19])).map(([by, fed, publishers]): Operation => {
    const [type, body] = producers(by, ...publishers);
    return [type, { ...body, asset_to_update: `1.3.${fed}` }];
  }),
  fc.tuple(account, asset, amount).map(([holder, held, units]) => settle(holder, units, held)),
  fc
    .tuple(account, asset, fc.constantFrom(0, 500), fc.constantFrom(0, 70))
    .map(([bidder, wanted, collateral, debt]) => bid(bidder, collateral, debt, wanted)),
  fc
    .tuple(issuer, asset, asset, fc.constantFrom(0, 1, -3), fc.constantFrom(0, 1, 2, -3))
    .map(([by, ended, backing, debt, collateral]): Operation => {
      const settle_price = {
        base: { amount: debt, asset_id: `1.3.${ended}` },
        quote: { amount: collateral, asset_id: `1.3.${backing}` },
      };
      return [18, { ...settleAll(by, 1, 1)[1], asset_to_settle: `1.3.${ended}`, settle_price }];
    }),
);

/** Cost their fee and do nothing else here. */
const others = fc.oneof(
  anybody.map((one) => witnessCreate(one)),
  anybody.map((one) => committeeMemberCreate(one)),
  fc.tuple(anybody, fc.uniqueArray(anybody, { maxLength: 2 })).map(([payer, also]) => custom(payer, also, "00")),
  fc.tuple(account, asset, amount).map(([from, funded, units]) => fundFeePool(from, funded, units)),
  fc.tuple(account, drawnNumber, asset, amount).map(([owner, order, paid, units]): Operation => {
    const [type, body] = cancel(owner, order);
    return [type, { ...body, fee: { amount: units % 1000, asset_id: `1.3.${paid}` } }];
  }),
);

/** Accounts and assets that are made and changed within the run, and what is done with those that are there by then. */
export const registryOperations: fc.Arbitrary<Operation> = fc.oneof(accounts, assets, positions, others);
