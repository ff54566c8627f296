import { ChainTypes } from "bitsharesjs";
import { z } from "zod";
import { AppError } from "../../errors/app-error.ts";
import type { TrafficBlock, TrafficOperation, TrafficOptions, TrafficSource, TrafficValue } from "../traffic.ts";
import { shortestSealed } from "./memo-sealer.ts";
import { assetsAnswer } from "./node-answers.ts";
import { payerFieldOf } from "./operation-payers.ts";
import { orderUpdateCode } from "./order-update.ts";
import { type BlockAnswer, isBlockAnswer } from "./read-block.ts";
import { RpcClient } from "./rpc-client.ts";

const blockAnswer = z.custom<unknown>((value) => value === null || isBlockAnswer(value), "expected a block");

const operationNames = new Map([
  ...Object.entries(ChainTypes.operations).map(([name, code]) => [code, name] as const),
  [orderUpdateCode, "limit_order_update"] as const,
]);
const idPattern = /^\d+\.\d+\.\d+$/;
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
const keyPattern = /^[A-Z]{2,8}[1-9A-HJ-NP-Za-km-z]{50}$/;
const hexPattern = /^(?:[0-9a-f]{2})+$/;
const integerPattern = /^-?\d+$/;

interface KnownAsset {
  readonly symbol: string;
  readonly precision: number;
}

/** Reads the transactions of a node's blocks. */
export class BitsharesTraffic implements TrafficSource {
  readonly #options: TrafficOptions;
  readonly #assets = new Map<string, Promise<KnownAsset>>();
  #client: Promise<RpcClient> | null = null;

  static async open(options: TrafficOptions): Promise<BitsharesTraffic> {
    const source = new BitsharesTraffic(options);
    await source.#connected();
    return source;
  }

  private constructor(options: TrafficOptions) {
    this.#options = options;
  }

  async fetchBlock(number: number): Promise<TrafficBlock | null> {
    const client = await this.#connected();
    const block = await client.call("database", "get_block", [number], blockAnswer);
    if (!isBlockAnswer(block)) return null;
    const timestampMs = Date.parse(`${block.timestamp}Z`);
    const assets = await this.#assetsIn(client, block);
    const transactions = block.transactions.map(({ operations }) => ({
      operations: operations.map(([code, fields]) => toOperation(code, fields, { timestampMs, assets })),
    }));
    return { number, timestampMs, transactions };
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => null);
    client?.close();
  }

  /** Anew where the connection was lost. */
  #connected(): Promise<RpcClient> {
    const { endpoint, timeoutMs, signal } = this.#options;
    const forget = (): void => {
      this.#client = null;
    };
    this.#client ??= RpcClient.connect({ endpoint, timeoutMs, signal, onLost: forget });
    this.#client.catch(forget);
    return this.#client;
  }

  async #assetsIn(client: RpcClient, block: BlockAnswer): Promise<ReadonlyMap<string, KnownAsset>> {
    const ids = new Set<string>();
    collectAssets(block.transactions, ids);
    const missing = [...ids].filter((id) => !this.#assets.has(id));
    if (missing.length > 0) {
      const asked = client.call("database", "get_objects", [missing], assetsAnswer);
      for (const [i, id] of missing.entries())
        this.#assets.set(
          id,
          asked.then((answers) => known(answers[i], id)),
        );
      asked.catch(() => {
        for (const id of missing) this.#assets.delete(id);
      });
    }
    return new Map(
      await Promise.all([...ids].map(async (id) => [id, await this.#assets.get(id)] as [string, KnownAsset])),
    );
  }
}

function known(answer: z.output<typeof assetsAnswer>[number] | undefined, id: string): KnownAsset {
  if (!answer)
    throw new AppError("RPC_FAILED", `the node does not know the asset ${id}, of which its blocks have amounts`);
  return { symbol: answer.symbol, precision: answer.precision };
}

function collectAssets(value: unknown, ids: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  if (isAmount(value)) ids.add(value.asset_id);
  else for (const part of Object.values(value)) collectAssets(part, ids);
}

interface Amount {
  readonly amount: number | string;
  readonly asset_id: string;
}

function isAmount(value: object): value is Amount {
  return "asset_id" in value && "amount" in value && Object.keys(value).length === 2;
}

interface BlockFacts {
  readonly timestampMs: number;
  readonly assets: ReadonlyMap<string, KnownAsset>;
}

function toOperation(code: number, fields: Readonly<Record<string, unknown>>, facts: BlockFacts): TrafficOperation {
  const name = operationNames.get(code) ?? `operation_${code}`;
  const reader = new FieldReader(facts);
  const payer = fields[payerFieldOf(name) ?? ""];
  if (typeof payer === "string") reader.accountAt(payer);
  const { fee: _, memo, ...own } = fields;
  const value = reader.read(own);
  const memoLength = memoLengthOf(memo);
  const kind = name === "transfer" && memoLength > 0 ? "transfer with memo" : name;
  return { kind, accounts: reader.accounts, size: memoLength || reader.longest, fields: value };
}

function memoLengthOf(memo: unknown): number {
  const message = (memo as { message?: unknown } | null | undefined)?.message;
  return typeof message === "string" ? shortestSealed(message.length / 2) : 0;
}

class FieldReader {
  readonly accounts: string[] = [];
  /** Of text and data. */
  longest = 0;
  readonly #facts: BlockFacts;

  constructor(facts: BlockFacts) {
    this.#facts = facts;
  }

  accountAt(id: string): number {
    const position = this.accounts.indexOf(id);
    return position >= 0 ? position : this.accounts.push(id) - 1;
  }

  read(value: unknown): TrafficValue {
    if (Array.isArray(value)) return value.map((item) => this.read(item));
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
    if (typeof value !== "object") return null;
    if (isAmount(value)) return { $amount: amountText(value, this.#facts.assets.get(value.asset_id) as KnownAsset) };
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, this.read(field)]));
  }

  #text(text: string): TrafficValue {
    if (text.startsWith("1.2.") && idPattern.test(text)) return { $account: this.accountAt(text) };
    if (idPattern.test(text)) return { $foreign: `${text.slice(0, text.lastIndexOf("."))}.x` };
    if (timePattern.test(text)) {
      return { $time: Math.round((Date.parse(`${text}Z`) - this.#facts.timestampMs) / 1000) };
    }
    if (keyPattern.test(text)) return { $foreign: "public key" };
    if (integerPattern.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : text;
    const isData = hexPattern.test(text);
    const length = isData ? text.length / 2 : text.length;
    this.longest = Math.max(this.longest, length);
    return isData ? { $hex: length } : { $text: length };
  }
}

function amountText({ amount }: Amount, { symbol, precision }: KnownAsset): string {
  const text = String(amount);
  const sign = text.startsWith("-") ? "-" : "";
  const digits = text.slice(sign.length).padStart(precision + 1, "0");
  const whole = digits.slice(0, digits.length - precision);
  return `${sign}${whole}${precision === 0 ? "" : `.${digits.slice(-precision)}`} ${symbol}`;
}
