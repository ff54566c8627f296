import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { messageOf } from "../../errors/app-error.ts";
import { systemClock } from "../../time/clock.ts";
import type { BlockFollower, FollowOptions, ObservedBlock } from "../driver.ts";
import { HeadPacer } from "./head-pacer.ts";
import { HttpClient, nodeFailureOf } from "./http-client.ts";
import { blockInfoAnswer, infoAnswer, unknownBlock } from "./node-answers.ts";
import { type BlockAnswer, isBlockAnswer, toObservedBlock } from "./read-block.ts";

const callTimeoutMs = 10_000;
const firstRetryMs = 250;
const longestRetryMs = 5000;
/** Head blocks later than this are a trouble: several times what a change of producers may leave out. */
const stallMs = 15_000;
/** Ids are remembered as far back as forks can reach: before Savanna, blocks of 21 producers take 325 to be final. */
const rememberedBlocks = 512;
/**
 * Each step back is a question to the node, and the head is told only after them: what lies further back is found by
 * whoever reads the blocks.
 */
const furthestBack = 64;

const blockAnswer = z.custom<BlockAnswer>(isBlockAnswer, "expected a block");

interface Head {
  readonly number: number;
  readonly id: string;
  readonly arrivedMicros: number;
}

/**
 * Follows one node's heads by asking for them, at most `quietMs` apart. A head that was replaced between two questions is
 * found by what the next one builds on; blocks that came together all have the instant at which they were noticed.
 */
export class AntelopeBlockFollower implements BlockFollower {
  readonly #options: FollowOptions;
  readonly #client: HttpClient;
  readonly #stopped = new AbortController();
  readonly #pacer = new HeadPacer();
  readonly #ids = new Map<number, string>();
  readonly #done: Promise<void>;
  #answers = false;
  #stalled = false;
  #irreversible = 0;
  #lastId = "";
  #lastHeadMicros = systemClock.nowMicros();
  #hasBlockInfo = true;
  /** Heads are reported one after the other, each after those that were skipped before it. */
  #reporting: Promise<void> = Promise.resolve();

  constructor(options: FollowOptions) {
    this.#options = options;
    options.signal?.addEventListener("abort", () => this.#stopped.abort(), { once: true });
    if (options.signal?.aborted) this.#stopped.abort();
    const { signal } = this.#stopped;
    this.#client = new HttpClient({ endpoint: options.endpoint, timeoutMs: callTimeoutMs, signal });
    this.#done = this.#run();
  }

  get connected(): boolean {
    return this.#answers && !this.#stalled;
  }

  async fetchBlock(number: number): Promise<ObservedBlock | null> {
    try {
      const block = await this.#client.call("get_block", { block_num_or_id: number }, blockAnswer);
      return toObservedBlock(number, block);
    } catch (error) {
      if (nodeFailureOf(error)?.code === unknownBlock) return null;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#done;
    await this.#reporting;
    await this.#client.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    let failures = 0;
    while (!signal.aborted) {
      const askedMs = performance.now();
      let waitMs: number;
      try {
        await this.#look();
        if (!this.#answers) this.#options.handlers.onConnected();
        this.#answers = true;
        failures = 0;
        waitMs = this.#pacer.nextDelayMs(performance.now()) - (performance.now() - askedMs);
      } catch (error) {
        this.#answers = false;
        if (signal.aborted) break;
        this.#options.handlers.onTrouble(messageOf(error));
        waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** failures++);
      }
      await delay(Math.max(0, waitMs), undefined, { signal }).catch(() => undefined);
    }
    this.#answers = false;
  }

  async #look(): Promise<void> {
    const info = await this.#client.call("get_info", {}, infoAnswer);
    const arrivedMicros = systemClock.nowMicros();
    const { head_block_num: number, head_block_id: id, last_irreversible_block_num: irreversible } = info;
    if (id !== this.#lastId) {
      this.#lastId = id;
      this.#lastHeadMicros = arrivedMicros;
      this.#stalled = false;
      this.#pacer.arrived(performance.now());
      this.#enqueue(() => this.#report({ number, id, arrivedMicros }));
    }
    if (irreversible > this.#irreversible) {
      this.#irreversible = irreversible;
      // After the heads that were seen before it.
      this.#enqueue(() => this.#options.handlers.onIrreversible(irreversible));
    }
    const silentMs = (arrivedMicros - this.#lastHeadMicros) / 1000;
    if (silentMs > stallMs && !this.#stalled) {
      this.#stalled = true;
      this.#options.handlers.onTrouble(`${this.#options.endpoint}: no new block for ${Math.round(silentMs / 1000)} s`);
    }
  }

  #enqueue(work: () => Promise<void> | void): void {
    this.#reporting = this.#reporting.then(() => (this.#stopped.signal.aborted ? undefined : work()));
  }

  async #report(head: Head): Promise<void> {
    if (head.number <= this.#options.afterBlock || this.#ids.get(head.number) === head.id) return;
    const unknown = await this.#unknownBefore(head);
    if (this.#stopped.signal.aborted) return;
    for (const block of unknown.reverse()) this.#tell(block);
    this.#tell(head);
  }

  /** Blocks that the head builds on and that were not told yet, the newest first. */
  async #unknownBefore(head: Head): Promise<Head[]> {
    const unknown: Head[] = [];
    const { arrivedMicros } = head;
    for (let { number, id } = head; number - 1 > this.#options.afterBlock && unknown.length < furthestBack; ) {
      const previous = await this.#previousOf(number, id);
      number--;
      if (previous === null || this.#ids.get(number) === previous) break;
      id = previous;
      unknown.push({ number, id, arrivedMicros });
    }
    return unknown;
  }

  /** Null when the node has another block in its place by now, or does not answer; the next head shows what is missing. */
  async #previousOf(number: number, id: string): Promise<string | null> {
    try {
      const info = this.#hasBlockInfo
        ? await this.#client.call("get_block_info", { block_num: number }, blockInfoAnswer)
        : await this.#client.call("get_block", { block_num_or_id: id }, blockInfoAnswer);
      return info.id === id ? info.previous : null;
    } catch (error) {
      // Nodes before 2.1 have only the whole block.
      if (nodeFailureOf(error)?.status === 404 && this.#hasBlockInfo) {
        this.#hasBlockInfo = false;
        return this.#previousOf(number, id);
      }
      return null;
    }
  }

  #tell(head: Head): void {
    this.#ids.set(head.number, head.id);
    this.#ids.delete(head.number - rememberedBlocks);
    this.#options.handlers.onHead(head);
  }
}
