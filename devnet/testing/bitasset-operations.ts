type Operation = readonly [number, object];

const core = (amount: number) => ({ amount, asset_id: "1.3.0" });

/** Assets of `lendingGenesis`. */
export const lent = 2;
export const settled = 3;

export const bitassetFees = { call: 2_000_000, settle: 10_000_000, publish: 100_000, bid: 2_000_000 } as const;

/** STRESS as ever, LENT (1.3.2), a unit of which is worth two of BTS, and DEAD (1.3.3), which was settled at one for three. */
export function lendingGenesis(): object {
  const maxSupply = "1000000000000000";
  const common = { precision: 5, issuer: "trader-0", maxSupply };
  const feed = { debt: "1", collateral: "2" };
  const publicKey = "BTS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV";
  return {
    accounts: Array.from({ length: 8 }, (_, index) => ({
      name: `trader-${index}`,
      publicKey,
      lifetimeMember: true,
      balances: { BTS: "1000000000000", STRESS: "1000000000000", DEAD: "1000" },
    })),
    assets: [
      { ...common, symbol: "STRESS" },
      { ...common, symbol: "LENT", bitasset: { feed } },
      { ...common, symbol: "DEAD", bitasset: { feed, settlementFund: "24000" } },
    ],
  };
}

export function borrow(account: number, collateral: number, debt: number, change: object = {}): Operation {
  const body = {
    fee: core(bitassetFees.call),
    funding_account: `1.2.${account}`,
    delta_collateral: core(collateral),
    delta_debt: { amount: debt, asset_id: `1.3.${lent}` },
    extensions: {},
  };
  return [3, { ...body, ...change }];
}

/** So much debt is worth so much collateral. */
export function publish(account: number, debt: number, collateral: number, asset: number = lent): Operation {
  const price = { base: { amount: debt, asset_id: `1.3.${asset}` }, quote: core(collateral) };
  return [
    19,
    {
      fee: core(bitassetFees.publish),
      publisher: `1.2.${account}`,
      asset_id: `1.3.${asset}`,
      feed: {
        settlement_price: price,
        maintenance_collateral_ratio: 1750,
        maximum_short_squeeze_ratio: 1100,
        core_exchange_rate: price,
      },
      extensions: {},
    },
  ];
}

export function settle(account: number, amount: number, asset: number = settled): Operation {
  const body = { account: `1.2.${account}`, amount: { amount, asset_id: `1.3.${asset}` } };
  return [17, { fee: core(bitassetFees.settle), ...body, extensions: [] }];
}

export function bid(account: number, collateral: number, debt: number, asset: number = settled): Operation {
  const body = { bidder: `1.2.${account}`, additional_collateral: core(collateral) };
  return [
    45,
    { fee: core(bitassetFees.bid), ...body, debt_covered: { amount: debt, asset_id: `1.3.${asset}` }, extensions: [] },
  ];
}

export function settleAll(issuer: number, debt: number, collateral: number): Operation {
  return [
    18,
    {
      fee: core(50_000_000),
      issuer: `1.2.${issuer}`,
      asset_to_settle: `1.3.${lent}`,
      settle_price: { base: { amount: debt, asset_id: `1.3.${lent}` }, quote: core(collateral) },
      extensions: [],
    },
  ];
}

export function producers(issuer: number, ...accounts: readonly number[]): Operation {
  const body = { issuer: `1.2.${issuer}`, asset_to_update: `1.3.${lent}` };
  return [
    13,
    { fee: core(50_000_000), ...body, new_feed_producers: accounts.map((id) => `1.2.${id}`), extensions: [] },
  ];
}
