import { WorkloadShape } from "../../workload/shape.ts";
import type { PreparedTransaction, TransactionPreparer } from "../driver.ts";

export interface PreparedBody {
  readonly body: Uint8Array;
  /** As in `ObservedBlock.matchKeys`. */
  readonly matchKey: bigint;
  readonly packedBytes: number;
}

export interface PrepareSomeOptions {
  readonly preparer: TransactionPreparer;
  /** The same that the preparer was made with. */
  readonly workload: ConstructorParameters<typeof WorkloadShape>[0];
  readonly seed: number;
  readonly sequences: readonly number[];
  readonly expirationSeconds: number;
  /** Which object a transaction consumes; the first unless said otherwise. */
  readonly poolOrdinalOf?: (sequence: number) => number;
}

/** Prepares transactions one after the other and completes them together, as a signing thread does. */
export function prepareSome({
  preparer,
  workload,
  seed,
  sequences,
  expirationSeconds,
  poolOrdinalOf = () => 0,
}: PrepareSomeOptions): PreparedBody[] {
  const shape = new WorkloadShape(workload, seed);
  const target = new Uint8Array(sequences.length * preparer.typicalBodyBytes);
  const described: PreparedTransaction[] = [];
  let used = 0;
  for (const sequence of sequences) {
    shape.draw(sequence);
    const prepared = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
    const request = {
      sequence,
      expirationSeconds,
      entries: shape.entries,
      operations: shape.operations,
      poolOrdinals: new Uint32Array(shape.operations).fill(poolOrdinalOf(sequence)),
    };
    if (!preparer.prepare(request, target, used, prepared)) throw new Error(`no room for transaction ${sequence}`);
    described.push(prepared);
    used += prepared.bodyBytes;
  }
  preparer.complete();
  let offset = 0;
  return described.map(({ bodyBytes, packedBytes, matchKeyHigh, matchKeyLow }) => {
    const body = target.slice(offset, offset + bodyBytes);
    offset += bodyBytes;
    return { body, packedBytes, matchKey: (BigInt(matchKeyHigh >>> 0) << 32n) | BigInt(matchKeyLow >>> 0) };
  });
}
