import { setTimeout as delay } from "node:timers/promises";
import type { BlockFollower, Broadcaster, ChainDriver } from "../../shared/chains/driver.ts";
import type { Batch } from "../../shared/chains/provisioning.ts";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";

export interface SendOptions {
  readonly driver: ChainDriver;
  readonly endpoint: string;
  /** What the broadcaster of this chain is opened with. */
  readonly data: unknown;
  /** Blocks up to this number cannot have any of the batches. */
  readonly afterBlock: number;
  readonly expirationSeconds: number;
  /** No more are sent; those under way are still waited for. */
  readonly stop: AbortSignal;
  /** Ends the waiting as well. */
  readonly kill: AbortSignal;
  onSettled(steps: number): void;
}

/** What became of the batches. Those that were not sent, or refused or expired, are seen as missing at the next look. */
export interface Sent {
  readonly included: number;
  readonly expired: number;
  readonly unsent: number;
  /** The nodes' own words, without repetitions. */
  readonly refusals: readonly string[];
}

const connectTimeoutMs = 10_000;
/** Enough to keep a node busy, and few enough that its answers do not queue. */
const mostInFlight = 32;
const answerTimeoutMs = 15_000;
/** A network that makes no blocks for so long will not make any soon. */
const silenceMs = 60_000;
const tickMs = 50;
const keptRefusals = 5;

/** Sends signed transactions to one node and follows its blocks until each has an end: in a block, refused or expired. */
export async function sendBatches(batches: readonly Batch[], options: SendOptions): Promise<Sent> {
  const sending = new Sending(batches, options);
  try {
    return await sending.run();
  } finally {
    await sending.close();
  }
}

class Sending {
  readonly #batches: readonly Batch[];
  readonly #options: SendOptions;
  readonly #broadcaster: Broadcaster;
  readonly #follower: BlockFollower;
  readonly #byKey: ReadonlyMap<bigint, number>;
  /** Sent and without an end yet; the value is when they were sent, or null once they are answered. */
  readonly #open = new Map<number, number | null>();
  readonly #refusals = new Set<string>();
  #next = 0;
  #included = 0;
  #expired = 0;
  #heads: number[] = [];
  #lastHeadAt = performance.now();
  /** Chain time of the newest block that was read. */
  #readSeconds = 0;
  #trouble = "no block was seen";

  constructor(batches: readonly Batch[], options: SendOptions) {
    const { driver, endpoint, data, afterBlock, kill } = options;
    this.#batches = batches;
    this.#options = options;
    this.#byKey = new Map(batches.map(({ matchKey }, i) => [matchKey, i]));
    this.#broadcaster = driver.openBroadcaster({
      ...{ endpoint, data, connectTimeoutMs, connections: driver.defaultConnectionsPerNode },
      handlers: {
        onAnswer: (token, reason, _, message) => this.#onAnswer(token, reason, message),
        // It may be in a block all the same.
        onUnanswered: (token) => this.#answered(token),
        onConnections: (_, error) => {
          if (error !== null) this.#trouble = error;
        },
      },
    });
    this.#follower = driver.follow({
      ...{ endpoint, afterBlock, signal: kill },
      handlers: {
        onHead: ({ number }) => {
          this.#heads.push(number);
          this.#lastHeadAt = performance.now();
        },
        onIrreversible: () => undefined,
        onConnected: () => undefined,
        onTrouble: (message) => {
          this.#trouble = message;
        },
      },
    });
  }

  async run(): Promise<Sent> {
    const { kill } = this.#options;
    await this.#broadcaster.open();
    for (;;) {
      kill.throwIfAborted();
      await this.#readBlocks();
      this.#giveUpWaiting();
      this.#send();
      if (this.#open.size === 0 && !this.#canSend) break;
      if (performance.now() - this.#lastHeadAt > silenceMs) {
        throw new AppError(
          "NETWORK_UNREACHABLE",
          `${this.#options.endpoint}: no block for ${silenceMs / 1000} s: ${this.#trouble}`,
        );
      }
      await delay(tickMs);
    }
    return {
      included: this.#included,
      expired: this.#expired,
      unsent: this.#batches.length - this.#next,
      refusals: [...this.#refusals],
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#broadcaster.close(), this.#follower.close()]);
  }

  get #canSend(): boolean {
    const { stop, expirationSeconds } = this.#options;
    return !stop.aborted && this.#next < this.#batches.length && this.#readSeconds < expirationSeconds;
  }

  #send(): void {
    const { expirationSeconds } = this.#options;
    while (this.#canSend && this.#broadcaster.inFlight < mostInFlight && this.#broadcaster.hasRoom) {
      if (this.#readSeconds >= expirationSeconds) return;
      if (!this.#broadcaster.send(this.#next, (this.#batches[this.#next] as Batch).body)) break;
      this.#open.set(this.#next, performance.now());
      this.#next++;
    }
    this.#broadcaster.flush();
  }

  #onAnswer(token: number, reason: string, message: string | null): void {
    if (reason === "none" || reason === "duplicate") this.#answered(token);
    else if (this.#settle(token)) this.#addRefusal(message ?? reason);
  }

  #addRefusal(message: string): void {
    const line = (message.split("\n")[0] as string).slice(0, 300);
    if (this.#refusals.size < keptRefusals) this.#refusals.add(line);
  }

  #answered(token: number): void {
    if (this.#open.has(token)) this.#open.set(token, null);
  }

  #settle(token: number): boolean {
    if (!this.#open.delete(token)) return false;
    this.#options.onSettled((this.#batches[token] as Batch).steps);
    return true;
  }

  /** A connection that carries one request at a time must not wait for ever. */
  #giveUpWaiting(): void {
    const now = performance.now();
    for (const [token, sentAt] of this.#open) {
      if (sentAt === null || now - sentAt < answerTimeoutMs) continue;
      this.#broadcaster.giveUp(token);
      this.#open.set(token, null);
    }
  }

  async #readBlocks(): Promise<void> {
    const heads = this.#heads;
    this.#heads = [];
    for (const [i, number] of heads.entries()) {
      try {
        const block = await this.#follower.fetchBlock(number);
        if (block === null) throw new Error(`block ${number} is not there`);
        for (const key of block.matchKeys) this.#onIncluded(this.#byKey.get(key));
        this.#readSeconds = Math.max(this.#readSeconds, block.timestampMs / 1000);
      } catch (error) {
        // Read again with the next look: a block that is skipped would make what it holds look expired.
        this.#trouble = messageOf(error);
        this.#heads = [...heads.slice(i), ...this.#heads];
        return;
      }
    }
    if (this.#readSeconds > this.#options.expirationSeconds) this.#expire();
  }

  #onIncluded(token: number | undefined): void {
    if (token !== undefined && this.#settle(token)) this.#included++;
  }

  #expire(): void {
    for (const token of [...this.#open.keys()]) if (this.#settle(token)) this.#expired++;
  }
}
