import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { messageOf } from "../../errors/app-error.ts";
import { systemClock } from "../../time/clock.ts";
import type { BlockFollower, FollowOptions, ObservedBlock } from "../driver.ts";
import { dynamicPropertiesAnswer, headerAnswer } from "./node-answers.ts";
import { isBlockAnswer, toObservedBlock } from "./read-block.ts";
import { nodeErrorOf, RpcClient } from "./rpc-client.ts";

const callTimeoutMs = 10_000;
const firstRetryMs = 250;
const longestRetryMs = 5000;
/** Between looks at the irreversible number, and at the head where notices are refused. */
const pollMs = 250;
/** Head blocks later than this are a trouble: several times the longest interval in use (3 s on the main network). */
const stallMs = 15_000;
/** Ids are remembered as far back as forks can reach before blocks are irreversible. */
const rememberedBlocks = 256;
const callbackId = 1;

const blockAnswer = z.custom<unknown>((value) => value === null || isBlockAnswer(value), "expected a block");

interface Head {
  readonly number: number;
  readonly id: string;
  readonly arrivedMicros: number;
}

/** Follows one node's heads through its notices, or by looking often where it refuses to send any. */
export class BitsharesBlockFollower implements BlockFollower {
  readonly #options: FollowOptions;
  readonly #stopped = new AbortController();
  readonly #done: Promise<void>;
  readonly #ids = new Map<number, string>();
  #client: RpcClient | null = null;
  #last: number;
  #irreversible = 0;
  #stalled = false;
  #lastHeadMicros = systemClock.nowMicros();
  /** Heads are reported one after the other, each after those that were skipped before it. */
  #reporting: Promise<void> = Promise.resolve();

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#last = options.afterBlock;
    options.signal?.addEventListener("abort", () => this.#stop(), { once: true });
    if (options.signal?.aborted) this.#stop();
    this.#done = this.#run();
  }

  get connected(): boolean {
    return this.#client !== null && !this.#stalled;
  }

  async fetchBlock(number: number): Promise<ObservedBlock | null> {
    const client = this.#client;
    if (!client) return null;
    const block = await client.call("database", "get_block", [number], blockAnswer);
    return isBlockAnswer(block) ? toObservedBlock(number, block) : null;
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#done;
  }

  #stop(): void {
    this.#stopped.abort();
    this.#client?.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const { client, lost } = await this.#connect();
        failures = 0;
        await this.#watch(client, lost);
      } catch (error) {
        if (signal.aborted) break;
        failures++;
        this.#options.handlers.onTrouble(messageOf(error));
      } finally {
        this.#client?.close();
        this.#client = null;
      }
      const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** failures);
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #connect(): Promise<{ client: RpcClient; lost: AbortSignal }> {
    const lost = new AbortController();
    const client = await RpcClient.connect({
      endpoint: this.#options.endpoint,
      timeoutMs: callTimeoutMs,
      signal: this.#stopped.signal,
      onNotice: (callback, values) => {
        if (callback === callbackId) this.#onNotice(client, values);
      },
      onLost: (message) => lost.abort(new Error(`${this.#options.endpoint}: ${message}`)),
    });
    this.#client = client;
    try {
      await client.call("database", "set_block_applied_callback", [callbackId], z.unknown());
    } catch (error) {
      // Looking often does as well, only less exactly.
      if (!nodeErrorOf(error)) throw error;
      this.#options.handlers.onTrouble(`${this.#options.endpoint}: sends no notices of blocks; looking often instead`);
    }
    this.#options.handlers.onConnected();
    return { client, lost: lost.signal };
  }

  /** Until the connection is lost, which it throws, or the follower is closed. */
  async #watch(client: RpcClient, lost: AbortSignal): Promise<void> {
    const { signal } = this.#stopped;
    const ended = AbortSignal.any([signal, lost]);
    this.#lastHeadMicros = systemClock.nowMicros();
    while (!ended.aborted) {
      await this.#look(client);
      await delay(pollMs, undefined, { signal: ended }).catch(() => undefined);
    }
    if (!signal.aborted) throw lost.reason;
  }

  async #look(client: RpcClient): Promise<void> {
    const dynamic = await client.call("database", "get_dynamic_global_properties", [], dynamicPropertiesAnswer);
    const arrivedMicros = systemClock.nowMicros();
    this.#enqueue(client, { number: dynamic.head_block_number, id: dynamic.head_block_id, arrivedMicros });
    await this.#reporting;
    if (dynamic.last_irreversible_block_num > this.#irreversible) {
      this.#irreversible = dynamic.last_irreversible_block_num;
      this.#options.handlers.onIrreversible(this.#irreversible);
    }
    const silentMs = (arrivedMicros - this.#lastHeadMicros) / 1000;
    if (silentMs > stallMs && !this.#stalled) {
      this.#stalled = true;
      this.#options.handlers.onTrouble(`${this.#options.endpoint}: no new block for ${Math.round(silentMs / 1000)} s`);
    }
  }

  #onNotice(client: RpcClient, values: readonly unknown[]): void {
    const arrivedMicros = systemClock.nowMicros();
    for (const id of values) {
      if (typeof id !== "string" || id.length !== 40) continue;
      this.#enqueue(client, { id, number: Number.parseInt(id.slice(0, 8), 16), arrivedMicros });
    }
  }

  #enqueue(client: RpcClient, head: Head): void {
    this.#reporting = this.#reporting
      .then(() => this.#report(client, head))
      // The loss of the connection is reported by the loop that watches it.
      .catch(() => undefined);
  }

  async #report(client: RpcClient, head: Head): Promise<void> {
    if (head.number <= this.#options.afterBlock || this.#ids.get(head.number) === head.id) return;
    const skipped: Head[] = [];
    // Each header names the block before it, so the ids of skipped ones come from the end.
    for (let number = head.number - 1, next = head.number; number > this.#last; number--, next--) {
      const header = await client.call("database", "get_block_header", [next], headerAnswer);
      if (!header) break;
      skipped.push({ number, id: header.previous, arrivedMicros: head.arrivedMicros });
    }
    for (const block of skipped.reverse()) this.#tell(block);
    this.#tell(head);
  }

  #tell(head: Head): void {
    this.#ids.set(head.number, head.id);
    this.#ids.delete(head.number - rememberedBlocks);
    this.#last = head.number;
    this.#lastHeadMicros = head.arrivedMicros;
    this.#stalled = false;
    this.#options.handlers.onHead(head);
  }
}
