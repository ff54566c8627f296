import { type Bitasset, ratioDenominator } from "../chain/bitasset.ts";
import { assertion, ChainFailure, toFrame } from "../chain/failure.ts";
import { missingObject } from "../chain/missing-object.ts";
import { exchanged, exchangedUp, timesRatio } from "../chain/price.ts";
import type { OtherOperation } from "../codec/operation.ts";
import { type Amount, amountForJson, readAmount } from "../codec/read-value.ts";
import { assetFlags, hasFlag } from "./bitasset.ts";
import type { Evaluation } from "./evaluation.ts";

const file = "asset_evaluator.cpp";

export function refuseAssetSettle({ body, payer }: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const refuse = (line: number, format: string): ChainFailure =>
    assertion({ file, line, method: "do_evaluate" }, { format }).capture(
      file,
      1194,
      "do_evaluate",
      JSON.stringify({ op: body }),
    );
  const amount = readAmount(body.amount);
  const asset = state.assets.get(amount.asset);
  const bitasset = state.bitassets.get(amount.asset);
  if (asset === undefined) return missingObject(`1.3.${amount.asset}`);
  if (bitasset === undefined) {
    return refuse(
      1149,
      "asset_to_settle->is_market_issued(): Can only force settle a predition market or a market issued asset",
    );
  }
  const isSettled = bitasset.settlementPrice !== null;
  if (hasFlag(asset, assetFlags.disableForceSettle) && !isSettled) {
    return refuse(
      1153,
      "asset_to_settle->can_force_settle() || bitasset.is_globally_settled() || bitasset.is_individually_settled_to_fund(): Either the asset need to have the force_settle flag enabled, or it need to be globally settled, or the individual settlement pool (for force-settlements) is not empty",
    );
  }
  if (bitasset.isPredictionMarket && !isSettled) {
    return refuse(
      1160,
      "bitasset.is_globally_settled(): Global settlement must occur before force settling a prediction market",
    );
  }
  if (!bitasset.isPredictionMarket && bitasset.feed.settlement === null && !isSettled) {
    const format =
      "Cannot force settle with no price feed if the asset is not globally settled and the individual settlement pool (for force-settlements) is not empty";
    const frame = toFrame({ file, line: 1174, method: "do_evaluate" }, { format });
    return new ChainFailure(37006, "insufficient_feeds", "insufficient feeds", [frame]);
  }
  if (state.balance(payer, amount.asset) >= amount.amount) return null;
  return refuse(1180, "d.get_balance( op.account, op.amount.asset_id ) >= op.amount: Insufficient balance");
}

/** Exchanges the asset for its share of the fund once it was settled; else it waits for its date. */
export function settleAsset({ body, payer }: OtherOperation, evaluation: Evaluation): string | ChainFailure {
  const { state, headSeconds } = evaluation;
  const amount = readAmount(body.amount);
  const bitasset = state.bitassets.get(amount.asset)!;
  if (bitasset.settlementPrice !== null) return payFromFund(payer, amount, bitasset, evaluation);
  if (amount.amount === 0) return `[5,{}]`;
  state.adjust(payer, { ...amount, amount: -amount.amount });
  const instance = state.nextInstance("settlement");
  const settlementSeconds = headSeconds + Number(bitasset.options.force_settlement_delay_sec);
  state.settlements.set(instance, { instance, owner: payer, balance: amount, settlementSeconds });
  return `[5,{"new_objects":["1.4.${instance}"]}]`;
}

function payFromFund(
  account: number,
  amount: Amount,
  bitasset: Bitasset,
  { state }: Evaluation,
): string | ChainFailure {
  const { backing, settlementFund } = bitasset;
  const price = bitasset.settlementPrice!;
  const supply = state.supplies.get(amount.asset)!;
  const isAll = amount.amount === supply;
  const due = isAll ? settlementFund : exchanged(amount, price).amount;
  if (due === 0 && !bitasset.isPredictionMarket) {
    const frame = toFrame(
      { file, line: 1244, method: "pay_settle_from_gs_fund" },
      { format: "Settle amount is too small to receive anything due to rounding" },
    );
    return new ChainFailure(0, "exception", "unspecified", [frame]);
  }
  // What would not buy anything stays with the account.
  const pays = isAll || due === 0 ? amount : exchangedUp({ amount: due, asset: backing }, price);
  const fee = feeOf(pays, due, bitasset);
  state.adjust(account, { ...pays, amount: -pays.amount });
  state.adjust(account, { amount: due - fee, asset: backing });
  state.supplies.set(amount.asset, supply - pays.amount);
  state.bitassets.set(amount.asset, {
    ...bitasset,
    settlementFund: settlementFund - due,
    collateralFees: bitasset.collateralFees + fee,
  });
  const list = (amounts: readonly number[]): string =>
    JSON.stringify(amounts.map((one) => amountForJson({ amount: one, asset: backing })));
  // The second one would be a fee for the issuer of the backing asset, which takes none here.
  const fees = fee > 0 ? list([fee, 0]) : list([0]);
  return `[5,{"paid":${JSON.stringify([amountForJson(pays)])},"received":${list([due - fee])},"fees":${fees}}]`;
}

/** With a feed nobody gets more than a called position would pay; the rest is the issuer's. */
function feeOf(pays: Amount, due: number, { feed, isPredictionMarket }: Bitasset): number {
  if (isPredictionMarket || feed.settlement === null) return 0;
  const price = timesRatio(feed.settlement, ratioDenominator, feed.squeezeRatio);
  return Math.max(0, due - exchangedUp(pays, price).amount);
}
