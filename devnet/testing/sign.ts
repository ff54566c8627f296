import { createHash } from "node:crypto";
import { ops, PrivateKey } from "bitsharesjs";
import library from "bitsharesjs-ws";
import secp256k1 from "secp256k1";
import { ChainFailure } from "../bitshares/chain/failure.ts";
import type { Json } from "../bitshares/codec/json.ts";
import { readTransaction } from "../bitshares/codec/transaction.ts";
import { isCanonical } from "../crypto/compact-signature.ts";
import { developmentKey } from "../default-config.ts";

export interface UnsignedTransaction {
  readonly ref_block_num: number;
  readonly ref_block_prefix: number;
  readonly expiration: string;
  readonly operations: readonly (readonly [number, object])[];
  readonly extensions: readonly unknown[];
}

export const developmentPrivateKey = PrivateKey.fromWif(developmentKey.privateKey).toBuffer();

/** Packed by the reference library as far as it knows the operations: it lacks those of the last hard forks. */
function pack(transaction: UnsignedTransaction): Uint8Array {
  library.ChainConfig.setPrefix("BTS");
  if (transaction.operations.every(isKnownToLibrary)) {
    return ops.transaction.toBuffer(ops.transaction.fromObject(transaction));
  }
  const read = readTransaction(transaction as unknown as Json);
  if (read instanceof ChainFailure) throw new Error(JSON.stringify(read));
  return read.unsignedBytes;
}

type Operation = UnsignedTransaction["operations"][number];

function isKnownToLibrary([type, body]: Operation): boolean {
  const { proposed_ops: proposed = [] } = body as { readonly proposed_ops?: readonly { readonly op: Operation }[] };
  return ops.operation.st_operations[type] !== undefined && proposed.every(({ op }) => isKnownToLibrary(op));
}

/** Signed under the chain's canonical rule. */
export function signTransaction(transaction: UnsignedTransaction, chainId: string, key: Uint8Array): string {
  const packed = pack(transaction);
  const digest = createHash("sha256").update(Buffer.from(chainId, "hex")).update(packed).digest();
  const nonce = Buffer.alloc(32);
  for (let attempt = 0; ; attempt += 1) {
    nonce.writeUInt32BE(attempt, 28);
    const { signature, recid } = secp256k1.ecdsaSign(digest, key, { data: nonce });
    const compact = Buffer.concat([Buffer.from([recid + 31]), signature]);
    if (isCanonical(compact)) return compact.toString("hex");
  }
}

export function transfer(from: number, to: number, amount: number): readonly [number, object] {
  return [
    0,
    {
      fee: { amount: 2_000_000, asset_id: "1.3.0" },
      from: `1.2.${from}`,
      to: `1.2.${to}`,
      amount: { amount, asset_id: "1.3.0" },
      extensions: [],
    },
  ];
}

export interface Reference {
  readonly chainId: string;
  readonly refBlockNumber: number;
  readonly refBlockPrefix: number;
  readonly headSeconds: number;
}

export function signedWith(
  operations: readonly (readonly [number, object])[],
  reference: Reference,
  key = developmentPrivateKey,
) {
  const transaction: UnsignedTransaction = {
    ref_block_num: reference.refBlockNumber,
    ref_block_prefix: reference.refBlockPrefix,
    expiration: new Date((reference.headSeconds + 60) * 1000).toISOString().slice(0, 19),
    operations,
    extensions: [],
  };
  return { ...transaction, signatures: [signTransaction(transaction, reference.chainId, key)] };
}

export function sell(
  seller: number,
  amount: number,
  asset: number,
  receive: number,
  receiveAsset: number,
  fillOrKill = false,
): readonly [number, object] {
  return [
    1,
    {
      fee: { amount: 500_000, asset_id: "1.3.0" },
      seller: `1.2.${seller}`,
      amount_to_sell: { amount, asset_id: `1.3.${asset}` },
      min_to_receive: { amount: receive, asset_id: `1.3.${receiveAsset}` },
      expiration: "2030-01-01T00:00:00",
      fill_or_kill: fillOrKill,
      extensions: {},
    },
  ];
}

export function cancel(account: number, order: number): readonly [number, object] {
  return [
    2,
    {
      fee: { amount: 0, asset_id: "1.3.0" },
      fee_paying_account: `1.2.${account}`,
      order: `1.7.${order}`,
      extensions: [],
    },
  ];
}
