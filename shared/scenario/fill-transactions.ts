import type { OperationCatalogue, PackedSizes } from "../chains/driver.ts";
import { AppError } from "../errors/app-error.ts";
import type { Finding } from "./findings.ts";
import type { MixEntry, OperationsDistribution } from "./scenario.ts";
import type { WrittenDistribution } from "./schema.ts";

const fillPath = ["workload", "operationsPerTransaction", "fillBytes"] as const;

/** With the sizes of the chain's operations, which are known to be known: `fillFindings` has looked. */
export function resolveOperations(
  written: WrittenDistribution,
  mix: readonly MixEntry[],
  catalogue: OperationCatalogue | null,
): OperationsDistribution {
  if (written.kind !== "fill") return written;
  const sizes = catalogue?.packedSizes;
  if (sizes === undefined) throw new AppError("INTERNAL", "the chain's packed sizes were not checked");
  const entryBytes = mix.map((entry) => sizes.operationBytes(entry) ?? 0);
  const weight = mix.reduce((sum, entry) => sum + entry.weight, 0);
  const meanEntryBytes = mix.reduce((sum, entry, i) => sum + (entry.weight * (entryBytes[i] as number)) / weight, 0);
  return { ...written, overheadBytes: sizes.overheadBytes, entryBytes, meanEntryBytes };
}

/** What stands in the way of filling transactions to so many bytes. */
export function fillFindings(bytes: number, mix: readonly MixEntry[], catalogue: OperationCatalogue): Finding[] {
  const sizes = catalogue.packedSizes;
  if (sizes === undefined) {
    return [
      { path: fillPath, value: String(bytes), expected: "is not possible on this chain; give a number of operations" },
    ];
  }
  const unknown = mix.filter((entry) => sizes.operationBytes(entry) === null);
  if (unknown.length > 0) {
    return unknown.map(({ name }) => ({
      path: ["workload", "mix", name],
      value: name,
      expected: "has a size that only the network knows, so it cannot fill transactions; give a number of operations",
    }));
  }
  const least = sizes.overheadBytes + largestOperation(mix, sizes);
  if (bytes >= least) return [];
  const expected = `expected at least ${least} bytes, which a transaction with one operation may have`;
  return [{ path: fillPath, value: String(bytes), expected }];
}

function largestOperation(mix: readonly MixEntry[], sizes: PackedSizes): number {
  return mix.reduce((most, entry) => Math.max(most, sizes.operationBytes(entry) ?? 0), 0);
}
