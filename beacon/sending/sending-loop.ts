import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { Broadcaster, ChainDriver } from "../../shared/chains/driver.ts";
import type { Reason } from "../../shared/chains/outcome.ts";
import { messageOf, toErrorData } from "../../shared/errors/app-error.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { fromSkewed, toSkewed } from "../../shared/time/skewed-clock.ts";
import { Teardown } from "../../shared/time/teardown.ts";
import type { Faults } from "../faults.ts";
import { Recorder } from "../measuring/recorder.ts";
import { TxStore } from "../signing/tx-store.ts";
import { Lease } from "./lease.ts";
import { ThreadPacer } from "./pacer.ts";
import { Sender, type SenderStage } from "./sender.ts";
import type { SenderCommand, SenderNews, SenderSetup } from "./sender-messages.ts";

export interface SendingLoopDependencies {
  readonly driver: Pick<ChainDriver, "openBroadcaster">;
  readonly clock: Clock;
  readonly tell: (news: SenderNews) => void;
}

/** libuv's timers have whole milliseconds; a finer resolution would only wake the thread more often. */
const loopDelayResolutionMs = 10;
const gaugeIntervalMs = 250;
/** The longest that a timer can be, some 24 days. */
const endlessMs = 2 ** 31 - 1;
/** Longer texts say nothing more, and the control protocol takes 2,000 characters. */
const maximumMessageLength = 1000;

/** Everything of the sending thread but the thread: connections, the sender, and what wakes it. */
export class SendingLoop {
  readonly #setup: SenderSetup;
  readonly #clock: Clock;
  readonly #tell: (news: SenderNews) => void;
  readonly #broadcasters: readonly Broadcaster[];
  readonly #teardown = new Teardown();
  readonly #reasonsTold = new Set<string>();
  readonly #pacer: ThreadPacer;
  readonly #faults: Faults;
  #sender: Sender | null = null;
  #stageTold: SenderStage = "sending";
  #tickScheduled = false;

  constructor(setup: SenderSetup, { driver, clock, tell }: SendingLoopDependencies) {
    this.#setup = setup;
    this.#clock = clock;
    this.#tell = tell;
    this.#faults = setup.faults;
    this.#broadcasters = setup.nodes.map(({ endpoint }, node) =>
      driver.openBroadcaster({
        endpoint,
        connections: setup.connectionsPerNode,
        connectTimeoutMs: setup.needsAllNodes ? setup.connectTimeoutMs : endlessMs,
        data: setup.data,
        handlers: {
          onAnswer: (row, reason, receivedMicros, message) =>
            this.#onAnswer(node, row, reason, receivedMicros, message),
          onUnanswered: (row, reason) => this.#onUnanswered(row, reason),
          onConnections: (open, error) => this.#onConnections(node, open, error),
        },
      }),
    );
    for (const [node, broadcaster] of this.#broadcasters.entries()) {
      this.#teardown.defer(`connections to ${setup.nodes[node]?.name}`, () => broadcaster.close());
    }
    this.#pacer = new ThreadPacer(
      () => this.#tick(),
      (error) => {
        throw error;
      },
    );
    this.#teardown.defer("pacer", () => this.#pacer.close());
  }

  async open(): Promise<void> {
    const opened = Promise.allSettled(this.#broadcasters.map((broadcaster) => broadcaster.open()));
    if (!this.#setup.needsAllNodes) {
      await Promise.race([opened, delay(this.#setup.connectTimeoutMs, undefined, { ref: false })]);
      this.#tellUnreached();
      this.#tell({ kind: "open" });
      return;
    }
    const failed = (await opened).find((result) => result.status === "rejected");
    if (failed === undefined) this.#tell({ kind: "open" });
    else this.#tell({ kind: "openFailed", error: toErrorData(failed.reason) });
  }

  #tellUnreached(): void {
    for (const [node, { openConnections }] of this.#broadcasters.entries()) {
      if (openConnections === 0) this.#tell({ kind: "connections", node, open: 0, error: "could not be reached yet" });
    }
  }

  obey(command: SenderCommand): void {
    switch (command.kind) {
      case "start":
        this.#start(command);
        break;
      case "pace":
        this.#sender?.setPaused(command.paused);
        this.#tick();
        break;
      case "stop":
        this.#sender?.stop(command.reason);
        this.#tick();
        break;
      case "finish":
        this.#sender?.finish();
        this.#tick();
        break;
      case "close":
        void this.#close();
        break;
    }
  }

  #start(command: Extract<SenderCommand, { kind: "start" }>): void {
    const recorder = new Recorder(command.record);
    const sender = new Sender(command, {
      clock: this.#clock,
      store: new TxStore(command.store),
      recorder,
      broadcasters: this.#broadcasters,
      lease: new Lease(command.lease),
    });
    this.#sender = sender;
    this.#stageTold = "sending";
    this.#keepGauges(sender, recorder);
    this.#scheduleBlocks(command.t0Micros);
    this.#tick();
  }

  #scheduleBlocks(t0Micros: number): void {
    for (const { atMs, forMs } of this.#faults.blockSendLoop) {
      const beginMicros = t0Micros + atMs * 1000;
      const timer = setTimeout(
        () => {
          const endMicros = beginMicros + forMs * 1000;
          while (this.#clock.nowMicros() < endMicros);
        },
        (beginMicros - this.#clock.nowMicros()) / 1000,
      );
      this.#teardown.defer("blocked loop", () => clearTimeout(timer));
    }
  }

  #keepGauges(sender: Sender, recorder: Recorder): void {
    const loopDelay = monitorEventLoopDelay({ resolution: loopDelayResolutionMs });
    loopDelay.enable();
    const timer = setInterval(() => {
      recorder.setGauge("inFlight", sender.inFlight);
      recorder.setGauge("bufferedBytes", sender.bufferedBytes);
      recorder.setGauge("lateAnswers", sender.lateAnswers);
      recorder.raiseLoopDelay(longestDelayMicros(loopDelay));
    }, gaugeIntervalMs);
    this.#teardown.defer("gauges", () => {
      clearInterval(timer);
      loopDelay.disable();
    });
  }

  #tick(): void {
    if (this.#sender === null) return;
    const wakeMicros = this.#sender.tick();
    const { clock: skew } = this.#faults;
    // The pacer and the connections know the host's own clock only.
    this.#pacer.wakeAt(skew === null ? wakeMicros : fromSkewed(skew, wakeMicros));
    this.#tellStage(this.#sender.stage);
  }

  #tellStage(stage: SenderStage): void {
    if (stage === this.#stageTold || stage === "sending") return;
    this.#stageTold = stage;
    this.#tell({ kind: "stage", stage });
  }

  /** After all answers that have arrived together, so that what takes their place goes out together as well. */
  #tickSoon(): void {
    if (this.#tickScheduled) return;
    this.#tickScheduled = true;
    setImmediate(() => {
      this.#tickScheduled = false;
      this.#tick();
    });
  }

  #onAnswer(node: number, row: number, reason: Reason, receivedMicros: number, message: string | null): void {
    const sender = this.#sender;
    if (sender === null) return;
    const { clock: skew } = this.#faults;
    sender.onAnswer(row, reason, skew === null ? receivedMicros : toSkewed(skew, receivedMicros));
    if (reason !== "none") this.#tellReason(node, reason, message);
    if (sender.wantsRoom || sender.stage !== this.#stageTold) this.#tickSoon();
  }

  #onUnanswered(row: number, reason: Reason): void {
    this.#sender?.onUnanswered(row, reason);
    this.#tickSoon();
  }

  #onConnections(node: number, open: number, error: string | null): void {
    this.#tell({ kind: "connections", node, open, error });
    this.#tickSoon();
  }

  #tellReason(node: number, reason: Reason, message: string | null): void {
    const key = `${node} ${reason}`;
    if (this.#reasonsTold.has(key)) return;
    this.#reasonsTold.add(key);
    this.#tell({ kind: "reason", node, reason, message: (message ?? "").slice(0, maximumMessageLength) });
  }

  async #close(): Promise<void> {
    this.#sender = null;
    const failures = await this.#teardown.run().catch((error: unknown) => [messageOf(error)]);
    this.#tell({ kind: "closed", failures });
  }
}

/** Since the last call. The monitor counts from one firing to the next, so the resolution is part of every value. */
function longestDelayMicros(delay: IntervalHistogram): number {
  const micros = delay.count === 0 ? 0 : Math.max(0, delay.max / 1e3 - loopDelayResolutionMs * 1e3);
  delay.reset();
  return micros;
}
