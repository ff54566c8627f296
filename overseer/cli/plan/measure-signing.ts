import type { ChainDriver, PrepareContext, PreparedTransaction } from "../../../shared/chains/driver.ts";
import type { Clock } from "../../../shared/time/clock.ts";
import { consumersOf, PoolCursor } from "../../../shared/workload/pools.ts";
import { WorkloadShape } from "../../../shared/workload/shape.ts";

export interface SigningMeasure {
  /** Of one thread, after it has warmed up. */
  readonly perSecond: number;
  readonly sampled: number;
  /** Means over the sample. */
  readonly bodyBytes: number;
  readonly packedBytes: number;
  readonly largestPackedBytes: number;
}

const warmUpMicros = 0.15e6;
const measureMicros = 0.5e6;
/** Between two looks at the clock: a few milliseconds at most. */
const batch = 16;

/**
 * Signs the run's first transactions for half a second, again from the start where there are few, and throws them away.
 * The first moments do not count: code that was not compiled yet is several times slower.
 */
export function measureSigning(
  driver: ChainDriver,
  context: PrepareContext,
  transactions: number,
  lifetimeSeconds: number,
  clock: Clock,
): SigningMeasure {
  const preparer = driver.createPreparer(context);
  const shape = new WorkloadShape(context.workload, context.seed);
  const consumes = consumersOf(context.resolved.pools);
  const cursor = new PoolCursor(shape, consumes);
  const nothingUsed = new Uint32Array(consumes.length);
  const prepared: PreparedTransaction = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
  const request = {
    sequence: 0,
    expirationSeconds: Math.floor(context.reference.chainTimeMs / 1000) + lifetimeSeconds,
    entries: shape.entries,
    operations: 0,
    poolOrdinals: cursor.ordinals,
  };
  let target = new Uint8Array(Math.max(65_536, preparer.typicalBodyBytes * 4));

  const signNext = (): void => {
    if (cursor.next >= transactions) cursor.seek(0, nothingUsed);
    request.sequence = cursor.next;
    cursor.draw(cursor.next);
    request.operations = shape.operations;
    while (!preparer.prepare(request, target, 0, prepared)) target = new Uint8Array(target.length * 2);
  };

  const started = clock.nowMicros();
  while (clock.nowMicros() - started < warmUpMicros) signNext();
  cursor.seek(0, nothingUsed);
  let sampled = 0;
  let bodyBytes = 0;
  let packedBytes = 0;
  let largestPackedBytes = 0;
  const measureStart = clock.nowMicros();
  let elapsed = 0;
  while (elapsed < measureMicros) {
    for (let i = 0; i < batch; i++) {
      signNext();
      bodyBytes += prepared.bodyBytes;
      packedBytes += prepared.packedBytes;
      largestPackedBytes = Math.max(largestPackedBytes, prepared.packedBytes);
    }
    preparer.complete();
    sampled += batch;
    elapsed = clock.nowMicros() - measureStart;
  }
  return {
    perSecond: (sampled / elapsed) * 1e6,
    sampled: Math.min(sampled, transactions),
    bodyBytes: bodyBytes / sampled,
    packedBytes: packedBytes / sampled,
    largestPackedBytes,
  };
}
