import { assertion, type ChainFailure } from "../chain/failure.ts";
import { missingObject } from "../chain/missing-object.ts";
import type { VestingBalance, VestingPolicy } from "../chain/objects.ts";
import type { State } from "../chain/state.ts";
import { afterWithdrawal, allowedWithdrawal } from "../chain/vesting-policy.ts";
import { type JsonObject, toTimeText } from "../codec/json.ts";
import type { OtherOperation } from "../codec/operation.ts";
import { readAmount, readInstance, readTime } from "../codec/read-value.ts";
import { type Evaluation, newObject, nothing } from "./evaluation.ts";
import { takeBalance } from "./take-balance.ts";

const file = "vesting_balance_evaluator.cpp";

export function refuseVestingCreate({ body }: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const owner = readInstance(body.owner, "1.2.");
  const { asset } = readAmount(body.amount);
  if (state.accounts.get(owner) === undefined) return missingObject(`1.2.${owner}`);
  return state.assets.get(asset) === undefined ? missingObject(`1.3.${asset}`) : null;
}

export function createVestingBalance({ body, payer }: OtherOperation, evaluation: Evaluation): string | ChainFailure {
  const { state, headSeconds } = evaluation;
  const balance = readAmount(body.amount);
  const refusal = takeBalance(state, payer, balance);
  if (refusal !== null) return refusal.capture(file, 114, "do_apply", JSON.stringify({ op: body }));
  const instance = state.nextInstance("vesting");
  const [kind, given] = body.policy as readonly [number, JsonObject];
  state.vestings.set(instance, {
    instance,
    owner: readInstance(body.owner, "1.2."),
    balance,
    policy: toPolicy(kind, given, balance.amount, headSeconds),
  });
  return newObject(`1.13.${instance}`);
}

function toPolicy(kind: number, given: JsonObject, beginBalance: number, headSeconds: number): VestingPolicy {
  if (kind === 0) {
    return {
      kind: "linear",
      beginSeconds: readTime(given.begin_timestamp),
      cliffSeconds: Number(given.vesting_cliff_seconds),
      durationSeconds: Number(given.vesting_duration_seconds),
      beginBalance,
    };
  }
  if (kind === 2) return { kind: "instant" };
  return {
    kind: "coin-days",
    vestingSeconds: Number(given.vesting_seconds),
    startClaimSeconds: readTime(given.start_claim),
    earned: 0n,
    updatedSeconds: headSeconds,
  };
}

function found({ body }: OtherOperation, state: State): VestingBalance | undefined {
  return state.vestings.get(readInstance(body.vesting_balance, "1.13."));
}

export function refuseVestingWithdraw(
  operation: OtherOperation,
  { state, headSeconds }: Evaluation,
): ChainFailure | null {
  const vesting = found(operation, state);
  const { body, payer } = operation;
  if (vesting === undefined) return missingObject(String(body.vesting_balance));
  const refuse = (line: number, format: string, data: object): ChainFailure =>
    assertion({ file, line, method: "do_evaluate" }, { format, data: JSON.stringify(data) }).capture(
      file,
      129,
      "do_evaluate",
      JSON.stringify({ op: body }),
    );
  if (vesting.owner !== payer) {
    const data = { "op.owner": `1.2.${payer}`, "vbo.owner": `1.2.${vesting.owner}` };
    return refuse(122, "op.owner == vbo.owner: ", data);
  }
  const { amount, asset } = readAmount(body.amount);
  const isAllowed = asset === vesting.balance.asset && amount <= allowedWithdrawal(vesting, headSeconds);
  if (isAllowed) return null;
  return refuse(123, "vbo.is_withdraw_allowed( now, op.amount ): ", { now: toTimeText(headSeconds), op: body });
}

export function withdrawVesting(operation: OtherOperation, { state, headSeconds }: Evaluation): string {
  const vesting = found(operation, state)!;
  const taken = readAmount(operation.body.amount);
  const { amount: before, asset } = vesting.balance;
  state.vestings.set(vesting.instance, {
    ...vesting,
    balance: { amount: before - taken.amount, asset },
    policy: afterWithdrawal(vesting.policy, before, taken.amount, headSeconds),
  });
  state.adjust(operation.payer, taken);
  return nothing;
}
