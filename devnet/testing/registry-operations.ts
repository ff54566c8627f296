import { developmentKey } from "../default-config.ts";

type Operation = readonly [number, object];

const core = (amount: number) => ({ amount, asset_id: "1.3.0" });
const unit = (asset: number, amount: number) => ({ amount, asset_id: `1.3.${asset}` });

/** Enough for names and symbols of every length. */
const ampleFee = core(600_000_000);

const memoKey = developmentKey.publicKey;

export interface TestAuthority {
  readonly threshold: number;
  /** By account, or by the development key where there is none. */
  readonly weights: readonly (readonly [account: number | null, weight: number])[];
}

export const developmentAuthority: TestAuthority = { threshold: 1, weights: [[null, 1]] };

function authority({ threshold, weights }: TestAuthority): object {
  return {
    weight_threshold: threshold,
    account_auths: weights.flatMap(([account, weight]) => (account === null ? [] : [[`1.2.${account}`, weight]])),
    key_auths: weights.flatMap(([account, weight]) => (account === null ? [[memoKey, weight]] : [])),
    address_auths: [],
  };
}

function accountOptions(votes: readonly string[]): object {
  return { memo_key: memoKey, voting_account: "1.2.5", num_witness: 0, num_committee: 0, votes, extensions: [] };
}

export function createAccount(
  registrar: number,
  name: string,
  active: TestAuthority = developmentAuthority,
  referrer = registrar,
): Operation {
  const people = { registrar: `1.2.${registrar}`, referrer: `1.2.${referrer}`, referrer_percent: 5000 };
  const authorities = { owner: authority(developmentAuthority), active: authority(active) };
  return [5, { fee: ampleFee, ...people, name, ...authorities, options: accountOptions([]), extensions: {} }];
}

export function updateAccount(
  account: number,
  change: { readonly owner?: TestAuthority; readonly active?: TestAuthority; readonly votes?: readonly string[] },
): Operation {
  return [
    6,
    {
      fee: ampleFee,
      account: `1.2.${account}`,
      ...(change.owner !== undefined && { owner: authority(change.owner) }),
      ...(change.active !== undefined && { active: authority(change.active) }),
      ...(change.votes !== undefined && { new_options: accountOptions(change.votes) }),
      extensions: {},
    },
  ];
}

export function listAccount(authorizing: number, listed: number, listing: number): Operation {
  const accounts = { authorizing_account: `1.2.${authorizing}`, account_to_list: `1.2.${listed}` };
  return [7, { fee: ampleFee, ...accounts, new_listing: listing, extensions: [] }];
}

export function upgradeAccount(account: number, isLifetime: boolean): Operation {
  const upgrade = { account_to_upgrade: `1.2.${account}`, upgrade_to_lifetime_member: isLifetime };
  return [8, { fee: core(1_000_000_000), ...upgrade, extensions: [] }];
}

/** `priced`: the asset that its exchange rate to the core asset is of. */
export function assetOptions(priced: number, change: object = {}): object {
  return {
    max_supply: "1000000000000",
    market_fee_percent: 0,
    max_market_fee: 0,
    issuer_permissions: 0x2f,
    flags: 0,
    core_exchange_rate: { base: core(1), quote: unit(priced, 1) },
    whitelist_authorities: [],
    blacklist_authorities: [],
    whitelist_markets: [],
    blacklist_markets: [],
    description: "",
    extensions: {},
    ...change,
  };
}

export function bitassetOptions(backing: number, change: object = {}): object {
  return {
    feed_lifetime_sec: 86_400,
    minimum_feeds: 1,
    force_settlement_delay_sec: 86_400,
    force_settlement_offset_percent: 0,
    maximum_force_settlement_volume: 2000,
    short_backing_asset: `1.3.${backing}`,
    extensions: {},
    ...change,
  };
}

/** Of an asset that is only issued where `bitasset` is not given. */
export function createAsset(
  issuer: number,
  symbol: string,
  {
    options = assetOptions(1),
    bitasset,
    ...change
  }: { readonly options?: object; readonly bitasset?: object; readonly [field: string]: unknown } = {},
): Operation {
  return [
    10,
    {
      fee: ampleFee,
      issuer: `1.2.${issuer}`,
      symbol,
      precision: 5,
      common_options: options,
      ...(bitasset !== undefined && { bitasset_opts: bitasset }),
      is_prediction_market: false,
      extensions: [],
      ...change,
    },
  ];
}

export function updateAsset(issuer: number, asset: number, change: object = {}): Operation {
  const update = { issuer: `1.2.${issuer}`, asset_to_update: `1.3.${asset}` };
  return [11, { fee: ampleFee, ...update, new_options: assetOptions(asset, change), extensions: {} }];
}

export function updateBitasset(issuer: number, asset: number, options: object): Operation {
  const update = { issuer: `1.2.${issuer}`, asset_to_update: `1.3.${asset}` };
  return [12, { fee: ampleFee, ...update, new_options: options, extensions: [] }];
}

export function issue(issuer: number, asset: number, amount: number, to: number): Operation {
  const issued = { asset_to_issue: unit(asset, amount), issue_to_account: `1.2.${to}` };
  return [14, { fee: ampleFee, issuer: `1.2.${issuer}`, ...issued, extensions: [] }];
}

export function reserve(payer: number, asset: number, amount: number): Operation {
  return [15, { fee: ampleFee, payer: `1.2.${payer}`, amount_to_reserve: unit(asset, amount), extensions: [] }];
}

export function transferAsset(from: number, to: number, asset: number, amount: number, memo: string | null): Operation {
  const parties = { from: `1.2.${from}`, to: `1.2.${to}` };
  const sealed = { from: memoKey, to: memoKey, nonce: "394359322325", message: memo };
  return [
    0,
    { fee: ampleFee, ...parties, amount: unit(asset, amount), ...(memo !== null && { memo: sealed }), extensions: [] },
  ];
}

/** Operations that change nothing here but the balance that pays for them. */
export function witnessCreate(account: number): Operation {
  const witness = { witness_account: `1.2.${account}`, url: "", block_signing_key: memoKey };
  return [20, { fee: ampleFee, ...witness }];
}

export function committeeMemberCreate(account: number): Operation {
  return [29, { fee: ampleFee, committee_member_account: `1.2.${account}`, url: "" }];
}

export function custom(payer: number, also: readonly number[], data: string): Operation {
  const required = { required_auths: also.map((account) => `1.2.${account}`) };
  return [35, { fee: ampleFee, payer: `1.2.${payer}`, ...required, id: 7, data }];
}

export function fundFeePool(from: number, asset: number, amount: number): Operation {
  return [16, { fee: ampleFee, from_account: `1.2.${from}`, asset_id: `1.3.${asset}`, amount, extensions: [] }];
}
