import { isObject, type Json, type JsonObject } from "../codec/json.ts";
import type { LimitOrderCreate, Operation, OtherOperation, Transfer } from "../codec/operation.ts";
import { operationTypes } from "../codec/operation.ts";
import { readAmount } from "../codec/read-value.ts";
import { worker } from "../codec/recover-keys.ts";
import { assertion, type ChainFailure } from "./failure.ts";
import { validateAssetCreate, validateAssetOptions, validateBitassetOptions } from "./validate-asset.ts";

/** What can be said against an operation without looking at the chain. */
export function validateOperation(operation: Operation): ChainFailure | null {
  switch (operation.kind) {
    case "transfer":
      return validateTransfer(operation);
    case "limit-order-create":
      return validateLimitOrderCreate(operation);
    case "limit-order-cancel":
      return operation.fee.amount < 0 ? refuse("market.cpp", 44, "fee.amount >= 0: ") : null;
    case "other":
      return operation.fee.amount < 0 ? refuse("base.hpp", 80, "fee.amount >= 0: ") : validateOther(operation);
  }
}

function validateTransfer({ fee, from, to, amount }: Transfer): ChainFailure | null {
  if (fee.amount < 0) return refuse("transfer.cpp", 41, "fee.amount >= 0: ");
  if (from === to) return refuse("transfer.cpp", 42, "from != to: ");
  if (amount.amount <= 0) return refuse("transfer.cpp", 43, "amount.amount > 0: ");
  return null;
}

function validateLimitOrderCreate({ fee, sell, receive }: LimitOrderCreate): ChainFailure | null {
  if (sell.asset === receive.asset)
    return refuse("market.cpp", 31, "amount_to_sell.asset_id != min_to_receive.asset_id: ");
  if (fee.amount < 0) return refuse("market.cpp", 32, "fee.amount >= 0: ");
  if (sell.amount <= 0) return refuse("market.cpp", 33, "amount_to_sell.amount > 0: ");
  if (receive.amount <= 0) return refuse("market.cpp", 34, "min_to_receive.amount > 0: ");
  return null;
}

function validateOther(operation: OtherOperation): ChainFailure | null {
  const { type, body } = operation;
  switch (type) {
    case operationTypes.fillOrder:
      return refuse("market.hpp", 200, '!"virtual operation": ');
    case operationTypes.accountCreate:
      return validateAccountCreate(body) ?? validateVotes(body.options);
    case operationTypes.accountUpdate:
      return validateVotes(body.new_options);
    case operationTypes.accountWhitelist:
      return Number(body.new_listing) < 4 ? null : refuse("account.cpp", 301, "new_listing < 0x4: ");
    case operationTypes.assetCreate:
      return validateAssetCreate(body);
    case operationTypes.assetUpdate:
      return validateAssetOptions(body.new_options as JsonObject);
    case operationTypes.assetUpdateBitasset:
      return validateBitassetOptions(body.new_options as JsonObject);
    case operationTypes.assetIssue:
      return readAmount(body.asset_to_issue).amount > 0
        ? null
        : refuse("asset_ops.cpp", 213, "asset_to_issue.amount.value > 0: ");
    case operationTypes.assetReserve:
      return readAmount(body.amount_to_reserve).amount > 0
        ? null
        : refuse("asset_ops.cpp", 207, "amount_to_reserve.amount.value > 0: ");
    case operationTypes.callOrderUpdate:
      return validateCallOrder(body);
    case operationTypes.assetPublishFeed:
      return validateFeed(body);
    case operationTypes.assetSettle:
      return readAmount(body.amount).amount >= 0 ? null : refuse("asset_ops.cpp", 217, "amount.amount >= 0: ");
    case operationTypes.assetGlobalSettle: {
      const isSame =
        readAmount((body.settle_price as JsonObject).base).asset === Number(String(body.asset_to_settle).slice(4));
      return isSame ? null : refuse("asset_ops.cpp", 234, "asset_to_settle == settle_price.base.asset_id: ");
    }
    case operationTypes.bidCollateral:
      return validateBid(body);
    case operationTypes.executeBid:
      return refuse("market.hpp", 262, '!"virtual operation": ');
    case operationTypes.vestingBalanceCreate:
      return readAmount(body.amount).amount > 0 ? null : refuse("vesting.hpp", 88, "amount.amount > 0: ");
    case operationTypes.vestingBalanceWithdraw:
      return readAmount(body.amount).amount > 0 ? null : refuse("vesting.hpp", 114, "amount.amount > 0: ");
    case operationTypes.htlcCreate:
      return readAmount(body.amount).amount > 0
        ? null
        : refuse("htlc.cpp", 34, "amount.amount > 0: HTLC amount should be greater than zero");
    case operationTypes.htlcRedeemed:
    case operationTypes.htlcRefund:
      return refuse("htlc.hpp", 145, '!"virtual operation": ');
    case operationTypes.proposalCreate:
      return validateProposal(operation);
    case operationTypes.proposalUpdate:
      return validateApprovals(body);
    case operationTypes.limitOrderUpdate:
      return validateOrderUpdate(body);
    default:
      return null;
  }
}

function validateCallOrder(body: JsonObject): ChainFailure | null {
  const [collateral, debt] = [readAmount(body.delta_collateral), readAmount(body.delta_debt)];
  if (collateral.asset === debt.asset) {
    return refuse("market.cpp", 92, "delta_collateral.asset_id != delta_debt.asset_id: ");
  }
  if (collateral.amount !== 0 || debt.amount !== 0) return null;
  return refuse("market.cpp", 93, "delta_collateral.amount != 0 || delta_debt.amount != 0: ");
}

function validateBid(body: JsonObject): ChainFailure | null {
  const [offered, debt] = [readAmount(body.additional_collateral).amount, readAmount(body.debt_covered).amount];
  if (debt === 0 || (debt > 0 && offered > 0)) return null;
  return refuse(
    "market.cpp",
    102,
    "debt_covered.amount == 0 || (debt_covered.amount > 0 && additional_collateral.amount > 0): ",
  );
}

const collateralRatios = [
  ["maximum_short_squeeze_ratio", 258],
  ["maintenance_collateral_ratio", 260],
] as const;

function validateFeed({ asset_id: asset, feed: given }: JsonObject): ChainFailure | null {
  const feed = given as JsonObject;
  const settlement = feed.settlement_price as JsonObject;
  const refusal = validatePrice(settlement);
  if (refusal !== null) return refusal;
  for (const [name, line] of collateralRatios) {
    const ratio = Number(feed[name]);
    if (ratio < 1001) return refuse("asset.cpp", line, `${name} >= GRAPHENE_MIN_COLLATERAL_RATIO: `);
    if (ratio > 32_000) return refuse("asset.cpp", line + 1, `${name} <= GRAPHENE_MAX_COLLATERAL_RATIO: `);
  }
  const rate = feed.core_exchange_rate as JsonObject;
  const wrong = validatePrice(rate);
  if (wrong !== null) return wrong;
  const debt = readAmount(settlement.base).asset;
  if (debt !== readAmount(rate.base).asset) {
    return refuse(
      "asset_ops.cpp",
      179,
      "feed.settlement_price.base.asset_id == feed.core_exchange_rate.base.asset_id: ",
    );
  }
  return `1.3.${debt}` === asset ? null : refuse("asset_ops.cpp", 184, "feed.is_for( asset_id ): ");
}

function validateProposal({ proposed }: OtherOperation): ChainFailure | null {
  if (proposed.length === 0) return refuse("proposal.cpp", 42, "!proposed_ops.empty(): ");
  for (const inner of proposed) {
    const refusal = validateOperation(inner);
    if (refusal !== null) return refusal;
  }
  return null;
}

const approvals = ["active", "owner", "key"] as const;

function validateApprovals(body: JsonObject): ChainFailure | null {
  const listed = (role: string, what: "add" | "remove"): readonly Json[] =>
    body[`${role}_approvals_to_${what}`] as readonly Json[];
  if (approvals.every((role) => listed(role, "add").length + listed(role, "remove").length === 0)) {
    const empty = approvals.map((role) => `${role}_approvals_to_add.empty() && ${role}_approvals_to_remove.empty()`);
    return refuse("proposal.cpp", 54, `!(${empty.join(" && ")}): `);
  }
  const both = approvals.find((role) => listed(role, "add").some((one) => listed(role, "remove").includes(one)));
  if (both === undefined) return null;
  const set = `${both}_approvals_to_remove`;
  return refuse(
    "proposal.cpp",
    59 + 5 * approvals.indexOf(both),
    `${set}.find(a) == ${set}.end(): Cannot add and remove approval at the same time.`,
  );
}

function validateOrderUpdate(body: JsonObject): ChainFailure | null {
  const { new_price: price, delta_amount_to_sell: delta, new_expiration: expiration, on_fill: onFill } = body;
  if ([price, delta, expiration, onFill].every((field) => field === undefined)) {
    return refuse(
      "market.cpp",
      68,
      "new_price || delta_amount_to_sell || new_expiration || on_fill: Cannot update limit order if nothing is specified to update",
    );
  }
  const refusal = isObject(price) ? validatePrice(price) : null;
  if (refusal !== null || delta === undefined || readAmount(delta).amount !== 0) return refusal;
  return refuse("market.cpp", 73, "delta_amount_to_sell->amount != 0: Cannot change limit order amount by zero");
}

function validatePrice(price: JsonObject): ChainFailure | null {
  const [base, quote] = [readAmount(price.base), readAmount(price.quote)];
  if (base.amount <= 0) return refuse("asset.cpp", 237, "base.amount.value > 0: Base amount should be positive");
  if (quote.amount <= 0) return refuse("asset.cpp", 238, "quote.amount.value > 0: Quote amount should be positive");
  if (base.asset !== quote.asset) return null;
  return refuse(
    "asset.cpp",
    239,
    "base.asset_id != quote.asset_id: Base asset ID and quote asset ID should be different",
  );
}

function validateAccountCreate(body: JsonObject): ChainFailure | null {
  if (!isValidName(String(body.name))) return refuse("account.cpp", 190, "is_valid_name( name ): ");
  const weights = isObject(body.active) ? body.active.key_auths : undefined;
  const accounts = isObject(body.active) ? body.active.account_auths : undefined;
  const size = (Array.isArray(weights) ? weights.length : 0) + (Array.isArray(accounts) ? accounts.length : 0);
  return size === 0 ? refuse("account.cpp", 194, "active.num_auths() != 0: ") : null;
}

/** As many of the votes must be for witnesses, and for committee members, as are said to be wanted. */
function validateVotes(options: Json | undefined): ChainFailure | null {
  if (!isObject(options)) return null;
  const votes = Array.isArray(options.votes) ? options.votes.map(String) : [];
  const votesFor = (kind: number): number => votes.filter((vote) => vote.startsWith(`${kind}:`)).length;
  if (votesFor(1) >= Number(options.num_witness) && votesFor(0) >= Number(options.num_committee)) return null;
  return refuse(
    "account.cpp",
    176,
    "needed_witnesses == 0 && needed_committee == 0: May not specify fewer witnesses or committee members than the number voted for.",
  );
}

/** Dot-separated labels: a letter first, then letters, digits and dashes, no dash last; 63 characters at most. */
export function isValidName(name: string): boolean {
  if (name.length < 1 || name.length > 63) return false;
  return name.split(".").every((label) => /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(label) && label.length >= 1);
}

function refuse(file: string, line: number, format: string): ChainFailure {
  return assertion({ file, line, method: "validate", thread: worker() }, { format });
}
