import { commonCount, largestCount } from "../../workload/operation-counts.ts";
import { AccountPopularity } from "../../workload/popularity.ts";
import { randomStreams } from "../../workload/shape.ts";
import type { PrepareContext, PreparedTransaction, PrepareRequest, TransactionPreparer } from "../driver.ts";
import { varintBytes } from "../encoding/byte-writer.ts";
import { type AmountLattice, type AmountStretch, disjointLattices } from "../preparing/draw-space.ts";
import { firstPositions } from "../preparing/transaction-parties.ts";
import { repetitionProblem, tooFewDistinct, uniquenessProblems } from "../preparing/uniqueness.ts";
import { decodeAccountKeys } from "../signing/account-keys.ts";
import { CanonicalSigner, signatureBytes } from "../signing/canonical-signer.ts";
import { sha256 } from "../signing/one-shot-hash.ts";
import { AccountUpgradeWriter } from "./account-upgrade-writer.ts";
import type { BitsharesData, EntryData } from "./chain-data.ts";
import { HtlcCreateWriter } from "./htlc-create-writer.ts";
import { privateKeyBytes } from "./keys.ts";
import { CallOrderWriter, PublishFeedWriter } from "./lending-writers.ts";
import { MemoSealer } from "./memo-sealer.ts";
import { OrderCancelWriter } from "./order-cancel-writer.ts";
import { OrderCreateWriter } from "./order-create-writer.ts";
import { pieces, signaturePiece } from "./packed-text.ts";
import { PooledWriter } from "./pooled-writer.ts";
import { TemplateWriter } from "./template-writer.ts";
import { ChainTimeText, type OperationWriter, TransactionDraft } from "./transaction-draft.ts";
import { TransferWriter } from "./transfer-writer.ts";

const comma = 44;
const chainIdBytes = 32;
/** Reference, expiration and what closes the transaction, in a body. */
const envelopeBytes = 64;
/** Accounts and amounts differ in their digits. */
const digitsReserve = 24;
/** Memos differ in their length. */
const sizeSamples = 16;

export class BitsharesPreparer implements TransactionPreparer {
  readonly typicalBodyBytes: number;

  readonly #draft: TransactionDraft;
  readonly #writers: readonly OperationWriter[];
  /** Names of the mix entries, for messages. */
  readonly #names: readonly string[];
  readonly #signer: CanonicalSigner;
  readonly #expiration = new ChainTimeText();
  readonly #seed: number;
  readonly #chainId: Buffer;
  readonly #referenceNumber: number;
  readonly #referencePrefix: number;

  constructor(context: PrepareContext) {
    const { resolved, workload, network, reference, seed } = context;
    const data = resolved.data as BitsharesData;
    const instances = resolved.accounts.map((account) => Number(account.id.split(".")[2]));
    const keyTexts = resolved.accounts.map((account) => account.privateKey);
    const popularity = new AccountPopularity(workload.popularity, instances.length);
    this.#draft = new TransactionDraft(instances, firstPositions(keyTexts), popularity);
    const privateKeys = decodeAccountKeys(resolved.accounts, privateKeyBytes);
    this.#signer = new CanonicalSigner(privateKeys);
    this.#names = workload.mix.map((entry) => entry.name);
    this.#seed = seed;
    const operationsPerTransaction = largestCount(workload.operationsPerTransaction);
    this.#writers = createWriters(data, {
      popularity,
      seed,
      sealer: createSealer(data, privateKeys),
      positions: new Map(instances.map((instance, position) => [instance, position])),
      operationsPerTransaction,
    });
    const problems = uniquenessProblems(this.#names, this.#writers, context.transactions);
    if (problems.length > 0) throw tooFewDistinct(problems);
    this.#chainId = Buffer.from(network.chainId, "hex");
    this.#referenceNumber = reference.blockNumber & 0xffff;
    // The second 32-bit word of the block's id, the bytes in memory order: fc hashes are compared that way.
    this.#referencePrefix = Buffer.from(reference.blockId, "hex").readUInt32LE(4);
    this.typicalBodyBytes = envelopeBytes + this.#largestOperation() * commonCount(workload.operationsPerTransaction);
  }

  prepare(request: PrepareRequest, target: Uint8Array, offset: number, prepared: PreparedTransaction): boolean {
    const draft = this.#draft;
    const { binary, text } = draft;
    this.#write(request);
    const digest = sha256(binary.bytes.subarray(0, binary.length));
    const count = draft.signerCount;
    text.ensure(count * (signatureBytes + 2) + 2);
    const signaturesAt = text.length;
    for (let i = 0; i < count; i++) {
      if (i > 0) text.byte(comma);
      text.byte(signaturePiece);
      text.length += signatureBytes;
    }
    text.byte(pieces.transactionClose);
    if (offset + text.length > target.length) return false;
    target.set(text.bytes.subarray(0, text.length), offset);
    for (let i = 0; i < count; i++) {
      const at = offset + signaturesAt + i * (signatureBytes + 2) + 1;
      this.#signer.add(digest, draft.signers[i] as number, target, at, i === 0 ? prepared : null);
    }
    prepared.bodyBytes = text.length;
    // Blocks hold the operations' results after the signatures, emptied by the witness: one more byte.
    prepared.packedBytes = binary.length - chainIdBytes + varintBytes(count) + count * signatureBytes + 1;
    return true;
  }

  complete(): void {
    this.#signer.signAll();
  }

  /** Bytes in a body of an example of each mix entry, with the signatures that it brings; of the largest one. */
  #largestOperation(): number {
    const sizes = this.#writers.map((writer) => {
      if (writer.isEmpty === true) return 0;
      return Math.max(...Array.from({ length: sizeSamples }, (_, sample) => this.#sizeOf(writer, sample)));
    });
    return Math.max(...sizes);
  }

  #sizeOf(writer: OperationWriter, sample: number): number {
    const draft = this.#draft;
    draft.begin(0, 0);
    draft.random.reset(this.#seed, sample, randomStreams.contents);
    writer.write(draft, 0, 0);
    return draft.text.length + digitsReserve + draft.signerCount * (signatureBytes + 2);
  }

  /** Everything but the signatures, in both forms. */
  #write(request: PrepareRequest): void {
    const { sequence, expirationSeconds, operations, entries, poolOrdinals } = request;
    const draft = this.#draft;
    const { binary, text } = draft;
    const first = entries[0] as number;
    const { capacity } = this.#writers[first] as OperationWriter;
    if (sequence >= capacity)
      throw tooFewDistinct([repetitionProblem(this.#names[first] as string, capacity, sequence + 1)]);

    draft.begin(sequence, expirationSeconds);
    draft.random.reset(this.#seed, sequence, randomStreams.contents);
    binary.append(this.#chainId);
    binary.uint16(this.#referenceNumber);
    binary.uint32(this.#referencePrefix);
    binary.uint32(expirationSeconds);
    binary.varint(operations);
    text.byte(pieces.transactionOpen);
    text.digits(this.#referenceNumber);
    text.byte(pieces.referencePrefix);
    text.digits(this.#referencePrefix);
    text.byte(pieces.expiration);
    text.append(this.#expiration.at(expirationSeconds));
    text.byte(pieces.operationsOpen);
    for (let i = 0; i < operations; i++) {
      if (i > 0) {
        text.ensure(1);
        text.byte(comma);
      }
      draft.beginOperation(i);
      (this.#writers[entries[i] as number] as OperationWriter).write(draft, i, poolOrdinals[i] as number);
    }
    binary.ensure(1);
    binary.byte(0);
    text.ensure(1);
    text.byte(pieces.operationsClose);
  }
}

interface WriterContext {
  readonly popularity: AccountPopularity;
  readonly seed: number;
  readonly sealer: MemoSealer | null;
  readonly positions: ReadonlyMap<number, number>;
  readonly operationsPerTransaction: number;
}

function createSealer({ entries }: BitsharesData, privateKeys: readonly Uint8Array[]): MemoSealer | null {
  const memo = entries.map((entry) => (entry.kind === "transfer" ? entry.memo : undefined)).find(Boolean);
  return memo === undefined ? null : new MemoSealer(privateKeys, memo.keys);
}

function createWriters(data: BitsharesData, context: WriterContext): OperationWriter[] {
  const lattices = disjointLattices(data.entries.map(stretchOf));
  return data.entries.map((entry, i) => createWriter(entry, lattices[i] as AmountLattice, data, context));
}

function createWriter(
  entry: EntryData,
  lattice: AmountLattice,
  data: BitsharesData,
  context: WriterContext,
): OperationWriter {
  switch (entry.kind) {
    case "transfer":
      return new TransferWriter(entry, lattice, context);
    case "limit_order_create":
      return new OrderCreateWriter(entry, lattice, context.popularity, context.seed);
    case "limit_order_cancel":
      return new OrderCancelWriter(entry);
    case "account_upgrade":
      return new AccountUpgradeWriter(entry);
    case "htlc_create":
      return new HtlcCreateWriter(entry, lattice, context);
    case "call_order_update":
      return new CallOrderWriter(entry, lattice, context);
    case "asset_publish_feed":
      return new PublishFeedWriter(entry, context.operationsPerTransaction);
    case "pooled":
      return new PooledWriter(entry);
    case "template":
      return new TemplateWriter({ data: entry, assets: data.assets, lattice, ...context });
  }
}

function stretchOf(entry: EntryData, index: number): AmountStretch {
  switch (entry.kind) {
    case "transfer":
      return { key: `transfer ${entry.asset.instance}`, minimum: entry.minimum, maximum: entry.maximum };
    case "limit_order_create": {
      const market = [entry.base.instance, entry.quote.instance].join(" ");
      return { key: `order ${market}`, minimum: entry.minimum, maximum: entry.maximum };
    }
    case "htlc_create":
      return { key: `contract ${entry.asset.instance}`, minimum: entry.minimum, maximum: entry.maximum };
    case "call_order_update":
      return { key: `debt ${entry.debt.instance}`, minimum: entry.minimum, maximum: entry.maximum };
    case "template": {
      const maximum = entry.use?.extraFee ?? 0;
      return { key: maximum === 0 ? `alone ${index}` : `extra ${entry.operation}`, minimum: 0, maximum };
    }
    default:
      return { key: `alone ${index}`, minimum: 0, maximum: 0 };
  }
}

/** How many transactions, at least, can begin with each mix entry before two of them would be the same. */
export function distinctTransactions(data: BitsharesData, popularity: AccountPopularity): number[] {
  const context = {
    popularity,
    seed: 0,
    sealer: null,
    positions: new Map<number, number>(),
    operationsPerTransaction: 1,
  };
  return createWriters(data, context).map((writer) => writer.capacity);
}
