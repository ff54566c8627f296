import { createHash, type Hash } from "node:crypto";
import { assertion, type ChainFailure } from "../chain/failure.ts";
import { missingObject } from "../chain/missing-object.ts";
import { networkRules } from "../chain/network-rules.ts";
import type { Htlc } from "../chain/objects.ts";
import type { State } from "../chain/state.ts";
import { isObject, type Json } from "../codec/json.ts";
import { type OtherOperation, operationTypes } from "../codec/operation.ts";
import { amountForJson, readAmount, readInstance } from "../codec/read-value.ts";
import { type Evaluation, newObject, nothing } from "./evaluation.ts";
import { takeBalance } from "./take-balance.ts";

const file = "htlc_evaluator.cpp";

function refuse(line: number, format: string): ChainFailure {
  return assertion({ file, line, method: "do_evaluate" }, { format });
}

export function refuseHtlcCreate({ body, payer }: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const { maxTimeoutSeconds, maxPreimageBytes } = networkRules.htlc;
  if (Number(body.claim_period_seconds) > maxTimeoutSeconds) {
    return refuse(82, "o.claim_period_seconds <= htlc_options->max_timeout_secs: HTLC Timeout exceeds allowed length");
  }
  if (Number(body.preimage_size) > maxPreimageBytes) {
    return refuse(
      85,
      "o.preimage_size <= htlc_options->max_preimage_size: HTLC preimage length exceeds allowed length",
    );
  }
  const held = readAmount(body.amount);
  if (state.balance(payer, held.asset) < held.amount) {
    return refuse(88, "d.get_balance( o.from, o.amount.asset_id) >= (o.amount): Insufficient funds");
  }
  if (state.assets.get(held.asset) === undefined) return missingObject(`1.3.${held.asset}`);
  const to = readInstance(body.to, "1.2.");
  return state.accounts.get(to) === undefined ? missingObject(`1.2.${to}`) : null;
}

export function createHtlc({ body, payer }: OtherOperation, evaluation: Evaluation): string | ChainFailure {
  const { state } = evaluation;
  const held = readAmount(body.amount);
  const refusal = takeBalance(state, payer, held);
  if (refusal !== null) return refusal.capture(file, 121, "do_apply", JSON.stringify({ o: body }));
  const [algorithm, hash] = body.preimage_hash as readonly [number, string];
  const instance = state.nextInstance("htlc");
  state.htlcs.set(instance, {
    instance,
    from: payer,
    to: readInstance(body.to, "1.2."),
    held,
    algorithm,
    hash,
    preimageSize: Number(body.preimage_size),
    expirationSeconds: evaluation.headSeconds + Number(body.claim_period_seconds),
    memo: (isObject(body.extensions) ? body.extensions.memo : undefined) ?? null,
  });
  return newObject(`1.16.${instance}`);
}

function found({ body }: OtherOperation, state: State): Htlc | undefined {
  return state.htlcs.get(readInstance(body.htlc_id, "1.16."));
}

export function refuseHtlcRedeem(operation: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const htlc = found(operation, state);
  if (htlc === undefined) return missingObject(String(operation.body.htlc_id));
  const preimage = Buffer.from(String(operation.body.preimage), "hex");
  if (htlc.preimageSize > 0 && preimage.length !== htlc.preimageSize) {
    const format = "op.preimage.size() == htlc_obj->conditions.hash_lock.preimage_size: Preimage size mismatch.";
    return assertion({ file, line: 64, method: "check_htlc_redeem_hf_bsip64" }, { format });
  }
  if (digest(htlc.algorithm, preimage) === htlc.hash) return null;
  return refuse(
    148,
    "htlc_obj->conditions.hash_lock.preimage_hash.visit( vtor ): Provided preimage does not generate correct hash.",
  );
}

const hashes: readonly ((preimage: Buffer) => Hash)[] = [
  (preimage) => createHash("ripemd160").update(preimage),
  (preimage) => createHash("sha1").update(preimage),
  (preimage) => createHash("sha256").update(preimage),
  (preimage) => createHash("ripemd160").update(createHash("sha256").update(preimage).digest()),
];

function digest(algorithm: number, preimage: Buffer): string {
  return hashes[algorithm]!(preimage).digest("hex");
}

export function redeemHtlc(operation: OtherOperation, evaluation: Evaluation, cause: number): string {
  const { state, virtual } = evaluation;
  const htlc = found(operation, state)!;
  state.adjust(htlc.to, htlc.held);
  state.htlcs.delete(htlc.instance);
  virtual.push({
    cause,
    account: htlc.to,
    others: [htlc.from, operation.payer],
    type: operationTypes.htlcRedeemed,
    result: nothing,
    body: {
      fee: noFee,
      htlc_id: `1.16.${htlc.instance}`,
      from: `1.2.${htlc.from}`,
      to: `1.2.${htlc.to}`,
      redeemer: `1.2.${operation.payer}`,
      amount: amountForJson(htlc.held),
      htlc_preimage_hash: [htlc.algorithm, htlc.hash],
      htlc_preimage_size: htlc.preimageSize,
      preimage: operation.body.preimage as Json,
    },
  });
  return nothing;
}

export function refuseHtlcExtend(operation: OtherOperation, evaluation: Evaluation): ChainFailure | null {
  const htlc = found(operation, evaluation.state);
  if (htlc === undefined) return missingObject(String(operation.body.htlc_id));
  if (htlc.from !== operation.payer) {
    return refuse(171, "o.update_issuer == htlc_obj->transfer.from: HTLC may only be extended by its creator.");
  }
  const extended = htlc.expirationSeconds + Number(operation.body.seconds_to_add);
  if (extended >= 0xffffffff) {
    return refuse(
      173,
      "htlc_obj->conditions.time_lock.expiration.sec_since_epoch() + static_cast<uint64_t>(o.seconds_to_add) < fc::time_point_sec::maximum().sec_since_epoch(): Extension would cause an invalid date",
    );
  }
  if (extended <= evaluation.headSeconds + networkRules.htlc.maxTimeoutSeconds) return null;
  return refuse(
    176,
    "htlc_obj->conditions.time_lock.expiration + o.seconds_to_add <= db().head_block_time() + htlc_options->max_timeout_secs: Extension pushes contract too far into the future",
  );
}

export function extendHtlc(operation: OtherOperation, { state }: Evaluation): string {
  const htlc = found(operation, state)!;
  const expirationSeconds = htlc.expirationSeconds + Number(operation.body.seconds_to_add);
  state.htlcs.set(htlc.instance, { ...htlc, expirationSeconds });
  return nothing;
}

const noFee = { amount: 0, asset_id: "1.3.0" };

/** Gives back what nobody has claimed in time. */
export function refundHtlc(htlc: Htlc, { state, virtual }: Evaluation): void {
  state.adjust(htlc.from, htlc.held);
  state.htlcs.delete(htlc.instance);
  virtual.push({
    cause: -1,
    account: htlc.from,
    others: [htlc.to],
    type: operationTypes.htlcRefund,
    result: nothing,
    body: {
      fee: noFee,
      htlc_id: `1.16.${htlc.instance}`,
      to: `1.2.${htlc.from}`,
      original_htlc_recipient: `1.2.${htlc.to}`,
      htlc_amount: amountForJson(htlc.held),
      htlc_preimage_hash: [htlc.algorithm, htlc.hash],
      htlc_preimage_size: htlc.preimageSize,
    },
  });
}
