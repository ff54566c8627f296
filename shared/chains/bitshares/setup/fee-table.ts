import { feeOf, feesAnswer } from "../required-fees.ts";
import type { RpcClient } from "../rpc-client.ts";

const coreAssetId = "1.3.0";
/** An account_create has less than a kilobyte as JSON. */
const operationsPerCall = 50;

/** The chain's number of an operation and its fields, without the fee. */
export type Operation = readonly [code: number, fields: Readonly<Record<string, unknown>>];

/** What the node demands for operations, in smallest units of the core asset. */
export class FeeTable {
  readonly #client: RpcClient;
  readonly #known = new Map<string, Promise<bigint>>();

  constructor(client: RpcClient) {
    this.#client = client;
  }

  /** Of each, where they differ in what fees depend on, such as their size. */
  async ofAll(operations: readonly Operation[]): Promise<bigint[]> {
    const calls: Promise<bigint[]>[] = [];
    for (let i = 0; i < operations.length; i += operationsPerCall) {
      calls.push(this.#ask(operations.slice(i, i + operationsPerCall)));
    }
    return (await Promise.all(calls)).flat();
  }

  /** Of one that stands for all others like it; asked once. */
  of(operation: Operation): Promise<bigint> {
    const key = JSON.stringify(operation);
    const known = this.#known.get(key) ?? this.#ask([operation]).then(([fee]) => fee as bigint);
    this.#known.set(key, known);
    return known;
  }

  async #ask(operations: readonly Operation[]): Promise<bigint[]> {
    const priced = operations.map(([code, fields]) => [code, { fee: { amount: 0, asset_id: coreAssetId }, ...fields }]);
    const fees = await this.#client.call("database", "get_required_fees", [priced, coreAssetId], feesAnswer);
    return fees.map((fee) => BigInt(feeOf(fee)));
  }
}
