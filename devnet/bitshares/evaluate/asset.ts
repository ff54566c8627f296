import { assertion, ChainFailure, toFrame } from "../chain/failure.ts";
import { missingObject } from "../chain/missing-object.ts";
import type { Asset } from "../chain/objects.ts";
import { isObject } from "../codec/json.ts";
import type { OtherOperation } from "../codec/operation.ts";
import { type Amount, readAmount, readInstance } from "../codec/read-value.ts";
import { createBitasset } from "./bitasset.ts";
import { type Evaluation, newObject, nothing } from "./evaluation.ts";

const file = "asset_evaluator.cpp";

export function refuseAssetCreate({ body }: OtherOperation, { state }: Evaluation): ChainFailure | null {
  if (state.assetSymbols.get(String(body.symbol)) === undefined) {
    const backing = isObject(body.bitasset_opts) ? readInstance(body.bitasset_opts.short_backing_asset, "1.3.") : 0;
    return state.assets.get(backing) === undefined ? missingObject(`1.3.${backing}`) : null;
  }
  return assertion(
    { file, line: 187, method: "do_evaluate" },
    { format: "asset_symbol_itr == asset_indx.end(): ", data: "{}" },
  );
}

export function createAsset({ body, payer }: OtherOperation, evaluation: Evaluation): string {
  const { state } = evaluation;
  const instance = state.nextInstance("asset");
  const options = isObject(body.common_options) ? body.common_options : {};
  state.assets.set(instance, {
    instance,
    symbol: String(body.symbol),
    precision: Number(body.precision),
    issuer: payer,
    maxSupply: Number(options.max_supply),
    options,
    creationBlock: evaluation.headNumber + 1,
    creationSeconds: evaluation.headSeconds,
  });
  state.assetSymbols.set(String(body.symbol), instance);
  state.supplies.set(instance, 0);
  if (isObject(body.bitasset_opts)) {
    createBitasset(instance, body.bitasset_opts, body.is_prediction_market === true, state);
  }
  return newObject(`1.3.${instance}`);
}

export function refuseAssetUpdate({ body, payer }: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const id = String(body.asset_to_update);
  const asset = state.assets.get(readInstance(body.asset_to_update, "1.3."));
  if (asset === undefined) return missingObject(id);
  if (asset.issuer === payer) return null;
  const [given, issuer] = [`1.2.${payer}`, `1.2.${asset.issuer}`];
  return assertion(
    { file, line: 413, method: "do_evaluate" },
    {
      format: "o.issuer == a.issuer: Incorrect issuer for asset! ({o.issuer} != {a.issuer})",
      text: `o.issuer == a.issuer: Incorrect issuer for asset! (${given} != ${issuer})`,
      data: JSON.stringify({ "o.issuer": given, "a.issuer": issuer }),
    },
  );
}

export function updateAsset({ body }: OtherOperation, { state }: Evaluation): string {
  const asset = state.assets.get(readInstance(body.asset_to_update, "1.3."))!;
  const options = isObject(body.new_options) ? body.new_options : asset.options;
  state.assets.set(asset.instance, { ...asset, options, maxSupply: Number(options.max_supply) });
  return nothing;
}

export function refuseIssue({ body, payer }: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const { amount, asset } = readAmount(body.asset_to_issue);
  const found = state.assets.get(asset);
  if (found === undefined) return missingObject(`1.3.${asset}`);
  const to = readInstance(body.issue_to_account, "1.2.");
  if (state.accounts.get(to) === undefined) return missingObject(`1.2.${to}`);
  if (found.issuer !== payer) {
    return assertion({ file, line: 332, method: "do_evaluate" }, { format: "o.issuer == a.issuer: " });
  }
  if (state.bitassets.get(asset) !== undefined) {
    return assertion(
      { file, line: 339, method: "do_evaluate" },
      { format: "!a.is_market_issued(): Cannot manually issue a market-issued asset." },
    );
  }
  if (state.supplies.get(asset)! + amount <= found.maxSupply) return null;
  return assertion(
    { file, line: 345, method: "do_evaluate" },
    { format: "(asset_dyn_data->current_supply + o.asset_to_issue.amount) <= a.options.max_supply: " },
  );
}

export function issueAsset({ body }: OtherOperation, { state }: Evaluation): string {
  const issued = readAmount(body.asset_to_issue);
  state.adjust(readInstance(body.issue_to_account, "1.2."), issued);
  state.supplies.set(issued.asset, state.supplies.get(issued.asset)! + issued.amount);
  return nothing;
}

function reserved({ body }: OtherOperation): Amount {
  return readAmount(body.amount_to_reserve);
}

export function refuseReserve(operation: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const { amount, asset } = reserved(operation);
  const found = state.assets.get(asset);
  if (found === undefined) return missingObject(`1.3.${asset}`);
  if (state.bitassets.get(asset) !== undefined) return invalidOnBitasset(found);
  const held = state.balance(operation.payer, asset) - (asset === 0 ? operation.fee.amount : 0);
  if (held >= amount) return null;
  return assertion(
    { file, line: 386, method: "do_evaluate" },
    { format: "from_account_balance >= o.amount_to_reserve: insufficient balance" },
  );
}

function invalidOnBitasset({ symbol }: Asset): ChainFailure {
  const format = "Cannot reserve {sym} because it is a market-issued asset";
  const frame = toFrame(
    { file, line: 370, method: "do_evaluate" },
    { format, text: format.replace("{sym}", symbol), data: JSON.stringify({ sym: symbol }) },
  );
  return new ChainFailure(3051501, "asset_reserve_invalid_on_mia", "invalid on mia", [frame]);
}

export function reserveAsset(operation: OtherOperation, { state }: Evaluation): string {
  const { amount, asset } = reserved(operation);
  state.adjust(operation.payer, { amount: -amount, asset });
  state.supplies.set(asset, state.supplies.get(asset)! - amount);
  return nothing;
}
