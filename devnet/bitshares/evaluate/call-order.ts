import {
  type Bitasset,
  type CallOrder,
  collateralizationOf,
  initialCollateralization,
  squeezePrice,
} from "../chain/bitasset.ts";
import { assertion, ChainFailure, toFrame } from "../chain/failure.ts";
import { missingObject } from "../chain/missing-object.ts";
import type { Asset } from "../chain/objects.ts";
import { comparePrices, inverse } from "../chain/price.ts";
import type { State } from "../chain/state.ts";
import { isObject } from "../codec/json.ts";
import type { OtherOperation } from "../codec/operation.ts";
import { readAmount } from "../codec/read-value.ts";
import { assetFlags, hasFlag } from "./bitasset.ts";
import { type Evaluation, newObject } from "./evaluation.ts";
import { takeBalance } from "./take-balance.ts";

const file = "market_evaluator.cpp";

function refuse(line: number, format: string): ChainFailure {
  return assertion({ file, line, method: "do_evaluate" }, { format });
}

export function notCollateralized(line: number, { symbol }: Asset): ChainFailure {
  const format = "_debt_asset->is_market_issued(): Unable to cover {sym} as it is not a collateralized asset.";
  return assertion(
    { file, line, method: "do_evaluate" },
    { format, text: format.replace("{sym}", symbol), data: JSON.stringify({ sym: symbol }) },
  );
}

function positionOf({ body, payer }: OtherOperation, state: State): CallOrder | undefined {
  return state.callOf(payer, readAmount(body.delta_debt).asset);
}

export function refuseCallOrderUpdate(operation: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const { body } = operation;
  const { asset: instance } = readAmount(body.delta_debt);
  const asset = state.assets.get(instance);
  const bitasset = state.bitassets.get(instance);
  const refusal =
    asset === undefined
      ? missingObject(`1.3.${instance}`)
      : bitasset === undefined
        ? notCollateralized(515, asset)
        : (refuseAsset(operation, asset, bitasset, state) ?? refusePosition(operation, bitasset, state));
  return refusal?.capture(file, 589, "do_evaluate", JSON.stringify({ o: body })) ?? null;
}

function refuseAsset({ body }: OtherOperation, asset: Asset, bitasset: Bitasset, state: State): ChainFailure | null {
  const { amount: more } = readAmount(body.delta_debt);
  if (more > 0 && hasFlag(asset, assetFlags.disableNewSupply)) {
    return refuse(518, "o.delta_debt.amount <= 0 || _debt_asset->can_create_new_supply(): Can not create new supply");
  }
  const supply = state.supplies.get(asset.instance)! + more;
  if (supply > asset.maxSupply) {
    return refuse(
      527,
      "_dynamic_data_obj->current_supply + o.delta_debt.amount <= _debt_asset->options.max_supply: Borrowing this quantity would exceed MAX_SUPPLY",
    );
  }
  if (supply < 0) {
    return refuse(
      531,
      "_dynamic_data_obj->current_supply + o.delta_debt.amount >= 0: This transaction would bring current supply below zero.",
    );
  }
  if (bitasset.settlementPrice !== null) {
    return refuse(
      538,
      "!_bitasset_data->is_globally_settled(): Cannot update debt position when the asset has been globally settled",
    );
  }
  if (readAmount(body.delta_collateral).asset === bitasset.backing) return null;
  return refuse(
    541,
    "o.delta_collateral.asset_id == _bitasset_data->options.short_backing_asset: Collateral asset type should be same as backing asset of debt asset",
  );
}

function refusePosition(operation: OtherOperation, bitasset: Bitasset, state: State): ChainFailure | null {
  const { body } = operation;
  const [collateral, debt] = [readAmount(body.delta_collateral).amount, readAmount(body.delta_debt).amount];
  const position = positionOf(operation, state);
  if (position === undefined) {
    if (collateral <= 0) {
      return refuse(
        564,
        "o.delta_collateral.amount > 0: Delta collateral amount of new debt position should be positive",
      );
    }
    if (debt <= 0) {
      return refuse(565, "o.delta_debt.amount > 0: Delta debt amount of new debt position should be positive");
    }
  }
  const left = {
    collateral: (position?.collateral.amount ?? 0) + collateral,
    debt: (position?.debt.amount ?? 0) + debt,
  };
  const isClosing = position !== undefined && left.debt === 0;
  if (isClosing && left.collateral !== 0) {
    return refuse(553, "new_collateral == 0: Should claim all collateral when closing debt position");
  }
  if (!isClosing && (left.collateral <= 0 || left.debt <= 0)) {
    return refuse(
      558,
      "new_collateral > 0 && new_debt > 0: Both collateral and debt should be positive after updated a debt position if not to close it",
    );
  }
  if (bitasset.isPredictionMarket) {
    if (collateral === debt) return null;
    return refuse(
      569,
      "o.delta_collateral.amount == o.delta_debt.amount: Debt amount and collateral amount should be same when updating debt position in a prediction market",
    );
  }
  if (bitasset.feed.settlement !== null || isClosing) return null;
  const frame = toFrame(
    { file, line: 574, method: "do_evaluate" },
    { format: "Cannot borrow asset with no price feed." },
  );
  return new ChainFailure(37006, "insufficient_feeds", "insufficient feeds", [frame]);
}

export function updateCallOrder(operation: OtherOperation, evaluation: Evaluation): string | ChainFailure {
  const { state } = evaluation;
  const { body, payer } = operation;
  const debt = readAmount(body.delta_debt);
  const collateral = readAmount(body.delta_collateral);
  const captured = (failure: ChainFailure): ChainFailure =>
    failure.capture(file, 797, "do_apply", JSON.stringify({ o: body }));
  const refusal = takeBalance(state, payer, { ...debt, amount: -debt.amount }) ?? takeBalance(state, payer, collateral);
  if (refusal !== null) return captured(refusal);
  state.supplies.set(debt.asset, state.supplies.get(debt.asset)! + debt.amount);
  const before = positionOf(operation, state);
  const instance = before?.instance ?? state.nextInstance("call");
  const target = isObject(body.extensions) ? body.extensions.target_collateral_ratio : undefined;
  const after: CallOrder = {
    instance,
    borrower: payer,
    debt: { ...debt, amount: (before?.debt.amount ?? 0) + debt.amount },
    collateral: { ...collateral, amount: (before?.collateral.amount ?? 0) + collateral.amount },
    targetRatio: target === undefined ? null : Number(target),
  };
  if (after.debt.amount === 0) {
    state.calls.delete(instance);
    return newObject(`1.8.${instance}`);
  }
  state.calls.set(instance, after);
  const lacking = refuseRatio(before, after, state.bitassets.get(debt.asset)!);
  return lacking === null ? newObject(`1.8.${instance}`) : captured(lacking);
}

/** A position needs so much collateral, unless it gets more of it for no more debt. */
function refuseRatio(before: CallOrder | undefined, after: CallOrder, bitasset: Bitasset): ChainFailure | null {
  const { feed, isPredictionMarket } = bitasset;
  if (isPredictionMarket || feed.settlement === null) return null;
  const ratio = collateralizationOf(after);
  const increases =
    before !== undefined &&
    after.debt.amount <= before.debt.amount &&
    comparePrices(ratio, collateralizationOf(before)) > 0;
  if (increases) return null;
  if (comparePrices(ratio, inverse(squeezePrice(feed.settlement, feed))) < 0) {
    return assertion(
      { file, line: 696, method: "do_apply" },
      {
        format:
          "increasing_cr || call_collateralization >= ~( _bitasset_data->median_feed.max_short_squeeze_price() ): Could not create a debt position which would trigger a blackswan event instantly, unless it is to increase collateral ratio of an existing debt position and is not increasing its debt amount",
      },
    );
  }
  if (comparePrices(ratio, initialCollateralization(feed)!) > 0) return null;
  return assertion(
    { file, line: 784, method: "do_apply" },
    {
      format:
        "ok: Can only increase collateral ratio without increasing debt when the debt position's collateral ratio is lower than or equal to required initial collateral ratio (ICR), if not to trigger a margin call immediately",
      data: JSON.stringify({ old_debt: before?.debt.amount ?? null, new_debt: after.debt.amount }),
    },
  );
}
