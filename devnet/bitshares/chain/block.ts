import { createHash } from "node:crypto";
import { signCanonically } from "../../crypto/compact-signature.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { toTimeText } from "../codec/json.ts";
import type { AppliedTransaction } from "../evaluate/apply-transaction.ts";
import type { VirtualOperation } from "../evaluate/evaluation.ts";

/** What follows from a block and its ancestors alone; the same for every node that has it. */
export interface BlockSummary {
  readonly number: number;
  readonly id: string;
  readonly timestampSeconds: number;
  /** Slots since genesis, missed ones included. */
  readonly slot: number;
  readonly witness: number;
  readonly lastIrreversible: number;
  /** By witness index: the last block each has confirmed, and how many slots each missed. */
  readonly confirmed: readonly number[];
  readonly missed: readonly number[];
  /** One bit for each of the last 128 slots. */
  readonly recentSlots: bigint;
}

export interface Block extends BlockSummary {
  readonly previous: Block | null;
  /** Bytes four to eight of the id, as transactions refer to it. */
  readonly prefix: number;
  readonly headerJson: string;
  readonly packedBytes: number;
  readonly transactionCount: number;
  /** Position among all blocks of all forks. */
  readonly serial: number;
  /** Dropped once no node can fork away from the block any more. */
  applied: readonly AppliedTransaction[] | null;
  readonly endVirtual: readonly VirtualOperation[];
}

export const emptyBlockId = "0".repeat(40);

export interface HeaderFields {
  readonly previousId: string;
  readonly number: number;
  readonly timestampSeconds: number;
  readonly witness: number;
  readonly merkleRoot: Buffer;
  readonly witnessKey: Uint8Array;
}

export interface SignedHeader {
  readonly id: string;
  readonly prefix: number;
  /** Without braces. */
  readonly json: string;
  readonly signature: string;
  readonly packedBytes: number;
}

const writer = new ByteWriter();

/**
 * The id is SHA-224 of the signed header cut to 20 bytes, the first four of which are overwritten with the number.
 */
export function signHeader(fields: HeaderFields): SignedHeader {
  writer.reset();
  writer.bytes(Buffer.from(fields.previousId, "hex"));
  writer.uint32(fields.timestampSeconds);
  writer.varint(fields.witness);
  writer.bytes(fields.merkleRoot);
  writer.uint8(0);
  const digest = createHash("sha256").update(writer.take()).digest();
  const signature = signCanonically(digest, fields.witnessKey);
  writer.bytes(signature);
  const id = createHash("sha224").update(writer.take()).digest().subarray(0, 20);
  id.writeUInt32BE(fields.number, 0);
  return {
    id: id.toString("hex"),
    prefix: id.readUInt32LE(4),
    json: `"previous":"${fields.previousId}","timestamp":"${toTimeText(fields.timestampSeconds)}","witness":"1.6.${fields.witness}","transaction_merkle_root":"${fields.merkleRoot.toString("hex")}","extensions":[]`,
    signature: signature.toString("hex"),
    packedBytes: writer.length,
  };
}

/** Pairs are hashed until one is left, an odd one moves up as it is; the root is RIPEMD-160 of that. */
export function merkleRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return Buffer.alloc(20);
  let level = leaves;
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let index = 0; index + 1 < level.length; index += 2) {
      next.push(
        createHash("sha256")
          .update(level[index]!)
          .update(level[index + 1]!)
          .digest(),
      );
    }
    if (level.length % 2 === 1) next.push(level.at(-1)!);
    level = next;
  }
  return createHash("ripemd160").update(level[0]!).digest();
}
