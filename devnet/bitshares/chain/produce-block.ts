import type { AppliedTransaction } from "../evaluate/apply-transaction.ts";
import type { VirtualOperation } from "../evaluate/evaluation.ts";
import { type Block, type BlockSummary, merkleRoot, signHeader } from "./block.ts";
import type { BlockStore } from "./block-store.ts";
import type { ChainParameters } from "./chain-parameters.ts";
import { lastIrreversible } from "./witnesses.ts";

/** Bytes of a signed header with an empty list of extensions. */
export const headerBytes = 20 + 4 + 2 + 20 + 1 + 65 + 4;

export interface NewBlock {
  readonly parent: Block;
  readonly slot: number;
  readonly applied: readonly AppliedTransaction[];
  readonly endVirtual: readonly VirtualOperation[];
}

export function produceBlock(
  { parent, slot, applied, endVirtual }: NewBlock,
  parameters: ChainParameters,
  store: BlockStore,
): Block {
  const summary = followUp(parent, slot, parameters);
  const witness = parameters.witnesses[parameters.schedule.at(slot)]!;
  const transactions = applied.map(({ transaction }) => transaction);
  const header = signHeader({
    previousId: parent.id,
    number: summary.number,
    timestampSeconds: summary.timestampSeconds,
    witness: witness.instance,
    merkleRoot: merkleRoot(transactions.map(({ leaf }) => leaf)),
    witnessKey: witness.privateKey,
  });
  const block: Block = {
    ...summary,
    id: header.id,
    prefix: header.prefix,
    headerJson: header.json,
    packedBytes: transactions.reduce(
      (bytes, transaction) => bytes + transaction.packedBytes + 1,
      header.packedBytes + 1,
    ),
    previous: parent,
    transactionCount: transactions.length,
    serial: store.nextSerial,
    applied,
    endVirtual,
  };
  store.add(block, header.signature, transactions);
  return block;
}

function followUp(parent: Block, slot: number, parameters: ChainParameters): Omit<BlockSummary, "id"> {
  const { schedule, genesisSeconds, blockIntervalSeconds } = parameters;
  const number = parent.number + 1;
  const producer = schedule.at(slot);
  const missed = [...parent.missed];
  for (let gap = parent.slot + 1; gap < slot; gap += 1) missed[schedule.at(gap)]! += 1;
  const confirmed = [...parent.confirmed];
  confirmed[producer] = number;
  return {
    number,
    slot,
    timestampSeconds: genesisSeconds + slot * blockIntervalSeconds,
    witness: parameters.witnesses[producer]!.instance,
    lastIrreversible: Math.max(parent.lastIrreversible, lastIrreversible(confirmed)),
    confirmed,
    missed,
    recentSlots: ((parent.recentSlots << BigInt(slot - parent.slot)) | 1n) & ((1n << 128n) - 1n),
  };
}
