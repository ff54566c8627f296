import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noFaults } from "../beacon/faults.ts";
import { diskFiles } from "../beacon/measuring/spool.ts";
import { Run } from "../beacon/run.ts";
import { SenderThread } from "../beacon/sending/sender-thread.ts";
import { signShare } from "../beacon/signing/sign-pool.ts";
import { createSampleContext as createAntelopeContext } from "../shared/chains/antelope/sample-context.ts";
import { createSampleContext as createBitsharesContext } from "../shared/chains/bitshares/sample-context.ts";
import type { PrepareContext } from "../shared/chains/driver.ts";
import { type ChunkOf, decodeChunk } from "../shared/ledger/chunk.ts";
import type { OutcomeColumns } from "../shared/ledger/columns.ts";
import type { PreparedReport } from "../shared/protocol/messages.ts";
import type { Load, Phase } from "../shared/scenario/scenario.ts";
import { systemClock } from "../shared/time/clock.ts";
import { waitUntil } from "../shared/time/wait.ts";

/** Nobody renews the lease here, so it lasts for the whole run. */
const leaseReserveMicros = 10e6;

export interface Sink {
  readonly endpoint: string;
  close(): void;
}

export async function startSink(): Promise<Sink> {
  const { port, close } = await startProcess("./sink.js");
  return { endpoint: `ws://127.0.0.1:${port}`, close };
}

export async function startHttpSink(): Promise<Sink> {
  const { port, close } = await startProcess("./http-sink.js");
  return { endpoint: `http://127.0.0.1:${port}`, close };
}

async function startProcess(file: string): Promise<{ readonly port: number; close(): void }> {
  const child: ChildProcess = fork(new URL(file, import.meta.url));
  const [port] = (await once(child, "message")) as [number];
  return { port, close: () => child.kill() };
}

/** Chains whose transactions a local run can prepare without a network. */
const contexts: Readonly<Record<string, (options: { readonly accounts: number }) => PrepareContext>> = {
  bitshares: createBitsharesContext,
  antelope: createAntelopeContext,
};

export interface LocalRunOptions {
  readonly endpoint: string;
  /** Default: bitshares. */
  readonly chain?: string;
  /** Default: 1. */
  readonly connections?: number;
  readonly load: Load;
  readonly durationMicros: number;
  readonly transactions: number;
  readonly signingThreads: number;
  /** When all is signed and nothing is sent yet, and when everything has its outcome. */
  readonly onSending?: () => void;
  readonly onDrained?: () => void;
}

export interface LocalRunResult {
  readonly prepared: PreparedReport;
  readonly outcomes: readonly OutcomeColumns[];
  /** Of the whole process while it was sending. */
  readonly cpuCores: number;
}

/** Everything of a beacon but the control connection: signing threads, sending thread, spool. */
export class LocalRun {
  readonly #run: Run;
  readonly #directory: string;
  readonly #context: PrepareContext;
  readonly #chunks: ChunkOf<"outcomes">[] = [];
  #drained = false;

  private constructor(options: LocalRunOptions, directory: string) {
    this.#directory = directory;
    const chain = options.chain ?? "bitshares";
    const createContext = contexts[chain];
    if (createContext === undefined) throw new Error(`no sample of the chain ${chain}`);
    this.#context = createContext({ accounts: 1000 });
    const { seed, network, workload, resolved } = this.#context;
    const phase: Phase = {
      index: 0,
      name: "bench",
      measured: true,
      startMicros: 0,
      durationMicros: options.durationMicros,
      firstSequence: 0,
      transactions: options.transactions,
      load: options.load,
    };
    this.#run = new Run(
      {
        spoolDirectory: directory,
        configure: {
          runId: "bench",
          epoch: 1,
          chain,
          seed,
          network: { ...network, nodes: network.nodes.map((node) => ({ ...node, endpoint: options.endpoint })) },
          workload,
          resolved,
          phases: [phase],
          firstSequence: 0,
          endSequence: options.transactions,
          underWay: false,
          share: { cycle: 1, slots: [0] },
          sending: { shedAfterMicros: 1e6, inFlightBound: 10_000, answerTimeoutMicros: 5e6 },
          connectionsPerNode: options.connections ?? 1,
          signingThreads: options.signingThreads,
          signingPriority: "normal",
          answerGraceMicros: 5e6,
        },
      },
      {
        onStage: (stage) => {
          this.#drained ||= stage === "drained";
        },
        onTrouble: ({ text }) => console.error(text),
        onReasonSample: ({ message }) => console.error(message),
        onLost: (error) => console.error(error.message),
      },
      {
        clock: systemClock,
        files: diskFiles,
        sign: signShare,
        isConnected: () => true,
        sendChunk: (bytes) => {
          const chunk = decodeChunk(bytes);
          if (chunk.table === "outcomes") this.#chunks.push(chunk);
          return Promise.resolve({ ok: true, value: null });
        },
        openSender: ({ chain, network: { nodes }, connectionsPerNode, resolved: { data } }, handlers) =>
          new SenderThread(
            { chain, nodes, connectionsPerNode, connectTimeoutMs: 5000, needsAllNodes: true, data, faults: noFaults },
            handlers,
          ),
      },
    );
  }

  static async perform(options: LocalRunOptions): Promise<LocalRunResult> {
    const local = new LocalRun(options, await mkdtemp(join(tmpdir(), "beacon-bench-")));
    try {
      return await local.#perform(options);
    } finally {
      await local.#run.close("discarded");
      await rm(local.#directory, { recursive: true, force: true });
    }
  }

  /** Signs and stops there. */
  static async prepareOnly(options: LocalRunOptions): Promise<PreparedReport> {
    const local = new LocalRun(options, await mkdtemp(join(tmpdir(), "beacon-bench-")));
    try {
      return await local.#prepare();
    } finally {
      await local.#run.close("discarded");
      await rm(local.#directory, { recursive: true, force: true });
    }
  }

  async #prepare(): Promise<PreparedReport> {
    await this.#run.open();
    const { reference } = this.#context;
    return this.#run.prepare({ epoch: 1, reference, baseExpirationSeconds: 1_800_000_000 });
  }

  async #perform({ durationMicros, onSending, onDrained }: LocalRunOptions): Promise<LocalRunResult> {
    const prepared = await this.#prepare();
    onSending?.();
    const leadMicros = 200_000;
    const usedBefore = process.cpuUsage();
    const startedMicros = systemClock.nowMicros();
    this.#run.renewLease(startedMicros + leadMicros + durationMicros + leaseReserveMicros);
    this.#run.start(startedMicros + leadMicros);
    await waitUntil(() => this.#drained, {
      timeoutMs: durationMicros / 1000 + 10_000,
      everyMs: 100,
      onTimeout: () => new Error("the run did not drain"),
    });
    onDrained?.();
    const used = process.cpuUsage(usedBefore);
    const cpuCores = (used.user + used.system) / (systemClock.nowMicros() - startedMicros - leadMicros);
    await this.#run.collect();
    const outcomes = this.#chunks.sort((a, b) => a.number - b.number).map((chunk) => chunk.columns);
    return { prepared, outcomes, cpuCores };
  }
}
