import { varintBytes } from "../../encoding/byte-writer.ts";
import type { Batch, PackOptions, Survey } from "../../provisioning.ts";
import { CanonicalSigner, signatureBytes } from "../../signing/canonical-signer.ts";
import { sha256 } from "../../signing/one-shot-hash.ts";
import { pieces, signaturePiece } from "../packed-text.ts";
import { type EncodedOperation, encodeOperation } from "../template-writer.ts";
import { toChainTime } from "../transaction-draft.ts";
import type { Step } from "./step.ts";

/** Reference, expiration, lengths and extensions. */
const envelopeBytes = 24;
/** As many as keep a node's answer times ordinary, whatever its limits allow. */
const mostSteps = 100;
const mostBytes = 64 * 1024;
/** A transaction must leave room in a block for others. */
const blockShare = 4;
const mostSigners = 20;

interface Draft {
  readonly operations: EncodedOperation[];
  readonly keys: Map<string, Buffer>;
  bytes: number;
}

/** As few transactions as the network's limits allow, each signed by all who pay in it. */
export function packSteps({ steps }: Survey, options: PackOptions): Batch[] {
  const { network } = options;
  const limit = Math.min(
    mostBytes,
    network.maximumTransactionBytes,
    Math.floor(network.maximumBlockBytes / blockShare),
  );
  const drafts: Draft[] = [];
  for (const step of steps as readonly Step[]) {
    const encoded = encode(step);
    const key = step.sender.privateKey.toString("hex");
    const last = drafts.at(-1);
    const signature = last?.keys.has(key) ? 0 : signatureBytes;
    const fits =
      last !== undefined &&
      last.operations.length < mostSteps &&
      last.keys.size + (signature > 0 ? 1 : 0) <= mostSigners &&
      last.bytes + encoded.bytes.length + signature <= limit;
    const draft = fits ? last : newDraft(drafts);
    draft.operations.push(encoded);
    draft.bytes += encoded.bytes.length + (draft.keys.has(key) ? 0 : signatureBytes);
    draft.keys.set(key, step.sender.privateKey);
  }
  return drafts.map((draft) => signed(draft, options));
}

function newDraft(drafts: Draft[]): Draft {
  const draft: Draft = { operations: [], keys: new Map(), bytes: envelopeBytes };
  drafts.push(draft);
  return draft;
}

function encode({ operation, fee }: Step): EncodedOperation {
  if (operation === null) throw new Error("a step of the first stage waits for another");
  const [code, fields] = operation;
  return encodeOperation(code, { fee: { amount: fee.toString(), asset_id: "1.3.0" }, ...fields });
}

function signed({ operations, keys }: Draft, { network, reference, expirationSeconds }: PackOptions): Batch {
  const number = reference.blockNumber & 0xffff;
  const prefix = Buffer.from(reference.blockId, "hex").readUInt32LE(4);
  const packed = packedTransaction(number, prefix, expirationSeconds, operations);
  const digest = sha256(Buffer.concat([Buffer.from(network.chainId, "hex"), packed]));
  const text = [
    pieceOf(pieces.transactionOpen, String(number)),
    pieceOf(pieces.referencePrefix, String(prefix)),
    pieceOf(pieces.expiration, toChainTime(expirationSeconds)),
    pieceOf(pieces.operationsOpen, operations.map(({ json }) => json).join(",")),
    pieceOf(pieces.operationsClose, ""),
  ];
  const privateKeys = [...keys.values()];
  const signatures = privateKeys.map((_, i) =>
    Buffer.concat([Buffer.from(i === 0 ? "" : ",", "latin1"), Buffer.of(signaturePiece), Buffer.alloc(signatureBytes)]),
  );
  const body = Buffer.concat([...text, ...signatures, Buffer.of(pieces.transactionClose)]);
  const described = { matchKeyHigh: 0, matchKeyLow: 0 };
  const signer = new CanonicalSigner(privateKeys);
  let at = text.reduce((sum, { length }) => sum + length, 0);
  for (const [i, signature] of signatures.entries()) {
    signer.add(digest, i, body, at + signature.length - signatureBytes, i === 0 ? described : null);
    at += signature.length;
  }
  signer.signAll();
  const matchKey = (BigInt(described.matchKeyHigh) << 32n) | BigInt(described.matchKeyLow);
  return { body, matchKey, steps: operations.length };
}

function pieceOf(piece: number, text: string): Buffer {
  return Buffer.concat([Buffer.of(piece), Buffer.from(text, "latin1")]);
}

function packedTransaction(
  number: number,
  prefix: number,
  expirationSeconds: number,
  operations: readonly EncodedOperation[],
): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16LE(number, 0);
  head.writeUInt32LE(prefix, 2);
  head.writeUInt32LE(expirationSeconds, 6);
  return Buffer.concat([head, varint(operations.length), ...operations.map(({ bytes }) => bytes), Buffer.of(0)]);
}

function varint(value: number): Buffer {
  return varintBytes(value) === 1 ? Buffer.of(value) : Buffer.of((value & 127) | 128, value >>> 7);
}
