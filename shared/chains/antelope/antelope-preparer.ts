import { commonCount, largestCount } from "../../workload/operation-counts.ts";
import { AccountPopularity } from "../../workload/popularity.ts";
import { randomStreams } from "../../workload/shape.ts";
import type { PrepareContext, PreparedTransaction, PrepareRequest, TransactionPreparer } from "../driver.ts";
import { varintBytes } from "../encoding/byte-writer.ts";
import { firstPositions } from "../preparing/transaction-parties.ts";
import { repetitionProblem, tooFewDistinct } from "../preparing/uniqueness.ts";
import { decodeAccountKeys } from "../signing/account-keys.ts";
import { CanonicalSigner, signatureBytes } from "../signing/canonical-signer.ts";
import { sha256 } from "../signing/one-shot-hash.ts";
import { createActionWriters, mostTransactions } from "./action-writers.ts";
import type { AccountData, AntelopeData } from "./chain-data.ts";
import { privateKeyBytes } from "./keys.ts";
import { bodyBytesFor, placeSignature, signatureAt, writeBody } from "./packed-body.ts";
import { type ActionWriter, TransactionDraft } from "./transaction-draft.ts";
import { numberBase, refuseTooMany } from "./transaction-number.ts";

const chainIdBytes = 32;
/** What is signed ends with the hash of the context-free data, of which there is none. */
const noContextFreeData = new Uint8Array(32);
/** Everything before the actions; the number of actions and a transaction's number have up to five bytes each. */
const headerRoom = chainIdBytes + 24;
/** Names and counters differ in nothing but memos and lists do. */
const lengthReserve = 64;
/** In a block: status, CPU and the kind of the transaction's form. */
const receiptBytes = 6;

export class AntelopePreparer implements TransactionPreparer {
  readonly typicalBodyBytes: number;

  readonly #draft: TransactionDraft;
  readonly #writers: readonly ActionWriter[];
  /** By mix entry: whether transactions that begin with it are told apart by their number. */
  readonly #numbered: readonly boolean[];
  /** Names of the mix entries, for messages. */
  readonly #names: readonly string[];
  readonly #signer: CanonicalSigner;
  readonly #seed: number;
  readonly #chainId: Buffer;
  readonly #referenceNumber: number;
  readonly #referencePrefix: number;
  readonly #numberBase: number;

  constructor(context: PrepareContext) {
    const { resolved, workload, network, reference, seed } = context;
    const data = resolved.data as AntelopeData;
    const actors = resolved.accounts.map(({ name }, i) => ({
      name,
      permission: (data.accounts[i] as AccountData).permission,
    }));
    const popularity = new AccountPopularity(workload.popularity, actors.length);
    const keyOf = firstPositions(resolved.accounts.map((account) => account.privateKey));
    this.#draft = new TransactionDraft(actors, keyOf, popularity);
    this.#signer = new CanonicalSigner(decodeAccountKeys(resolved.accounts, privateKeyBytes), placeSignature);
    this.#names = workload.mix.map((entry) => entry.name);
    this.#seed = seed;
    this.#writers = createActionWriters(resolved, popularity, seed, largestCount(workload.operationsPerTransaction));
    const transactions = context.transactions ?? mostTransactions;
    this.#numbered = this.#writers.map((writer) => writer.capacity < transactions);
    this.#numberBase = numberBase(data.parameters);
    if (this.#numbered.includes(true)) refuseTooMany(this.#numberBase, transactions);
    this.#chainId = Buffer.from(network.chainId, "hex");
    this.#referenceNumber = reference.blockNumber & 0xffff;
    // The third 32-bit word of the block's id, the bytes in memory order.
    this.#referencePrefix = Buffer.from(reference.blockId, "hex").readUInt32LE(8);
    const actions = this.#largestAction() * commonCount(workload.operationsPerTransaction);
    this.typicalBodyBytes = bodyBytesFor(headerRoom + actions, 1);
  }

  prepare(request: PrepareRequest, target: Uint8Array, offset: number, prepared: PreparedTransaction): boolean {
    const draft = this.#draft;
    const { binary } = draft;
    this.#write(request);
    const packed = binary.bytes.subarray(chainIdBytes, binary.length);
    const count = draft.signerCount;
    const bodyBytes = bodyBytesFor(packed.length, count);
    if (offset + bodyBytes > target.length) return false;
    const id = sha256(packed);
    binary.append(noContextFreeData);
    const digest = sha256(binary.bytes.subarray(0, binary.length));
    writeBody(packed, count, target, offset);
    for (let i = 0; i < count; i++) {
      this.#signer.add(digest, draft.signers[i] as number, target, offset + signatureAt(i), null);
    }
    prepared.bodyBytes = bodyBytes;
    prepared.packedBytes = packedBytes(packed.length, count);
    prepared.matchKeyHigh = id.readUInt32BE(0);
    prepared.matchKeyLow = id.readUInt32BE(4);
    return true;
  }

  complete(): void {
    this.#signer.signAll();
  }

  /** Bytes of an example of each mix entry; of the largest one. */
  #largestAction(): number {
    const draft = this.#draft;
    const sizes = this.#writers.map((writer) => {
      draft.begin(0, 0);
      draft.random.reset(this.#seed, 0, randomStreams.contents);
      writer.write(draft, 0, false);
      return draft.binary.length + lengthReserve;
    });
    return Math.max(...sizes);
  }

  /** The chain's id and the transaction without signatures. */
  #write(request: PrepareRequest): void {
    const { sequence, expirationSeconds, operations, entries, poolOrdinals } = request;
    const draft = this.#draft;
    const { binary } = draft;
    const first = entries[0] as number;
    const numbered = this.#numbered[first] as boolean;
    const { capacity } = this.#writers[first] as ActionWriter;
    if (!numbered && sequence >= capacity) {
      throw tooFewDistinct([repetitionProblem(this.#names[first] as string, capacity, sequence + 1)]);
    }
    draft.begin(sequence, expirationSeconds);
    draft.random.reset(this.#seed, sequence, randomStreams.contents);
    binary.ensure(headerRoom);
    binary.append(this.#chainId);
    binary.uint32(expirationSeconds);
    binary.uint16(this.#referenceNumber);
    binary.uint32(this.#referencePrefix);
    binary.varint(numbered ? this.#numberBase + sequence : 0);
    binary.byte(0);
    binary.byte(0);
    binary.byte(0);
    binary.varint(operations);
    for (let i = 0; i < operations; i++) {
      draft.beginOperation(i);
      draft.poolOrdinal = poolOrdinals[i] as number;
      (this.#writers[entries[i] as number] as ActionWriter).write(draft, i, !numbered);
    }
    binary.ensure(1);
    binary.byte(0);
  }
}

/** A transaction's receipt in a block: with its signatures, each of a known kind, and its lengths. */
function packedBytes(transaction: number, signatures: number): number {
  const net = varintBytes(Math.ceil(transaction / 8));
  const signed = varintBytes(signatures) + signatures * (1 + signatureBytes);
  return receiptBytes + net + signed + 2 + varintBytes(transaction) + transaction;
}
