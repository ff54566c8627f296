import { type TransactionDraft, toChainTime } from "./transaction-draft.ts";

/**
 * limit_order_update came with the hard fork of bitshares-core 7.0; bitsharesjs 6 does not know it, so it is written
 * here by hand, as `limit_order_update_operation` is laid out in libraries/protocol/include/graphene/protocol/market.hpp.
 */
export const orderUpdateCode = 77;

/** GRAPHENE_MAX_SHARE_SUPPLY: no price asks for more. */
const maximumSupply = 1_000_000_000_000_000;

interface Side {
  /** In smallest units. */
  readonly amount: number;
  /** The last part of the asset's id. */
  readonly asset: number;
}

interface OrderUpdate {
  readonly fee: number;
  /** The last part of the account's id. */
  readonly seller: number;
  readonly order: number;
  readonly sells: Side;
  /** What the order asks for so far. */
  readonly wants: Side;
  /** Times what it asks for so far. */
  readonly price: number;
  readonly expirationSeconds: number;
}

/** Another price and another expiration; there has to be room in the draft. */
export function writeOrderUpdate({ binary, text }: TransactionDraft, update: OrderUpdate): void {
  const { fee, seller, order, sells, wants, expirationSeconds } = update;
  const asked = Math.min(maximumSupply, Math.max(1, Math.ceil(wants.amount * update.price)));
  binary.byte(orderUpdateCode);
  binary.uint64(fee);
  binary.byte(0);
  binary.varint(seller);
  binary.varint(order);
  binary.byte(1);
  binary.uint64(sells.amount);
  binary.varint(sells.asset);
  binary.uint64(asked);
  binary.varint(wants.asset);
  // What is for sale stays as it is.
  binary.byte(0);
  binary.byte(1);
  binary.uint32(expirationSeconds);
  // Neither actions nor extensions.
  binary.byte(0);
  binary.byte(0);
  const price = {
    base: { amount: sells.amount, asset_id: `1.3.${sells.asset}` },
    quote: { amount: asked, asset_id: `1.3.${wants.asset}` },
  };
  const body = {
    fee: { amount: fee, asset_id: "1.3.0" },
    seller: `1.2.${seller}`,
    order: `1.7.${order}`,
    new_price: price,
    new_expiration: toChainTime(expirationSeconds),
    extensions: [],
  };
  text.ascii(JSON.stringify([orderUpdateCode, body]));
}
