import { isObject, type Json, type JsonObject } from "../codec/json.ts";
import type { LimitOrderCreate, Operation, OtherOperation, Transfer } from "../codec/operation.ts";
import { operationTypes } from "../codec/operation.ts";
import { readAmount } from "../codec/read-value.ts";
import { worker } from "../codec/recover-keys.ts";
import { assertion, type ChainFailure } from "./failure.ts";

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

function validateOther({ type, body }: OtherOperation): ChainFailure | null {
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
      return isValidSymbol(String(body.symbol)) ? null : refuse("asset_ops.cpp", 110, "is_valid_symbol(symbol): ");
    case operationTypes.assetIssue:
      return readAmount(body.asset_to_issue).amount > 0
        ? null
        : refuse("asset_ops.cpp", 213, "asset_to_issue.amount.value > 0: ");
    case operationTypes.assetReserve:
      return readAmount(body.amount_to_reserve).amount > 0
        ? null
        : refuse("asset_ops.cpp", 207, "amount_to_reserve.amount.value > 0: ");
    default:
      return null;
  }
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

function isValidSymbol(symbol: string): boolean {
  return (
    /^[A-Z][A-Z0-9]*(?:\.[A-Z0-9]+)?$/.test(symbol) &&
    /[A-Z]$/.test(symbol) &&
    symbol.length >= 3 &&
    symbol.length <= 16
  );
}

function refuse(file: string, line: number, format: string): ChainFailure {
  return assertion({ file, line, method: "validate", thread: worker() }, { format });
}
