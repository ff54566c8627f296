import { createHash } from "node:crypto";
import { signCanonically } from "../../crypto/compact-signature.ts";
import { nameToNumber } from "../codec/names.ts";
import { toSignatureText } from "../codec/signature-text.ts";
import type { AppliedTransaction } from "./applied-transaction.ts";
import { type Block, emptyBlockId } from "./block.ts";
import { type ChainParameters, epochMillis, producerAt } from "./chain-parameters.ts";
import { followFinality } from "./finality.ts";

export interface BlockDraft {
  readonly parent: Block;
  readonly slot: number;
  readonly applied: readonly AppliedTransaction[];
  readonly serial: number;
  readonly hasQuorum: (block: Block) => boolean;
}

/** Slots are counted in these, however long the network's interval is. */
const halfSecondMillis = 500;

export function produceBlock(
  { parent, slot, applied, serial, hasQuorum }: BlockDraft,
  parameters: ChainParameters,
): Block {
  const index = producerAt(slot, parameters);
  const producer = parameters.producers[index]!;
  const timestampMillis = parameters.genesisMillis + slot * parameters.blockIntervalMs;
  const step = followFinality(parent, { finality: parameters.finality, producer: index, hasQuorum });
  const number = parent.number + 1;
  const content = {
    timestampMillis,
    producer: producer.name,
    confirmed: parameters.finality === "dpos" ? Math.max(0, parent.number - (parent.builtOn[index] ?? 0) - 1) : 0,
    previousId: parent.id,
    transactionRoot: merkleRoot(applied.map(receiptDigest)),
    actionRoot: merkleRoot([createHash("sha256").update(`${parent.id} ${slot}`).digest()]),
  };
  const digest = createHash("sha256").update(packHeader(content)).digest();
  const signature = toSignatureText(signCanonically(digest, producer.privateKey));
  const id = Buffer.from(digest);
  id.writeUInt32BE(number, 0);
  return {
    ...step,
    number,
    id: id.toString("hex"),
    prefix: id.readUInt32LE(8),
    slot,
    timestampMillis,
    timestampSeconds: timestampMillis / 1000,
    producer: producer.name,
    previous: parent,
    confirmed: content.confirmed,
    transactionRoot: content.transactionRoot,
    actionRoot: content.actionRoot,
    signature,
    transactionCount: applied.length,
    cpuMicros: applied.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0),
    netBytes: applied.reduce((sum, { netWords }) => sum + netWords * 8, 0),
    serial,
    applied,
  };
}

interface HeaderContent {
  readonly timestampMillis: number;
  readonly producer: string;
  readonly confirmed: number;
  readonly previousId: string;
  readonly transactionRoot: string;
  readonly actionRoot: string;
}

/** Timestamp, producer, confirmed, previous block, two roots, version of the schedule, no new producers, no extensions. */
function packHeader(content: HeaderContent): Buffer {
  const head = Buffer.alloc(14);
  head.writeUInt32LE((content.timestampMillis - epochMillis) / halfSecondMillis, 0);
  head.writeBigUInt64LE(nameToNumber(content.producer), 4);
  head.writeUInt16LE(Math.min(content.confirmed, 0xffff), 12);
  const hashes = Buffer.from(content.previousId + content.transactionRoot + content.actionRoot, "hex");
  return Buffer.concat([head, hashes, Buffer.alloc(6)]);
}

function receiptDigest({ transaction, cpuMicros, netWords }: AppliedTransaction): Buffer {
  const resources = Buffer.alloc(8);
  resources.writeUInt32LE(cpuMicros, 0);
  resources.writeUInt32LE(netWords, 4);
  return createHash("sha256").update(resources).update(transaction.packedDigest).digest();
}

/** Pairs are hashed until one is left; an odd one is paired with itself. The first bit tells left from right. */
function merkleRoot(leaves: readonly Buffer[]): string {
  if (leaves.length === 0) return emptyBlockId;
  let level = leaves;
  while (level.length > 1) {
    const next: Buffer[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const left = Buffer.from(level[index]!);
      const right = Buffer.from(level[index + 1] ?? left);
      left.writeUInt8(left.readUInt8(0) & 0x7f, 0);
      right.writeUInt8(right.readUInt8(0) | 0x80, 0);
      next.push(createHash("sha256").update(left).update(right).digest());
    }
    level = next;
  }
  return level[0]!.toString("hex");
}
