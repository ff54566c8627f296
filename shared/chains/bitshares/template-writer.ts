import { hash, ops } from "bitsharesjs";
import secp256k1 from "secp256k1";
import type { AmountRange } from "../../workload/amount.ts";
import { toUnits } from "../../workload/amount.ts";
import { renderTemplate, type TemplateNode, type TemplateScope } from "../../workload/placeholders.ts";
import type { AccountPopularity } from "../../workload/popularity.ts";
import { fromBase58 } from "../encoding/base58.ts";
import type { AmountLattice } from "../preparing/draw-space.ts";
import { PartySpace } from "../preparing/party-space.ts";
import type { Asset, TemplateData } from "./chain-data.ts";
import { operationCode, payerFieldOf } from "./operation-payers.ts";
import { type OperationWriter, type TransactionDraft, toChainTime } from "./transaction-draft.ts";

export interface TemplateWriterOptions {
  readonly data: TemplateData;
  readonly assets: readonly Asset[];
  /** Position of each account by the last part of its id. */
  readonly positions: ReadonlyMap<number, number>;
  /** Most operations that a transaction of this workload has, so that counters of different ones never meet. */
  readonly operationsPerTransaction: number;
  /** Of what is paid beyond the fee. */
  readonly lattice: AmountLattice;
  readonly popularity: AccountPopularity;
  readonly seed: number;
}

/** Any operation of Graphene, through the types of bitsharesjs: slower than the named ones, and as general as it is. */
export class TemplateWriter implements OperationWriter {
  /** Without end where the template holds a counter. */
  readonly capacity: number;

  readonly #options: TemplateWriterOptions;
  /** Null where the template holds a counter. */
  readonly #extraFees: PartySpace | null;
  readonly #code: number;
  readonly #payerField: string;

  constructor(options: TemplateWriterOptions) {
    this.#options = options;
    const { data, lattice, popularity, seed } = options;
    const isCounted = (data.use?.extraFee ?? 0) === 0;
    this.#extraFees = isCounted ? null : new PartySpace({ lattice, popularity, seed, of: "senders", variants: 1 });
    this.capacity = this.#extraFees?.size ?? Number.POSITIVE_INFINITY;
    this.#code = operationCode(options.data.operation);
    this.#payerField = payerFieldOf(options.data.operation) as string;
  }

  write(draft: TransactionDraft, position: number): void {
    const { data, assets, operationsPerTransaction } = this.#options;
    const fee = data.fee + this.#extraFee(draft, position);
    const rendered = renderOperation(data.operation, data.node, fee, {
      random: draft.random,
      counter: draft.sequence * operationsPerTransaction + position,
      expirationSeconds: draft.expirationSeconds,
      account: (which) => `1.2.${draft.instanceOf(draft.pick(which))}`,
      asset: (range) => drawAsset(range, assets, draft.random.nextFraction()),
      time: toChainTime,
    });
    const memoKey = data.use?.memoKeys?.[draft.payer];
    const fields = memoKey === undefined ? rendered : withMemoKey(rendered, memoKey);
    const { bytes, json } = encodeOperation(this.#code, fields);
    draft.binary.append(bytes);
    draft.text.ascii(json);
    for (const account of requiredAccounts(fields, this.#payerField)) {
      const signer = this.#options.positions.get(account);
      if (signer !== undefined) draft.signedBy(signer);
    }
  }

  /** Beyond the fee, and for the first operation the sender that it makes a difference with. */
  #extraFee(draft: TransactionDraft, position: number): number {
    const space = this.#extraFees;
    if (space === null) return 0;
    if (position > 0) return space.anyAmount(draft.random.nextFraction());
    space.draw(draft.sequence);
    if (space.from >= 0) draft.payer = space.from;
    return space.amount;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** The sender keeps the key that its memos are read with. */
function withMemoKey(fields: Fields, memoKey: string): Fields {
  return { ...fields, new_options: { ...(fields.new_options as Fields), memo_key: memoKey } };
}

/** The operation's fields with the fee and what is always the same filled in. */
export function renderOperation(operation: string, node: TemplateNode, fee: number, scope: TemplateScope): Fields {
  const fields = renderTemplate(node, scope) as Fields;
  const payerField = payerFieldOf(operation);
  return {
    fee: { amount: fee, asset_id: "1.3.0" },
    ...(payerField === null || payerField in fields ? {} : { [payerField]: scope.account("sender") }),
    ...fields,
  };
}

export interface EncodedOperation {
  /** With the operation's code in front, as in a transaction. */
  readonly bytes: Buffer;
  /** `[code, {…}]` in ASCII. */
  readonly json: string;
}

/** Throws the library's error when a field is missing or of the wrong form. */
export function encodeOperation(code: number, fields: Fields): EncodedOperation {
  const serializer = ops.operation.st_operations[code];
  if (!serializer) throw new Error(`bitsharesjs has no operation ${code}`);
  const value = serializer.fromObject(withKnownKeys(fields));
  const body = serializer.toBuffer(value);
  const json = JSON.stringify([code, serializer.toObject(value)]);
  return { bytes: Buffer.concat([varintOf(code), body]), json: toAscii(json) };
}

// A compressed point and its checksum always make 50 digits.
const keyPattern = /^([A-Z]{2,8})[1-9A-HJ-NP-Za-km-z]{50}$/;
const keyDigits = 50;
const pointBytes = 33;
const knownKeys = new Map<string, unknown>();

/**
 * The same fields with public keys as objects that the library takes for its own. It would decompress and compress
 * each key anew for every operation, at tens of milliseconds a time.
 */
function withKnownKeys(value: unknown): unknown {
  if (typeof value === "string") return keyPattern.test(value) ? knownKey(value) : value;
  if (Array.isArray(value)) return value.map(withKnownKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, withKnownKeys(field)]));
}

function knownKey(text: string): unknown {
  const known = knownKeys.get(text);
  if (known !== undefined) return known;
  const bytes = keyPoint(text);
  const address = hash.ripemd160(hash.sha512(bytes));
  const made = { Q: true, toBuffer: () => bytes, toString: () => text, toBlockchainAddress: () => address };
  knownKeys.set(text, made);
  return made;
}

/** The library would take milliseconds to decompress it. Throws when the text is no key. */
function keyPoint(text: string): Buffer {
  const bytes = fromBase58(text.slice(-keyDigits));
  const [point, checksum] = [bytes.subarray(0, pointBytes), bytes.subarray(pointBytes)];
  const isWhole = hash.ripemd160(point).subarray(0, checksum.length).equals(checksum);
  if (checksum.length === 4 && isWhole && secp256k1.publicKeyVerify(point)) return Buffer.from(point);
  throw new Error(`${text} is not a public key`);
}

function varintOf(code: number): Buffer {
  return code < 128 ? Buffer.of(code) : Buffer.of((code & 127) | 128, code >>> 7);
}

/** Bytes above ASCII stand for pieces in a prepared body, so text must not hold any. */
function toAscii(json: string): string {
  return json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** An amount of the range in the protocol's form. `fraction` from 0 up to but not including 1. */
export function drawAsset(range: AmountRange, assets: readonly Asset[], fraction: number): unknown {
  const asset = assets.find((candidate) => candidate.symbol === range.symbol);
  if (!asset) throw new Error(`no asset ${range.symbol}`);
  const minimum = Number(toUnits(range.minimum, asset.precision));
  const maximum = Number(toUnits(range.maximum, asset.precision));
  const amount = minimum + Math.floor(fraction * (maximum - minimum + 1));
  return { amount, asset_id: `1.3.${asset.instance}` };
}

/** Last parts of the ids of the accounts whose signature the operation needs. */
function requiredAccounts(fields: Fields, payerField: string): number[] {
  const required = Array.isArray(fields.required_auths) ? (fields.required_auths as unknown[]) : [];
  return [fields[payerField], ...required].map((id) => Number(String(id).split(".").at(-1)));
}
