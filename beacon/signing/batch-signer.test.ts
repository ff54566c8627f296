import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { PrepareContext, TransactionPreparer } from "../../shared/chains/driver.ts";
import { mixedClass } from "../../shared/ledger/columns.ts";
import type { Phase } from "../../shared/scenario/scenario.ts";
import { equalShares, type Share } from "../../shared/scenario/share.ts";
import { consumersOf, createPoolCheckpoints } from "../../shared/workload/pools.ts";
import { WorkloadShape } from "../../shared/workload/shape.ts";
import { assignmentOf, sequenceOfRow } from "../assignment.ts";
import { createSharedRecord, recordColumns } from "../measuring/recorder.ts";
import { BatchSigner, type SignJob } from "./batch-signer.ts";
import { createSharedStore, type Segment, segmentBytes, TxStore } from "./tx-store.ts";

const second = 1e6;
const perSecond = 50;
const transactions = 300;

const phases: readonly Phase[] = [
  {
    index: 0,
    name: "paced",
    measured: true,
    startMicros: 0,
    durationMicros: 4 * second,
    firstSequence: 0,
    transactions: 200,
    load: {
      kind: "paced",
      arrivals: { kind: "even" },
      segments: [{ durationMicros: 4 * second, fromPerSecond: perSecond, toPerSecond: perSecond }],
    },
  },
  {
    index: 1,
    name: "unlimited",
    measured: true,
    startMicros: 4 * second,
    durationMicros: 2.5 * second,
    firstSequence: 200,
    transactions: 100,
    load: { kind: "unlimited", inFlight: 10 },
  },
];

/** Two mix entries, one of which consumes a pool; up to four operations; two nodes. */
function contextOf(pools: readonly (number | null)[]): PrepareContext {
  const entry = { weight: 1, operation: "transfer", parameters: {}, template: null };
  return {
    chain: "fake",
    seed: 77,
    network: { nodes: [{ name: "node-1" }, { name: "node-2" }] },
    workload: {
      operationsPerTransaction: { kind: "uniform", minimum: 1, maximum: 4 },
      mix: [
        { ...entry, name: "a" },
        { ...entry, name: "b" },
      ],
      route: { kind: "equal" },
      popularity: { kind: "uniform" },
    },
    resolved: { accounts: [], pools, data: null },
    reference: {},
  } as unknown as PrepareContext;
}

/** Writes what it was asked for as text, so that bodies can be compared and read. */
function describingPreparer(bodyBytes = 0): TransactionPreparer {
  return {
    typicalBodyBytes: 200,
    prepare(request, target, offset, prepared) {
      const { sequence, expirationSeconds, operations } = request;
      const entries = [...request.entries.subarray(0, operations)];
      const ordinals = entries.map((entry, i) => (entry === 1 ? request.poolOrdinals[i] : "-"));
      const body = Buffer.from(`${sequence} until ${expirationSeconds} ${entries} ${ordinals}`.padEnd(bodyBytes));
      if (offset + body.length > target.length) return false;
      target.set(body, offset);
      prepared.bodyBytes = body.length;
      prepared.packedBytes = 100 + operations;
      prepared.matchKeyHigh = sequence;
      prepared.matchKeyLow = 0xfffffff0 + operations;
      return true;
    },
    complete: () => undefined,
  };
}

interface Described {
  readonly body: string;
  readonly columns: readonly (number | bigint)[];
}

/** Signs a share in batches of `batchRows`, dealt over `threads` signers that share one store, the last batch first. */
function signInBatches(share: Share, batchRows: number, threads: number, every: number): Map<number, Described> {
  const assignment = assignmentOf({
    phases: [...phases],
    firstSequence: 0,
    endSequence: Number.MAX_SAFE_INTEGER,
    share: { cycle: share.cycle, slots: [...share.slots] },
  });
  const context = contextOf([null, 1000]);
  const store = createSharedStore(assignment.rows);
  const record = createSharedRecord(assignment.rows, phases.length);
  const job: SignJob = { context, assignment, store, record, baseExpirationSeconds: 1000 };
  const signers = Array.from({ length: threads }, () => new BatchSigner(job, describingPreparer()));
  const checkpoints = createPoolCheckpoints(
    new WorkloadShape(context.workload, context.seed),
    consumersOf(context.resolved.pools),
    0,
    transactions,
    every,
  );
  const segments: Segment[] = [];
  const firsts = Array.from({ length: Math.ceil(assignment.rows / batchRows) }, (_, i) => i * batchRows).reverse();
  for (const [i, first] of firsts.entries()) {
    const signer = signers[i % threads] as BatchSigner;
    segments.push(...signer.sign(first, Math.min(assignment.rows, first + batchRows), checkpoints));
  }
  const complete = new TxStore({ ...store, segments });
  expect(complete.prepared).toBe(assignment.rows);
  const { due } = recordColumns(record);
  const { node, phase, operations, operationClass, bytes, matchKey } = complete.columns;
  const described = new Map<number, Described>();
  for (let row = 0; row < assignment.rows; row++) {
    described.set(sequenceOfRow(assignment, row), {
      body: Buffer.from(complete.bodyOf(row)).toString(),
      columns: [node, phase, operations, operationClass, bytes, due, matchKey].map(
        (column) => column[row] as number | bigint,
      ),
    });
  }
  return described;
}

test("how transactions are split over beacons, threads and batches changes none of them", () => {
  const reference = signInBatches({ cycle: 1, slots: [0] }, transactions, 1, 4096);
  expect(reference.size).toBe(transactions);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 90 }),
      fc.integer({ min: 1, max: 100 }),
      (beacons, threads, batchRows, every) => {
        const all = new Map(
          equalShares(beacons).flatMap((share) => [...signInBatches(share, batchRows, threads, every)]),
        );
        expect(all.size).toBe(transactions);
        for (const [sequence, described] of reference) expect(all.get(sequence)).toEqual(described);
      },
    ),
    { numRuns: 25 },
  );
});

test("every use of a pool has an ordinal of its own", () => {
  const ordinals = [...signInBatches({ cycle: 1, slots: [0] }, 37, 2, 64).values()]
    .flatMap(({ body }) => (body.split(" ").at(-1) as string).split(","))
    .filter((ordinal) => ordinal !== "-")
    .map(Number)
    .sort((a, b) => a - b);
  expect(ordinals).toEqual(Array.from({ length: ordinals.length }, (_, i) => i));
});

test("a transaction expires as much later as it is due later, or could last be sent", () => {
  const all = signInBatches({ cycle: 1, slots: [0] }, 64, 1, 64);
  const expirationOf = (sequence: number): number =>
    Number(/until (\d+)/.exec((all.get(sequence) as Described).body)?.[1]);
  // Due at 0, 1 s, 1.02 s, and in the unlimited phase that ends after 6.5 s.
  expect([0, 50, 51, 200, 299].map(expirationOf)).toEqual([1000, 1001, 1002, 1007, 1007]);
});

test("the ledger's rows have the sequence, class and key of their transaction", () => {
  const assignment = assignmentOf({
    phases: [...phases],
    firstSequence: 0,
    endSequence: Number.MAX_SAFE_INTEGER,
    share: { cycle: 3, slots: [2] },
  });
  const context = contextOf([null, null]);
  const store = createSharedStore(assignment.rows);
  const job: SignJob = {
    context,
    assignment,
    store,
    record: createSharedRecord(assignment.rows, 2),
    baseExpirationSeconds: 0,
  };
  const signer = new BatchSigner(job, describingPreparer());
  const segments = signer.sign(0, assignment.rows, {
    firstSequence: 0,
    every: 1,
    mixEntries: 2,
    counts: new Uint32Array(),
  });
  const rows = new TxStore({ ...store, segments }).preparedColumns(assignment, 10, 90);
  expect([...rows.sequence]).toEqual(Array.from({ length: 80 }, (_, i) => (10 + i) * 3 + 2));
  const shape = new WorkloadShape(context.workload, context.seed);
  for (const [i, sequence] of rows.sequence.entries()) {
    shape.draw(sequence);
    const entries = new Set(shape.entries.subarray(0, shape.operations));
    expect(rows.operationClass[i]).toBe(entries.size === 1 ? shape.entries[0] : mixedClass);
    expect(rows.matchKey[i]).toBe((BigInt(sequence) << 32n) + 0xfffffff0n + BigInt(shape.operations));
    expect(rows.bytes[i]).toBe(100 + shape.operations);
    expect(rows.phase[i]).toBe(sequence < 200 ? 0 : 1);
  }
});

test("bodies that do not fit the segment any more go to a new one, and one that fits none is refused", () => {
  const assignment = assignmentOf({
    phases: [...phases],
    firstSequence: 0,
    endSequence: Number.MAX_SAFE_INTEGER,
    share: { cycle: 1, slots: [0] },
  });
  const noPools = { firstSequence: 0, every: 1, mixEntries: 2, counts: new Uint32Array() };
  const jobOf = (): SignJob => ({
    context: contextOf([null, null]),
    assignment,
    store: createSharedStore(assignment.rows),
    record: createSharedRecord(assignment.rows, 2),
    baseExpirationSeconds: 0,
  });
  const job = jobOf();
  const segments = new BatchSigner(job, describingPreparer(segmentBytes * 0.4)).sign(0, 5, noPools);
  expect(segments.map(({ number }) => number)).toEqual([0, 1, 2]);
  const store = new TxStore({ ...job.store, segments });
  expect([0, 1, 2, 3, 4].map((row) => Number.parseInt(Buffer.from(store.bodyOf(row)).toString(), 10))).toEqual([
    0, 1, 2, 3, 4,
  ]);
  const tooLarge = new BatchSigner(jobOf(), describingPreparer(segmentBytes + 1));
  expect(() => tooLarge.sign(0, 1, noPools)).toThrow(expect.objectContaining({ code: "PLAN_IMPOSSIBLE" }));
});
