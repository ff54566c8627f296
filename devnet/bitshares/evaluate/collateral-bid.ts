import type { CollateralBid } from "../chain/bitasset.ts";
import { assertion, type ChainFailure } from "../chain/failure.ts";
import { missingObject } from "../chain/missing-object.ts";
import type { State } from "../chain/state.ts";
import type { OtherOperation } from "../codec/operation.ts";
import { readAmount } from "../codec/read-value.ts";
import { assetFlags, hasFlag } from "./bitasset.ts";
import { notCollateralized } from "./call-order.ts";
import { type Evaluation, nothing } from "./evaluation.ts";

const file = "market_evaluator.cpp";

function bidOf({ body, payer }: OtherOperation, state: State): CollateralBid | undefined {
  const { asset } = readAmount(body.debt_covered);
  for (const bid of state.bids.values()) if (bid.bidder === payer && bid.debt.asset === asset) return bid;
  return undefined;
}

export function refuseBidCollateral(operation: OtherOperation, evaluation: Evaluation): ChainFailure | null {
  const { body } = operation;
  const refusal = refuseBid(operation, evaluation);
  return refusal?.capture(file, 859, "do_evaluate", JSON.stringify({ o: body })) ?? null;
}

function refuseBid(operation: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const { body, payer } = operation;
  const refuse = (line: number, format: string, data?: Readonly<Record<string, unknown>>): ChainFailure =>
    assertion(
      { file, line, method: "do_evaluate" },
      data === undefined ? { format } : { format, text: filled(format, data), data: JSON.stringify(data) },
    );
  const debt = readAmount(body.debt_covered);
  const asset = state.assets.get(debt.asset);
  const bitasset = state.bitassets.get(debt.asset);
  if (asset === undefined) return missingObject(`1.3.${debt.asset}`);
  if (bitasset === undefined) return notCollateralized(808, asset);
  if (hasFlag(asset, assetFlags.disableCollateralBidding)) {
    return refuse(815, "_debt_asset->can_bid_collateral(): Collateral bidding is disabled for this asset");
  }
  if (bitasset.settlementPrice === null) {
    return refuse(819, "_bitasset_data->is_globally_settled(): Cannot bid since the asset is not globally settled");
  }
  const offered = readAmount(body.additional_collateral);
  if (offered.asset !== bitasset.backing) {
    return refuse(821, "o.additional_collateral.asset_id == _bitasset_data->options.short_backing_asset: ");
  }
  if (bitasset.isPredictionMarket) {
    return refuse(823, "!_bitasset_data->is_prediction_market: Cannot bid on a prediction market!");
  }
  const before = bidOf(operation, state);
  if (before === undefined && debt.amount <= 0) {
    return refuse(831, "o.debt_covered.amount > 0: Can't find bid to cancel?!");
  }
  const held = state.balance(payer, offered.asset);
  if (offered.amount <= 0 || held >= offered.amount - (before?.collateral.amount ?? 0)) return null;
  if (before !== undefined) {
    return refuse(
      839,
      "collateral_balance >= delta: Cannot increase bid from {oc} to {nc} collateral when payer only has {b}",
      { oc: before.collateral.amount, nc: offered.amount, b: held },
    );
  }
  return refuse(
    844,
    "collateral_balance >= o.additional_collateral: Cannot bid {c} collateral when payer only has {b}",
    { c: offered.amount, b: held },
  );
}

function filled(format: string, data: Readonly<Record<string, unknown>>): string {
  return format.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(data[name]));
}

/** Replaces the bidder's own bid for the asset; one for no debt only takes it back. */
export function bidCollateral(operation: OtherOperation, { state }: Evaluation): string {
  const { body, payer } = operation;
  const before = bidOf(operation, state);
  if (before !== undefined) {
    state.bids.delete(before.instance);
    state.adjust(payer, before.collateral);
  }
  const debt = readAmount(body.debt_covered);
  if (debt.amount === 0) return nothing;
  const collateral = readAmount(body.additional_collateral);
  state.adjust(payer, { ...collateral, amount: -collateral.amount });
  const instance = state.nextInstance("bid");
  state.bids.set(instance, { instance, bidder: payer, collateral, debt });
  return nothing;
}
