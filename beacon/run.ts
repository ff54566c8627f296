import { join } from "node:path";
import type { Reason } from "../shared/chains/outcome.ts";
import { AppError, messageOf } from "../shared/errors/app-error.ts";
import { encodeChunk, maximumRowsPerChunk } from "../shared/ledger/chunk.ts";
import { createColumns, outcomesLayout, type TableName } from "../shared/ledger/columns.ts";
import { spoolNameOf } from "../shared/ledger/spool-name.ts";
import type {
  Configure,
  FinishedReport,
  PhaseCounters,
  Prepare,
  PreparedReport,
  ReasonSample,
  Reply,
  Status,
  Trouble,
} from "../shared/protocol/messages.ts";
import type { Clock } from "../shared/time/clock.ts";
import { Teardown } from "../shared/time/teardown.ts";
import { waitUntil, withDeadline } from "../shared/time/wait.ts";
import { type Assignment, assignmentOf, sequenceOfRow } from "./assignment.ts";
import { createSharedRecord, Recorder, RecordReader, type SharedRecord } from "./measuring/recorder.ts";
import { Reporter } from "./measuring/reporter.ts";
import { noFigures, type RunFigures } from "./measuring/run-figures.ts";
import type { SenderGauges } from "./measuring/sampler.ts";
import { SettledRows } from "./measuring/settled-rows.ts";
import { Spool, type SpoolFiles } from "./measuring/spool.ts";
import { createSharedLease, Lease, type SharedLease } from "./sending/lease.ts";
import type { SenderNews } from "./sending/sender-messages.ts";
import type { SenderThread, SenderThreadHandlers } from "./sending/sender-thread.ts";
import type { SignOptions } from "./signing/sign-pool.ts";
import { createSharedStore, type SharedStore, TxStore } from "./signing/tx-store.ts";

export interface RunOptions {
  readonly configure: Configure;
  /** Of this beacon alone. */
  readonly spoolDirectory: string;
}

/** What happens in a run without being asked for. */
export interface RunHandlers {
  onStage(stage: "draining" | "drained"): void;
  onTrouble(trouble: Omit<Trouble, "atMicros">): void;
  onReasonSample(sample: ReasonSample): void;
  /** The run cannot go on; what it has recorded can still be collected. */
  onLost(error: AppError): void;
}

export interface RunDependencies {
  readonly clock: Clock;
  readonly files: SpoolFiles;
  readonly openSender: (
    configure: Configure,
    handlers: SenderThreadHandlers,
  ) => Pick<SenderThread, "opened" | "send" | "close">;
  readonly sign: (options: SignOptions) => Promise<SharedStore>;
  readonly sendChunk: (bytes: Uint8Array, signal: AbortSignal) => Promise<Reply>;
  readonly isConnected: () => boolean;
}

/** Everything that exists once there are prepared transactions. */
interface Prepared {
  readonly shared: SharedStore;
  readonly store: TxStore;
  readonly record: SharedRecord;
  readonly reader: RecordReader;
  readonly reporter: Reporter;
  readonly settled: SettledRows;
  readonly spool: Spool;
}

export interface RunProgress {
  readonly prepared: number;
  readonly planned: number;
  readonly counters: PhaseCounters[];
  readonly spooledRows: number;
  readonly acknowledgedRows: number;
  readonly lateAnswers: number;
}

/**
 * The table of prepared transactions is uploaded before the beacon says that it is ready, so that this does not compete
 * with the first seconds of sending; if the overseer is slow, later.
 */
const preparedUploadTimeoutMs = 20_000;
/** Threads look for a cancellation between two transactions; only counting through a pool takes up to a second. */
const signingStopTimeoutMs = 5000;
/** To settle what is in flight takes the sending thread a moment; longer means that it hangs. */
const finishTimeoutMs = 5000;

/** One assignment of this beacon, with all it holds: threads, connections, memory, spool. */
export class Run {
  readonly runId: string;
  readonly epoch: number;
  readonly assignment: Assignment;
  readonly spoolDirectory: string;
  readonly #configure: Configure;
  readonly #handlers: RunHandlers;
  readonly #dependencies: RunDependencies;
  readonly #abort = new AbortController();
  readonly #teardown = new Teardown();
  readonly #sender: ReturnType<RunDependencies["openSender"]>;
  readonly #sharedLease: SharedLease;
  readonly #lease: Lease;
  readonly #connections: { node: string; open: number; lost: number }[];
  #preparing: TxStore | null = null;
  #prepared: Prepared | null = null;
  #started = false;
  #drained = false;
  #senderLost = false;
  #spooledUntil = 0;
  #sentShown = 0;
  #collected: Promise<FinishedReport> | null = null;

  constructor(options: RunOptions, handlers: RunHandlers, dependencies: RunDependencies) {
    const { configure } = options;
    this.runId = configure.runId;
    this.epoch = configure.epoch;
    this.assignment = assignmentOf(configure);
    this.spoolDirectory = join(options.spoolDirectory, spoolNameOf(configure.runId, configure.epoch));
    this.#configure = configure;
    this.#handlers = handlers;
    this.#dependencies = dependencies;
    this.#sharedLease = createSharedLease(dependencies.clock.nowMicros());
    this.#lease = new Lease(this.#sharedLease);
    this.#connections = configure.network.nodes.map(({ name }) => ({ node: name, open: 0, lost: 0 }));
    this.#sender = dependencies.openSender(configure, {
      onNews: (news) => this.#onNews(news),
      onLost: (error) => this.#onSenderLost(error),
    });
    this.#teardown.defer("sending thread", () => this.#sender.close());
  }

  /** Resolves when every node has been reached; in a run that is under way, when that has been tried for a while. */
  async open(): Promise<void> {
    await this.#sender.opened(this.#abort.signal);
  }

  async prepare(message: Prepare): Promise<PreparedReport> {
    const { signal } = this.#abort;
    const { configure, rows } = { configure: this.#configure, rows: this.assignment.rows };
    const residentBytesBefore = process.memoryUsage.rss();
    const startedMicros = this.#dependencies.clock.nowMicros();
    const record = createSharedRecord(rows, this.assignment.phases.length);
    const empty = createSharedStore(rows);
    this.#preparing = new TxStore(empty);
    const signing = this.#dependencies.sign({
      job: {
        context: {
          chain: configure.chain,
          seed: configure.seed,
          network: configure.network,
          workload: configure.workload,
          resolved: configure.resolved,
          reference: message.reference,
          transactions: configure.phases.reduce((sum, phase) => sum + phase.transactions, 0),
        },
        assignment: this.assignment,
        store: empty,
        record,
        baseExpirationSeconds: message.baseExpirationSeconds,
      },
      threads: configure.signingThreads,
      priority: configure.signingPriority,
      signal,
    });
    this.#teardown.defer("signing threads", () => this.#awaitSigning(signing));
    const shared = await signing;
    const seconds = (this.#dependencies.clock.nowMicros() - startedMicros) / 1e6;
    const store = new TxStore(shared);
    const reader = new RecordReader(record);
    const spool = this.#createSpool(store, reader);
    const nodes = configure.network.nodes.length;
    const settled = new SettledRows({ reader, nodeOfRow: store.columns.node, nodes });
    this.#prepared = { shared, store, record, reader, reporter: new Reporter({ reader }), settled, spool };
    await this.#uploadPrepared(spool);
    return {
      epoch: this.epoch,
      transactions: rows,
      storeBytes: store.bytes + record.columns.byteLength,
      seconds,
      threads: configure.signingThreads,
      residentBytesBefore,
      residentBytesAfter: process.memoryUsage.rss(),
    };
  }

  /** `t0Micros` on this host's clock. */
  start(t0Micros: number): void {
    const { shared, record } = this.#afterPreparing();
    this.#started = true;
    this.#sender.send({
      kind: "start",
      assignment: this.assignment,
      limits: this.#configure.sending,
      answerGraceMicros: this.#configure.answerGraceMicros,
      t0Micros,
      store: shared,
      record,
      lease: this.#sharedLease,
    });
  }

  /** On this host's clock. */
  renewLease(untilMicros: number): void {
    this.#lease.renewUntil(untilMicros);
  }

  get leaseExpired(): boolean {
    return this.#lease.isExpired;
  }

  pace(paused: boolean): void {
    this.#sender.send({ kind: "pace", paused });
  }

  stop(reason: Extract<Reason, "stopped" | "aborted">): void {
    this.#sender.send({ kind: "stop", reason });
  }

  /** Writes to the spool what has become final since the last call. */
  spoolOutcomes(): void {
    if (this.#prepared === null || !this.#started) return;
    const { reader, spool } = this.#prepared;
    for (;;) {
      const end = reader.finalUntil(this.#spooledUntil, maximumRowsPerChunk);
      if (end === this.#spooledUntil) return;
      spool.add("outcomes", this.#spooledUntil, end);
      this.#spooledUntil = end;
    }
  }

  /** Makes every outcome final and resolves when all rows are acknowledged. Asked again, it is the same collection. */
  async collect(): Promise<FinishedReport> {
    this.#collected ??= this.#collect().catch((error: unknown) => {
      this.#collected = null;
      throw error;
    });
    return this.#collected;
  }

  /** Makes every outcome final and resolves when all rows are on disk. */
  async finish(): Promise<void> {
    if (!this.#started) return;
    if (!this.#senderLost && !this.#drained) {
      this.#sender.send({ kind: "finish" });
      await waitUntil(() => this.#drained || this.#senderLost, {
        timeoutMs: finishTimeoutMs,
        signal: this.#abort.signal,
        onTimeout: () => new AppError("INTERNAL", "the sending thread did not settle what is in flight"),
      });
    }
    this.spoolOutcomes();
    await this.#prepared?.spool.written();
  }

  progress(): RunProgress {
    return {
      prepared: this.#preparing?.prepared ?? 0,
      planned: this.assignment.rows,
      counters: this.#prepared?.reporter.counters() ?? [],
      spooledRows: this.#prepared?.spool.spooledRows ?? 0,
      acknowledgedRows: this.#prepared?.spool.acknowledgedRows ?? 0,
      lateAnswers: this.#prepared?.reader.gauge("lateAnswers") ?? 0,
    };
  }

  takeIntervalHistograms(): Status["intervalHistograms"] {
    const nothing = { lateness: null, answerIntended: null, answerService: null };
    return this.#prepared?.reporter.takeIntervalHistograms() ?? nothing;
  }

  takeGauges(): SenderGauges {
    const reader = this.#prepared?.reader;
    return {
      sendLoopDelayMicros: reader?.takeLongestLoopDelayMicros() ?? 0,
      inFlight: reader?.gauge("inFlight") ?? 0,
      bufferedBytes: reader?.gauge("bufferedBytes") ?? 0,
      connections: this.#connections.map((connection) => ({ ...connection })),
    };
  }

  /** Takes nothing away and resets nothing, so that it can be asked as often as somebody wants to know. */
  figures(): RunFigures {
    const { planned, prepared, counters, spooledRows, acknowledgedRows, lateAnswers } = this.progress();
    const { reader, reporter, settled } = this.#prepared ?? {};
    // One that a connection did not take after all is counted for some microseconds; a total that shrinks by it would be
    // taken for a program that was started again.
    this.#sentShown = Math.max(
      this.#sentShown,
      counters.reduce((sum, { sent }) => sum + sent, 0),
    );
    return {
      ...{ planned, prepared, spooledRows, acknowledgedRows, lateAnswers },
      due: counters.reduce((sum, { due }) => sum + due, 0),
      sent: this.#sentShown,
      outcomes: (settled?.tally().entries ?? []).map((entry) => ({ ...entry, node: this.#nodeName(entry.node) })),
      inFlight: reader?.gauge("inFlight") ?? 0,
      bufferedBytes: reader?.gauge("bufferedBytes") ?? 0,
      ...(reporter?.wholeBuckets() ?? {
        lateness: noFigures.lateness,
        answerIntended: noFigures.answerIntended,
        answerService: noFigures.answerService,
      }),
      connections: this.#connections.map((connection) => ({ ...connection })),
    };
  }

  get unacknowledgedChunks(): number {
    return this.#prepared?.spool.unacknowledgedChunks ?? 0;
  }

  /** Ends threads and connections and forgets all memory. The spool stays on disk unless it is `discarded`. */
  async close(spool: "kept" | "discarded"): Promise<string[]> {
    this.#abort.abort(new AppError("STOPPED", "the run was released"));
    const failures = await this.#teardown.run();
    try {
      await this.#prepared?.spool.written();
      if (spool === "discarded") await this.#prepared?.spool.remove();
    } catch (error) {
      failures.push(`spool: ${messageOf(error)}`);
    }
    this.#prepared = null;
    this.#preparing = null;
    return failures;
  }

  async #collect(): Promise<FinishedReport> {
    await this.finish();
    const spool = this.#prepared?.spool;
    await spool?.acknowledged();
    return {
      epoch: this.epoch,
      preparedChunks: spool?.chunks("prepared") ?? 0,
      outcomeChunks: spool?.chunks("outcomes") ?? 0,
      rows: this.#spooledUntil,
    };
  }

  /** The process must not end while its threads sign; see `signShare`. What went wrong there has been told already. */
  async #awaitSigning(signing: Promise<unknown>): Promise<void> {
    const settled = signing.then(
      () => undefined,
      () => undefined,
    );
    await withDeadline(settled, {
      timeoutMs: signingStopTimeoutMs,
      onTimeout: () => new AppError("INTERNAL", "the signing threads did not stop in time"),
    });
  }

  async #uploadPrepared(spool: Spool): Promise<void> {
    spool.add("prepared", 0, this.assignment.rows);
    const late = new AppError("NETWORK_UNREACHABLE", "the overseer is slow to take the prepared table");
    try {
      await withDeadline(spool.acknowledged(), { timeoutMs: preparedUploadTimeoutMs, onTimeout: () => late });
    } catch (error) {
      if (error !== late) throw error;
      this.#handlers.onTrouble({ epoch: this.epoch, node: null, text: late.message });
    }
  }

  #createSpool(store: TxStore, reader: RecordReader): Spool {
    const { signal } = this.#abort;
    return new Spool(
      { directory: this.spoolDirectory, signal },
      {
        files: this.#dependencies.files,
        encode: (table, number, first, end) => this.#encode(store, reader, table, number, first, end),
        upload: async (bytes) => {
          await waitUntil(this.#dependencies.isConnected, {
            timeoutMs: Number.POSITIVE_INFINITY,
            signal,
            onTimeout: () => new AppError("NETWORK_UNREACHABLE", "the overseer is away"),
          });
          return this.#dependencies.sendChunk(bytes, signal);
        },
        onTrouble: (text) => this.#handlers.onTrouble({ epoch: this.epoch, node: null, text }),
      },
    );
  }

  #encode(
    store: TxStore,
    reader: RecordReader,
    table: TableName,
    number: number,
    first: number,
    end: number,
  ): Uint8Array {
    const rows = end - first;
    if (table === "prepared") {
      return encodeChunk("prepared", this.epoch, number, store.preparedColumns(this.assignment, first, end), 0, rows);
    }
    const columns = createColumns(outcomesLayout, rows);
    for (let row = first; row < end; row++) columns.sequence[row - first] = sequenceOfRow(this.assignment, row);
    for (const name of ["due", "sent", "answered"] as const) {
      columns[name].set(reader.columns[name].subarray(first, end));
    }
    columns.held.set(reader.columns.held.subarray(first, end));
    for (const name of ["outcome", "reason"] as const) columns[name].set(reader.columns[name].subarray(first, end));
    return encodeChunk("outcomes", this.epoch, number, columns, 0, rows);
  }

  #onNews(news: Extract<SenderNews, { kind: "connections" | "reason" | "stage" }>): void {
    switch (news.kind) {
      case "stage":
        this.#drained ||= news.stage === "drained";
        this.#handlers.onStage(news.stage);
        break;
      case "reason":
        this.#handlers.onReasonSample({
          epoch: this.epoch,
          reason: news.reason,
          node: this.#nodeName(news.node),
          message: news.message,
        });
        break;
      case "connections":
        this.#onConnections(news.node, news.open, news.error);
        break;
    }
  }

  #onConnections(node: number, open: number, error: string | null): void {
    const connection = this.#connections[node];
    if (connection === undefined) return;
    connection.lost += Math.max(0, connection.open - open);
    connection.open = open;
    if (error === null) return;
    this.#handlers.onTrouble({ epoch: this.epoch, node: connection.node, text: error.slice(0, 1000) });
  }

  /** Nobody writes the record any more, so the rows that are left get their outcome here. */
  #onSenderLost(error: AppError): void {
    this.#senderLost = true;
    if (this.#started && this.#prepared !== null) {
      const { record, store } = this.#prepared;
      settleAbandoned(new Recorder(record), store);
    }
    this.#handlers.onLost(error);
  }

  #nodeName(node: number): string {
    return this.#connections[node]?.node ?? String(node);
  }

  #afterPreparing(): Prepared {
    if (this.#prepared === null) throw new AppError("INTERNAL", "nothing is prepared");
    return this.#prepared;
  }
}

/** What was sent may have arrived, so it counts as unanswered; the rest will not be sent any more. */
export function settleAbandoned(
  recorder: Recorder,
  store: { readonly rows: number; readonly columns: { readonly phase: Uint8Array } },
): void {
  for (let row = 0; row < store.rows; row++) {
    if (!recorder.isPending(row)) continue;
    const phase = store.columns.phase[row] as number;
    if (recorder.wasSent(row)) recorder.unanswered(row, phase, "connection-lost", recorder.columns.sent[row] as number);
    else recorder.cancelled(row, phase, "beacon-lost");
  }
}
