import { z } from "zod";
import type {
  TrafficBlock,
  TrafficOperation,
  TrafficOptions,
  TrafficSource,
  TrafficTransaction,
  TrafficValue,
} from "../traffic.ts";
import { type AbiType, ContractTypes } from "./abi.ts";
import { HttpClient, ifAnswered, nodeFailureOf } from "./http-client.ts";
import { tokenAccount } from "./named-actions.ts";
import { infoAnswer, rawAbiAnswer, unknownBlock } from "./node-answers.ts";
import { isBlockAnswer } from "./read-block.ts";

const blockAnswer = z.custom<unknown>(isBlockAnswer, "expected a block");
/** Of a transaction that was done; anything else left no trace but its cost. */
const executed = "executed";

const actionsAnswer = z.object({
  timestamp: z.string(),
  transactions: z.array(
    z.object({
      status: z.string(),
      trx: z.union([
        // Only the id of a deferred transaction, which nobody has sent.
        z.string(),
        z.object({
          transaction: z.object({
            actions: z.array(
              z.object({
                account: z.string(),
                name: z.string(),
                authorization: z.array(z.object({ actor: z.string() })),
                data: z.unknown(),
                hex_data: z.string().optional(),
              }),
            ),
          }),
        }),
      ]),
    }),
  ),
});
type Action = Extract<
  z.output<typeof actionsAnswer>["transactions"][number]["trx"],
  { transaction: unknown }
>["transaction"]["actions"][number];

/** Reads the actions of a node's blocks. Actions that contracts do themselves (inline) are not among them. */
export class AntelopeTraffic implements TrafficSource {
  readonly #client: HttpClient;
  readonly #contracts = new Map<string, Promise<ContractTypes | null>>();

  static async open(options: TrafficOptions): Promise<AntelopeTraffic> {
    const source = new AntelopeTraffic(new HttpClient(options));
    try {
      await source.#client.call("get_info", {}, infoAnswer);
      return source;
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  private constructor(client: HttpClient) {
    this.#client = client;
  }

  async fetchBlock(number: number): Promise<TrafficBlock | null> {
    const answer = await this.#answerOf(number);
    if (answer === null) return null;
    const { timestamp, transactions } = actionsAnswer.parse(answer);
    const timestampMs = Date.parse(`${timestamp}Z`);
    const done = transactions.flatMap(({ status, trx }) =>
      status === executed && typeof trx !== "string" ? [trx.transaction.actions] : [],
    );
    return {
      number,
      timestampMs,
      transactions: await Promise.all(
        done.map(
          async (actions): Promise<TrafficTransaction> => ({
            operations: await Promise.all(actions.map((action) => this.#toOperation(action, timestampMs))),
          }),
        ),
      ),
    };
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #answerOf(number: number): Promise<unknown> {
    try {
      return await this.#client.call("get_block", { block_num_or_id: number }, blockAnswer);
    } catch (error) {
      if (nodeFailureOf(error)?.code === unknownBlock) return null;
      throw error;
    }
  }

  async #toOperation(action: Action, timestampMs: number): Promise<TrafficOperation> {
    const { account, name, authorization, data } = action;
    const reader = new DataReader(timestampMs);
    const actor = authorization[0]?.actor;
    if (actor !== undefined) reader.accountAt(actor);
    const type = (await this.#typesOf(account))?.actions.get(name);
    // Nodes leave data undecoded that they have no ABI for, or another one by now.
    const isDecoded = typeof data === "object" && data !== null;
    const fields = type !== undefined && isDecoded ? reader.read(data, type, account) : reader.undecoded(action);
    const full = `${account}::${name}`;
    const isTransfer = full === `${tokenAccount}::transfer`;
    const kind = isTransfer ? (reader.longest > 0 ? "transfer with memo" : "transfer") : full;
    return { kind, accounts: reader.accounts, size: reader.longest, fields };
  }

  #typesOf(contract: string): Promise<ContractTypes | null> {
    const known = this.#contracts.get(contract);
    if (known !== undefined) return known;
    const asked = this.#askTypes(contract);
    this.#contracts.set(contract, asked);
    asked.catch(() => this.#contracts.delete(contract));
    return asked;
  }

  async #askTypes(contract: string): Promise<ContractTypes | null> {
    const answer = await ifAnswered(this.#client.call("get_raw_abi", { account_name: contract }, rawAbiAnswer));
    if (!answer?.abi) return null;
    try {
      return new ContractTypes({ raw: Buffer.from(answer.abi, "base64").toString("hex") });
    } catch {
      // An ABI that the library cannot read leaves the contract's actions undecoded, which is told of each.
      return null;
    }
  }
}

const timeTypes = new Set(["time_point", "time_point_sec", "block_timestamp_type"]);
const foreignTypes = new Set(["public_key", "signature"]);
const dataTypes = new Set(["bytes", "checksum160", "checksum256", "checksum512"]);
/** Fields that are names and yet no accounts, by the struct that they stand in. */
const namesOfPermissions = new Set([
  ...["permission_level.permission", "updateauth.permission", "updateauth.parent", "deleteauth.permission"],
  ...["linkauth.requirement"],
]);
const namesOfActions = new Set(["linkauth.type", "unlinkauth.type"]);
/** Every account has the first two, and a contract the third. */
const usualPermissions = new Set(["active", "owner", "eosio.code"]);

/** Reads an action's data as nodes decode it, by the types of its contract. */
class DataReader {
  readonly accounts: string[] = [];
  /** Of text, or of data where there is no text. */
  get longest(): number {
    return this.#text || this.#data;
  }
  #text = 0;
  #data = 0;
  readonly #timestampMs: number;

  constructor(timestampMs: number) {
    this.#timestampMs = timestampMs;
  }

  accountAt(name: string): number {
    const position = this.accounts.indexOf(name);
    return position >= 0 ? position : this.accounts.push(name) - 1;
  }

  undecoded({ data, hex_data }: Action): TrafficValue {
    const hex = hex_data ?? (typeof data === "string" ? data : "");
    this.#data = hex.length / 2;
    return { data: { $foreign: "data without an ABI" } };
  }

  read(value: unknown, type: AbiType, contract: string): TrafficValue {
    if (type.extensionOf) return this.read(value, type.extensionOf, contract);
    if (type.optionalOf)
      return value === null || value === undefined ? null : this.read(value, type.optionalOf, contract);
    if (type.arrayOf !== null && Array.isArray(value)) {
      const { arrayOf } = type;
      return value.map((item) => this.read(item, arrayOf, contract));
    }
    const isStruct = type.base !== null || type.fields.length > 0;
    if (isStruct && typeof value === "object" && value !== null && !Array.isArray(value)) {
      return this.#struct(value as Readonly<Record<string, unknown>>, type, contract);
    }
    return this.#scalar(value, type.aliasOfName || type.name, contract);
  }

  #struct(value: Readonly<Record<string, unknown>>, type: AbiType, contract: string): TrafficValue {
    const fields: [string, TrafficValue][] = [];
    for (let of: AbiType | null = type; of !== null; of = of.base) {
      for (const { name, type: inner } of of.fields) {
        if (!(name in value)) continue;
        const other = nameOfOther(`${of.name}.${name}`, value[name]);
        fields.push([name, other ?? this.read(value[name], inner, contract)]);
      }
    }
    return Object.fromEntries(fields);
  }

  #scalar(value: unknown, type: string, contract: string): TrafficValue {
    if (typeof value === "boolean") return value;
    if (typeof value === "number") return value;
    if (typeof value !== "string") return { $foreign: `type ${type}` };
    if (type === "name") return value === contract || value === "" ? value : { $account: this.accountAt(value) };
    if (type === "asset") return { $amount: value };
    if (type === "string") {
      const { length } = Buffer.from(value);
      this.#text = Math.max(this.#text, length);
      return { $text: length };
    }
    if (dataTypes.has(type)) {
      this.#data = Math.max(this.#data, value.length / 2);
      return { $hex: value.length / 2 };
    }
    if (timeTypes.has(type)) return { $time: Math.round((Date.parse(`${value}Z`) - this.#timestampMs) / 1000) };
    if (foreignTypes.has(type)) return { $foreign: type.replace("_", " ") };
    return /^-?\d+$/.test(value) && Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
}

/** Null where the field names an account, or nobody. */
function nameOfOther(field: string, value: unknown): TrafficValue | null {
  if (typeof value !== "string" || value === "") return null;
  if (namesOfActions.has(field)) return { $foreign: "action" };
  if (!namesOfPermissions.has(field)) return null;
  return usualPermissions.has(value) ? value : { $foreign: "permission" };
}
