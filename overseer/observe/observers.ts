import type { BlockFollower, ChainDriver, NetworkDescription } from "../../shared/chains/driver.ts";
import { messageOf } from "../../shared/errors/app-error.ts";
import type { Clock } from "../../shared/time/clock.ts";
import type { ChainView } from "./chain-view.ts";

export interface ObserversOptions {
  readonly driver: ChainDriver;
  readonly network: NetworkDescription;
  /** Blocks up to this number are of before the run. */
  readonly afterBlock: number;
  readonly signal: AbortSignal;
}

export interface ObserversDependencies {
  readonly view: ChainView;
  readonly clock: Clock;
  onTrouble(node: string, message: string): void;
}

interface Observer {
  readonly node: string;
  readonly follower: BlockFollower;
  headNumber: number;
  /** Numbers whose bodies are to be fetched from this node, oldest first. */
  readonly queue: number[];
  fetching: Promise<void> | null;
}

/**
 * One observer for each node. Every node tells when a block arrived there; the body is fetched only once, from the node
 * that had it first, because a full block is large and nodes under load are slow to render it.
 */
export class Observers {
  readonly #options: ObserversOptions;
  readonly #dependencies: ObserversDependencies;
  readonly #observers: Observer[] = [];
  readonly #claimed = new Set<string>();

  constructor(options: ObserversOptions, dependencies: ObserversDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    for (const node of options.network.nodes) this.#observe(node.name, node.endpoint);
  }

  /** By node: number of its head, and whether it is connected. */
  get nodes(): readonly { readonly name: string; readonly headNumber: number; readonly connected: boolean }[] {
    return this.#observers.map(({ node, headNumber, follower }) => ({
      name: node,
      headNumber,
      connected: follower.connected,
    }));
  }

  /** Closes all, after the bodies that are on their way have come. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#observers.flatMap((observer) => observer.fetching ?? []));
    await Promise.allSettled(this.#observers.map((observer) => observer.follower.close()));
  }

  #observe(node: string, endpoint: string): void {
    const { view, clock, onTrouble } = this.#dependencies;
    const observer: Observer = {
      node,
      headNumber: this.#options.afterBlock,
      queue: [],
      fetching: null,
      follower: this.#options.driver.follow({
        endpoint,
        afterBlock: this.#options.afterBlock,
        signal: this.#options.signal,
        handlers: {
          onHead: ({ number, id, arrivedMicros }) => {
            observer.headNumber = number;
            view.announce(node, id, arrivedMicros);
            if (!view.knows(id) && !this.#claimed.has(id)) {
              this.#claimed.add(id);
              this.#fetch(observer, number);
            }
          },
          onIrreversible: (number) => view.settle(number, clock.nowMicros()),
          onTrouble: (message) => onTrouble(node, message),
          onConnected: () => undefined,
        },
      }),
    };
    this.#observers.push(observer);
  }

  #fetch(observer: Observer, number: number): void {
    observer.queue.push(number);
    observer.fetching ??= this.#work(observer).finally(() => {
      observer.fetching = null;
    });
  }

  async #work(observer: Observer): Promise<void> {
    for (let number = observer.queue.shift(); number !== undefined; number = observer.queue.shift()) {
      try {
        await this.#fetchBranch(observer, number);
      } catch (error) {
        if (this.#options.signal.aborted) return;
        this.#dependencies.onTrouble(observer.node, `block ${number} could not be read: ${messageOf(error)}`);
      }
    }
  }

  /** Fetches the block and those before it that nobody has seen: missed notices, or the rest of another branch. */
  async #fetchBranch(observer: Observer, number: number): Promise<void> {
    const { view, clock } = this.#dependencies;
    const branch = [];
    for (let at = number; at > this.#options.afterBlock; at--) {
      const block = (await observer.follower.fetchBlock(at)) ?? (await this.#fetchElsewhere(observer, at));
      if (block === null) break;
      if (view.knows(block.id)) break;
      branch.push(block);
      if (view.knows(block.previousId)) break;
    }
    for (const block of branch.reverse()) view.addBlock(block, clock.nowMicros());
  }

  async #fetchElsewhere(except: Observer, number: number) {
    for (const observer of this.#observers) {
      if (observer === except || !observer.follower.connected) continue;
      const block = await observer.follower.fetchBlock(number);
      if (block !== null) return block;
    }
    return null;
  }
}
