import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { outcomes, reasons } from "../../shared/chains/outcome.ts";
import type { PhaseCounters } from "../../shared/protocol/messages.ts";
import { createDueCursor } from "../../shared/scenario/load-profile.ts";
import type { Load, Phase, SendingLimits } from "../../shared/scenario/scenario.ts";
import { equalShares, type Share } from "../../shared/scenario/share.ts";
import { type Assignment, assignmentOf, phaseOfRow, sequenceOfRow } from "../assignment.ts";
import { createSharedRecord, Recorder, RecordReader } from "../measuring/recorder.ts";
import { FakeNode } from "../testing/fake-node.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { Sender } from "./sender.ts";

const second = 1e6;
const t0 = 5000 * second;
const limits: SendingLimits = { shedAfterMicros: 100_000, inFlightBound: 1000, answerTimeoutMicros: 5 * second };
const whole: Share = { cycle: 1, slots: [0] };

function paced(perSecond: number, durationMicros: number): Load {
  return {
    kind: "paced",
    arrivals: { kind: "even" },
    segments: [{ durationMicros, fromPerSecond: perSecond, toPerSecond: perSecond }],
  };
}

interface PhaseWanted {
  readonly load: Load;
  readonly durationMicros: number;
  readonly transactions?: number;
}

function phasesOf(wanted: readonly PhaseWanted[]): Phase[] {
  let startMicros = 0;
  let firstSequence = 0;
  return wanted.map(({ load, durationMicros, transactions }, index) => {
    const planned = transactions ?? (load.kind === "paced" ? createDueCursor(load.segments).transactions : 0);
    const phase: Phase = {
      index,
      name: `phase-${index}`,
      measured: true,
      startMicros,
      durationMicros,
      firstSequence,
      transactions: planned,
      load,
    };
    startMicros += durationMicros;
    firstSequence += planned;
    return phase;
  });
}

/** A sender with its surroundings, in virtual time. */
class Bench {
  readonly clock = new VirtualClock(t0 - second);
  readonly lease = { untilMicros: Number.POSITIVE_INFINITY, expired: false, expire: () => this.#expireLease() };
  readonly nodes: FakeNode[];
  readonly assignment: Assignment;
  readonly recorder: Recorder;
  readonly reader: RecordReader;
  readonly sender: Sender;

  constructor(
    phases: readonly Phase[],
    options: { nodes?: number; limits?: Partial<SendingLimits>; share?: Share; endSequence?: number } = {},
  ) {
    const nodes = options.nodes ?? 1;
    this.nodes = Array.from({ length: nodes }, () => new FakeNode());
    this.assignment = assignmentOf({
      phases: [...phases],
      firstSequence: 0,
      endSequence: options.endSequence ?? Number.MAX_SAFE_INTEGER,
      share: { ...(options.share ?? whole), slots: [...(options.share ?? whole).slots] },
    });
    const { rows } = this.assignment;
    const record = createSharedRecord(rows, phases.length);
    this.recorder = new Recorder(record);
    this.reader = new RecordReader(record);
    const columns = { node: new Uint8Array(rows), phase: new Uint8Array(rows) };
    for (let row = 0; row < rows; row++) {
      const phase = phaseOfRow(this.assignment.phases, row);
      columns.phase[row] = phase.index;
      columns.node[row] = row % nodes;
      if (phase.load.kind === "unlimited") continue;
      const offset = sequenceOfRow(this.assignment, row) - phase.firstSequence;
      this.recorder.columns.due[row] = phase.startMicros + createDueCursor(phase.load.segments).dueOffsetMicros(offset);
    }
    this.sender = new Sender(
      {
        assignment: this.assignment,
        limits: { ...limits, ...options.limits },
        answerGraceMicros: 2 * second,
        t0Micros: t0,
      },
      {
        clock: this.clock,
        recorder: this.recorder,
        broadcasters: this.nodes,
        store: { columns, bodyOf: () => new Uint8Array(1) },
        lease: this.lease,
      },
    );
  }

  #expireLease(): void {
    this.lease.expired = true;
  }

  get node(): FakeNode {
    return this.nodes[0] as FakeNode;
  }

  /** Wakes the sender whenever it asks for it, until `micros` after T0. */
  runUntil(micros: number): void {
    for (let wake = this.sender.tick(); wake <= t0 + micros; wake = this.sender.tick()) {
      this.clock.micros = Math.max(this.clock.micros, wake);
    }
    this.clock.micros = t0 + micros;
    this.sender.tick();
  }

  at(micros: number): void {
    this.clock.micros = t0 + micros;
  }

  answerAll(node = this.node): void {
    for (const row of node.received.splice(0)) this.sender.onAnswer(row, "none", this.clock.micros);
  }

  counters(phase = 0): PhaseCounters {
    return this.reader.counters()[phase] as PhaseCounters;
  }

  outcome(row: number): string {
    const { outcome, reason } = this.reader.columns;
    return `${outcomes[outcome[row] as number]}/${reasons[reason[row] as number]}`;
  }

  tally(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (let row = 0; row < this.assignment.rows; row++) {
      counts[this.outcome(row)] = (counts[this.outcome(row)] ?? 0) + 1;
    }
    return counts;
  }
}

test("every transaction of a paced phase is sent at its due instant, once", () => {
  const bench = new Bench(phasesOf([{ load: paced(50, second), durationMicros: second }]));
  bench.runUntil(-1);
  expect(bench.node.received).toEqual([]);
  bench.runUntil(second);
  expect(bench.node.received).toEqual(Array.from({ length: 50 }, (_, i) => i));
  const { due, sent } = bench.reader.columns;
  for (let row = 0; row < 50; row++) expect((sent[row] as number) - (due[row] as number)).toBeLessThan(1);
  expect(bench.counters()).toMatchObject({ due: 50, sent: 50, shed: 0, cancelled: 0 });
  expect(bench.sender.stage).toBe("draining");
  bench.answerAll();
  expect(bench.sender.stage).toBe("drained");
  expect(bench.tally()).toEqual({ "accepted/none": 50 });
});

test("the rows of all beacons together are the schedule, each due at its own instant", () => {
  const phases = phasesOf([{ load: paced(100, second), durationMicros: second }]);
  const sent = equalShares(3).flatMap((share) => {
    const bench = new Bench(phases, { share });
    bench.runUntil(second);
    return bench.node.received.map((row) => ({
      sequence: sequenceOfRow(bench.assignment, row),
      at: Math.round(bench.reader.columns.sent[row] as number),
    }));
  });
  sent.sort((a, b) => a.sequence - b.sequence);
  expect(sent).toEqual(Array.from({ length: 100 }, (_, i) => ({ sequence: i, at: i * 10_000 })));
});

test("a window ends with its last transaction, although others of its phase and later phases are still to come", () => {
  const phases = phasesOf([
    { load: paced(50, second), durationMicros: second },
    { load: { kind: "unlimited", inFlight: 10 }, durationMicros: second, transactions: 20 },
  ]);
  const bench = new Bench(phases, { endSequence: 25 });
  bench.runUntil(0.47 * second);
  expect(bench.sender.stage).toBe("sending");
  bench.runUntil(0.5 * second);
  expect(bench.node.received).toHaveLength(25);
  expect(bench.sender.stage).toBe("draining");
  bench.answerAll();
  expect(bench.sender.stage).toBe("drained");
  expect(bench.sender.wantsRoom).toBe(false);
  expect(bench.sender.tick()).toBe(Number.POSITIVE_INFINITY);
  expect(bench.tally()).toEqual({ "accepted/none": 25 });
});

test("the windows of a share have each of its transactions once, in the order of the share", () => {
  const phases = phasesOf([
    { load: paced(50, second), durationMicros: second },
    { load: paced(20, second), durationMicros: second },
  ]);
  const share = { cycle: 3, slots: [2, 0] };
  const sequencesOf = (firstSequence: number, endSequence: number): number[] => {
    const assignment = assignmentOf({ phases, share, firstSequence, endSequence });
    return Array.from({ length: assignment.rows }, (_, row) => sequenceOfRow(assignment, row));
  };
  expect([...sequencesOf(0, 17), ...sequencesOf(17, 52), ...sequencesOf(52, 70)]).toEqual(sequencesOf(0, 70));
});

test("a sender that overslept catches up within the tolerance and sheds the rest as late", () => {
  const bench = new Bench(phasesOf([{ load: paced(100, second), durationMicros: second }]));
  bench.at(505_000);
  bench.sender.tick();
  // Due at 0 … 500 ms; those of 410 … 500 ms are at most 100 ms late.
  expect(bench.tally()).toEqual({ "shed/late": 41, "pending/none": 59 });
  expect(bench.node.received).toHaveLength(10);
  expect(bench.counters()).toMatchObject({ due: 51, sent: 10, shed: 41 });
});

test("at the in-flight bound a due transaction waits for room until it would be shed", () => {
  const bench = new Bench(phasesOf([{ load: paced(100, second), durationMicros: second }]), {
    limits: { inFlightBound: 5 },
  });
  bench.runUntil(100_000);
  expect(bench.node.received).toHaveLength(5);
  bench.answerAll();
  bench.sender.tick();
  expect(bench.node.received).toEqual([5, 6, 7, 8, 9]);
  expect((bench.reader.columns.sent[5] as number) - (bench.reader.columns.due[5] as number)).toBeCloseTo(50_000);
  bench.runUntil(2 * second);
  expect(bench.tally()).toEqual({ "accepted/none": 5, "pending/none": 5, "shed/in-flight-bound": 90 });
  expect(bench.counters()).toMatchObject({ due: 100, sent: 10, shed: 90 });
});

test("a node without connection sheds its own transactions only", () => {
  const bench = new Bench(phasesOf([{ load: paced(100, second), durationMicros: second }]), { nodes: 2 });
  (bench.nodes[1] as FakeNode).openConnections = 0;
  bench.runUntil(second + 200_000);
  expect(bench.tally()).toEqual({ "pending/none": 50, "shed/node-unreachable": 50 });
  expect(bench.node.received).toHaveLength(50);
});

test("what waits for a connection is sent when it comes back in time", () => {
  const bench = new Bench(phasesOf([{ load: paced(100, second), durationMicros: second }]));
  bench.runUntil(200_000);
  bench.node.takes = false;
  bench.runUntil(250_000);
  const before = bench.node.received.length;
  bench.node.takes = true;
  bench.sender.tick();
  expect(bench.node.received.length - before).toBe(5);
  expect(bench.counters()).toMatchObject({ due: 26, sent: 26 });
  bench.runUntil(second);
  expect(bench.node.received).toHaveLength(100);
});

test("open connections that are all busy keep back what is due as the in-flight bound does", () => {
  const bench = new Bench(phasesOf([{ load: paced(100, second), durationMicros: second }]), { nodes: 2 });
  (bench.nodes[1] as FakeNode).busy = true;
  bench.runUntil(second + 200_000);
  expect(bench.tally()).toEqual({ "pending/none": 50, "shed/in-flight-bound": 50 });
  expect(bench.counters()).toMatchObject({ due: 100, sent: 50, shed: 50 });
});

test("an answer that makes a connection free lets what waits for it go out", () => {
  const bench = new Bench(phasesOf([{ load: paced(100, 0.05 * second), durationMicros: 0.05 * second }]));
  bench.runUntil(5_000);
  bench.node.busy = true;
  bench.runUntil(25_000);
  expect(bench.node.received).toEqual([0]);
  bench.node.busy = false;
  bench.answerAll();
  expect(bench.sender.wantsRoom).toBe(true);
  bench.sender.tick();
  expect(bench.node.received).toEqual([1, 2]);
  const { due, sent, held } = bench.recorder.columns;
  expect((sent[1] as number) - (due[1] as number)).toBeCloseTo(15_000, 0);
  // All of it is the connections' doing and nothing the beacon's.
  expect(held[1] as number).toBeCloseTo(15_000, 0);
});

test("a closed loop draws nothing for busy connections, so nothing of it waits or is shed", () => {
  const load: Load = { kind: "unlimited", inFlight: 20 };
  const bench = new Bench(phasesOf([{ load, durationMicros: second, transactions: 50 }]));
  bench.node.busy = true;
  bench.runUntil(500_000);
  expect(bench.counters()).toMatchObject({ due: 0, sent: 0 });
  bench.node.busy = false;
  bench.sender.tick();
  expect(bench.node.received).toHaveLength(20);
  bench.node.busy = true;
  bench.runUntil(second + 200_000);
  expect(bench.tally()).toEqual({ "pending/none": 20, "cancelled/phase-over": 30 });
});

test("the node is told of an answer that nobody waits for any more", () => {
  const bench = new Bench(phasesOf([{ load: paced(2, second), durationMicros: second }]), { nodes: 2 });
  bench.runUntil(second);
  for (const node of bench.nodes) bench.answerAll(node);
  expect(bench.nodes.map(({ givenUp }) => givenUp)).toEqual([[], []]);
  const slow = new Bench(phasesOf([{ load: paced(2, second), durationMicros: second }]), {
    nodes: 2,
    limits: { answerTimeoutMicros: 0.2 * second },
  });
  slow.runUntil(1.5 * second);
  expect(slow.tally()).toEqual({ "unanswered/answer-timeout": 2 });
  expect(slow.nodes.map(({ givenUp }) => givenUp)).toEqual([[0], [1]]);
});

test("what becomes due during a pause is shed at once and the schedule goes on where it would have been", () => {
  const bench = new Bench(phasesOf([{ load: paced(100, second), durationMicros: second }]));
  bench.runUntil(295_000);
  bench.sender.setPaused(true);
  bench.runUntil(595_000);
  expect(bench.node.received).toHaveLength(30);
  bench.sender.setPaused(false);
  bench.runUntil(second);
  expect(bench.tally()).toEqual({ "pending/none": 70, "shed/late": 30 });
  expect(bench.reader.columns.sent[60]).toBeCloseTo(600_000, 0);
});

test("stop cancels what is not sent and still waits for what is", () => {
  const bench = new Bench(phasesOf([{ load: paced(100, second), durationMicros: second }]));
  bench.runUntil(295_000);
  bench.sender.stop("aborted");
  expect(bench.sender.stage).toBe("draining");
  bench.answerAll();
  expect(bench.sender.stage).toBe("drained");
  expect(bench.tally()).toEqual({ "accepted/none": 30, "cancelled/aborted": 70 });
});

test("an answer that takes too long counts as none, and what comes later changes nothing", () => {
  const bench = new Bench(phasesOf([{ load: paced(10, 10 * second), durationMicros: 10 * second }]));
  bench.runUntil(5 * second + 50_000);
  expect(bench.tally()).toEqual({ "unanswered/answer-timeout": 1, "pending/none": 99 });
  bench.sender.onAnswer(0, "none", bench.clock.micros);
  expect(bench.outcome(0)).toBe("unanswered/answer-timeout");
  expect(bench.sender.lateAnswers).toBe(1);
  expect(bench.counters()).toMatchObject({ accepted: 0, unanswered: 1 });
});

test("answers are waited for no longer than the grace after the last phase", () => {
  const bench = new Bench(phasesOf([{ load: paced(10, second), durationMicros: second }]));
  bench.runUntil(3 * second);
  expect(bench.sender.stage).toBe("drained");
  expect(bench.tally()).toEqual({ "unanswered/answer-timeout": 10 });
});

test("a connection that breaks leaves its transactions unanswered", () => {
  const bench = new Bench(phasesOf([{ load: paced(10, second), durationMicros: second }]));
  bench.runUntil(450_000);
  for (const row of bench.node.received) bench.sender.onUnanswered(row, "connection-lost");
  expect(bench.tally()).toEqual({ "unanswered/connection-lost": 5, "pending/none": 5 });
  expect(bench.sender.inFlight).toBe(0);
});

test("an unlimited phase keeps its number in flight and cancels the rest when its time is over", () => {
  const phases = phasesOf([
    { load: { kind: "unlimited", inFlight: 8 }, durationMicros: second, transactions: 100 },
    { load: paced(10, second), durationMicros: second },
  ]);
  const bench = new Bench(phases);
  bench.runUntil(1);
  expect(bench.node.received).toHaveLength(8);
  for (let round = 1; round <= 5; round++) {
    bench.at(round * 100_000);
    bench.answerAll();
    bench.sender.tick();
    expect(bench.node.received).toHaveLength(8);
  }
  bench.runUntil(second);
  expect(bench.counters()).toMatchObject({ due: 48, sent: 48, accepted: 40, cancelled: 52 });
  const { due, sent } = bench.reader.columns;
  expect([...due.subarray(0, 48)]).toEqual([...sent.subarray(0, 48)]);
  expect(due[50]).toBeNaN();
  bench.runUntil(2 * second);
  expect(bench.counters(1)).toMatchObject({ due: 10, sent: 10 });
});

test("the parts of all beacons in an unlimited phase add up to the whole", () => {
  const phases = phasesOf([{ load: { kind: "unlimited", inFlight: 10 }, durationMicros: second, transactions: 100 }]);
  const parts = equalShares(4).map((share) => {
    const bench = new Bench(phases, { share });
    bench.runUntil(1);
    return bench.node.received.length;
  });
  expect(parts).toEqual([3, 3, 2, 2]);
});

test("finish makes every outcome final", () => {
  const bench = new Bench(phasesOf([{ load: paced(100, second), durationMicros: second }]));
  bench.runUntil(295_000);
  bench.sender.finish();
  expect(bench.sender.stage).toBe("drained");
  expect(bench.tally()).toEqual({ "unanswered/answer-timeout": 30, "cancelled/stopped": 70 });
  expect(bench.reader.finalUntil(0, 1000)).toBe(100);
});

test("whatever nodes and wakes do, every planned transaction ends in exactly one way", () => {
  const event = fc.record({
    afterMicros: fc.integer({ min: 0, max: 150_000 }),
    node: fc.integer({ min: 0, max: 1 }),
    kind: fc.constantFrom(
      "answer",
      "reject",
      "lose",
      "cut",
      "return",
      "refuse",
      "take",
      "occupy",
      "vacate",
      "pause",
      "resume",
      "tick",
    ),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 1, max: 30 }), (events, inFlightBound) => {
      const phases = phasesOf([
        { load: paced(100, second), durationMicros: second },
        { load: { kind: "unlimited", inFlight: 5 }, durationMicros: second, transactions: 60 },
        { load: paced(37, second), durationMicros: second },
      ]);
      const bench = new Bench(phases, { nodes: 2, limits: { inFlightBound } });
      let micros = 0;
      for (const { afterMicros, node, kind } of events) {
        micros += afterMicros;
        bench.runUntil(micros);
        act(bench, bench.nodes[node] as FakeNode, kind);
      }
      bench.sender.setPaused(false);
      bench.runUntil(20 * second);
      expect(bench.sender.stage).toBe("drained");
      expect(bench.sender.inFlight).toBe(0);
      for (const [phase, { transactions }] of phases.entries()) {
        const { sent, shed, cancelled, accepted, rejected, unanswered } = bench.counters(phase);
        expect(sent + shed + cancelled).toBe(transactions);
        expect(accepted + rejected + unanswered).toBe(sent);
      }
      const { due, sent } = bench.reader.columns;
      for (let row = 0; row < bench.assignment.rows; row++) {
        const lateness = (sent[row] as number) - (due[row] as number);
        expect(Number.isNaN(lateness) || lateness <= limits.shedAfterMicros).toBe(true);
      }
    }),
  );
});

function act(bench: Bench, node: FakeNode, kind: string): void {
  const received = node.received.splice(0);
  const now = bench.clock.micros;
  switch (kind) {
    case "answer":
      for (const row of received) bench.sender.onAnswer(row, "none", now);
      break;
    case "reject":
      for (const row of received) bench.sender.onAnswer(row, "duplicate", now);
      break;
    case "lose":
      for (const row of received) bench.sender.onUnanswered(row, "connection-lost");
      break;
    case "cut":
      node.openConnections = 0;
      break;
    case "return":
      node.openConnections = 1;
      break;
    case "refuse":
    case "take":
      node.takes = kind === "take";
      break;
    case "occupy":
    case "vacate":
      node.busy = kind === "occupy";
      break;
    case "pause":
    case "resume":
      bench.sender.setPaused(kind === "pause");
      break;
  }
}

test("what a bound keeps back is told apart from what the beacon itself was late", () => {
  const bench = new Bench(phasesOf([{ load: paced(100, 0.03 * second), durationMicros: 0.03 * second }]), {
    limits: { inFlightBound: 1 },
  });
  bench.runUntil(12_000);
  bench.at(50_000);
  bench.answerAll();
  bench.sender.tick();
  const { due, sent, held } = bench.recorder.columns;
  // The second was due at 10 ms and seen at once; the third, due at 20 ms, only when the beacon woke at 50 ms.
  expect(Math.abs((sent[1] as number) - 50_000)).toBeLessThan(2);
  expect(Math.abs((held[1] as number) - 40_000)).toBeLessThan(2);
  bench.at(70_000);
  bench.answerAll();
  bench.sender.tick();
  expect(Math.abs((held[2] as number) - 20_000)).toBeLessThan(2);
  expect(Math.abs((sent[2] as number) - (due[2] as number) - (held[2] as number) - 30_000)).toBeLessThan(2);
});

test("a sender whose lease runs out cancels what is left and sends nothing any more, though renewed", () => {
  const bench = new Bench(phasesOf([{ load: paced(10, 4 * second), durationMicros: 4 * second }]));
  bench.lease.untilMicros = t0 + 2 * second;
  bench.runUntil(2 * second);
  const sent = bench.node.received.length;
  expect(sent).toBe(20);
  expect(bench.lease.expired).toBe(true);
  bench.lease.untilMicros = Number.POSITIVE_INFINITY;
  bench.runUntil(4 * second);
  expect(bench.node.received).toHaveLength(sent);
  const { outcome, reason } = bench.reader.columns;
  expect([...outcome.subarray(sent)].every((code) => outcomes[code] === "cancelled")).toBe(true);
  expect([...reason.subarray(sent)].every((code) => reasons[code] === "lease-expired")).toBe(true);
});

test("a sender that was frozen past its lease sends nothing when it wakes", () => {
  const bench = new Bench(phasesOf([{ load: paced(10, 4 * second), durationMicros: 4 * second }]));
  bench.lease.untilMicros = t0 + 2 * second;
  bench.runUntil(1 * second);
  const sent = bench.node.received.length;
  bench.clock.micros = t0 + 3 * second;
  bench.sender.tick();
  expect(bench.node.received).toHaveLength(sent);
});

test("a lease that ends when nothing is left to send has not run out", () => {
  const bench = new Bench(phasesOf([{ load: paced(10, second), durationMicros: second }]));
  bench.lease.untilMicros = t0 + 1.5 * second;
  bench.runUntil(2 * second);
  expect(bench.lease.expired).toBe(false);
  expect(bench.sender.stage).toBe("draining");
});
