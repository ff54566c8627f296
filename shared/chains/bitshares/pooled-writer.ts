import { AppError } from "../../errors/app-error.ts";
import type { PooledData, PooledOperation } from "./chain-data.ts";
import { htlcPreimage } from "./htlc-preimage.ts";
import { operationCode } from "./operation-payers.ts";
import { writeOrderUpdate } from "./order-update.ts";
import { encodeOperation } from "./template-writer.ts";
import { namedOperationRoom, type OperationWriter, type TransactionDraft } from "./transaction-draft.ts";

type Fields = Readonly<Record<string, unknown>>;

interface Turn {
  /** The last part of the object's id. */
  readonly id: number;
  /** The account that sends the operation, as in 1.2.x. */
  readonly sender: string;
  /** Of the object. */
  of(column: string): number | string;
  readonly settings: PooledData["settings"];
}

/** The fields besides the fee. */
export const pooledFields: Readonly<Record<Exclude<PooledOperation, "limit_order_update">, (turn: Turn) => Fields>> = {
  proposal_update: ({ id, sender }) => ({
    fee_paying_account: sender,
    proposal: `1.10.${id}`,
    active_approvals_to_add: [sender],
    active_approvals_to_remove: [],
    owner_approvals_to_add: [],
    owner_approvals_to_remove: [],
    key_approvals_to_add: [],
    key_approvals_to_remove: [],
    extensions: [],
  }),
  proposal_delete: ({ id, sender }) => ({
    fee_paying_account: sender,
    using_owner_authority: false,
    proposal: `1.10.${id}`,
    extensions: [],
  }),
  vesting_balance_withdraw: ({ id, sender, of }) => ({
    vesting_balance: `1.13.${id}`,
    owner: sender,
    amount: { amount: of("amount"), asset_id: `1.3.${of("asset")}` },
  }),
  htlc_redeem: ({ id, sender, of }) => ({
    htlc_id: `1.16.${id}`,
    redeemer: sender,
    preimage: htlcPreimage(String(of("from")), String(of("to")), Number(of("amount"))).toString("hex"),
    extensions: [],
  }),
  htlc_extend: ({ id, sender, settings }) => ({
    htlc_id: `1.16.${id}`,
    update_issuer: sender,
    seconds_to_add: settings.bySeconds,
    extensions: [],
  }),
};

/** Operations on objects that are there already. */
export class PooledWriter implements OperationWriter {
  /** Every object is used once, and that makes each transaction its own. */
  readonly capacity = Number.POSITIVE_INFINITY;

  readonly #data: PooledData;

  constructor(data: PooledData) {
    this.#data = data;
  }

  get isEmpty(): boolean {
    return this.#data.ids.length === 0;
  }

  write(draft: TransactionDraft, _position: number, ordinal: number): void {
    const { operation, fee, ids, owners, columns, settings } = this.#data;
    if (ordinal >= ids.length) {
      const what = `there is nothing left for ${operation} after ${ids.length} objects`;
      throw new AppError("PLAN_IMPOSSIBLE", what);
    }
    const owner = owners[ordinal] as number;
    if (draft.payer < 0) draft.payer = owner;
    draft.signedBy(owner);
    const of = (column: string): number | string => columns[column]?.[ordinal] as number | string;
    const id = ids[ordinal] as number;
    const { binary, text } = draft;
    if (operation === "limit_order_update") {
      const { leastPrice = 1, mostPrice = 1, expiresAfterSeconds = 0 } = settings;
      binary.ensure(namedOperationRoom);
      text.ensure(2 * namedOperationRoom);
      writeOrderUpdate(draft, {
        fee,
        seller: draft.instanceOf(owner),
        order: id,
        sells: { amount: Number(of("sells")), asset: Number(of("sold")) },
        wants: { amount: Number(of("wants")), asset: Number(of("wanted")) },
        price: leastPrice + draft.random.nextFraction() * (mostPrice - leastPrice),
        expirationSeconds: draft.expirationSeconds + expiresAfterSeconds,
      });
      return;
    }
    const fields = pooledFields[operation]({ id, sender: `1.2.${draft.instanceOf(owner)}`, of, settings });
    const { bytes, json } = encodeOperation(operationCode(operation), {
      fee: { amount: fee, asset_id: "1.3.0" },
      ...fields,
    });
    binary.append(bytes);
    text.ascii(json);
  }
}
