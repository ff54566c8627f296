import type { Route } from "../scenario/scenario.ts";
import { SequenceRandom } from "./sequence-random.ts";
import { randomStreams } from "./shape.ts";

/** Longest cycle that is dealt out exactly; finer weights are rounded to it. */
const maximumCycle = 1000;

/**
 * Which node each transaction goes to. Nodes are dealt like cards: every cycle of transactions holds each node exactly
 * as often as its weight says, in an order shuffled anew for each cycle, so that shares are exact and yet not in step
 * with how transactions are dealt to beacons.
 */
export class Router {
  readonly #deck: Uint16Array;
  readonly #shuffled: Uint16Array;
  readonly #random = new SequenceRandom();
  readonly #seed: number;
  #cycle = -1;

  constructor(route: Route, nodes: number, seed: number) {
    this.#deck = deckOf(route, nodes);
    this.#shuffled = this.#deck.slice();
    this.#seed = seed;
  }

  /** Position of the node in the network's list. */
  nodeOf(sequence: number): number {
    const size = this.#deck.length;
    const cycle = Math.floor(sequence / size);
    if (cycle !== this.#cycle) this.#shuffle(cycle);
    return this.#shuffled[sequence - cycle * size] as number;
  }

  #shuffle(cycle: number): void {
    this.#cycle = cycle;
    this.#shuffled.set(this.#deck);
    this.#random.reset(this.#seed, cycle, randomStreams.route);
    for (let i = this.#shuffled.length - 1; i > 0; i--) {
      const j = this.#random.nextBelow(i + 1);
      const swapped = this.#shuffled[i] as number;
      this.#shuffled[i] = this.#shuffled[j] as number;
      this.#shuffled[j] = swapped;
    }
  }
}

function deckOf(route: Route, nodes: number): Uint16Array {
  if (route.kind === "node") return Uint16Array.of(route.node);
  const weights = route.kind === "equal" ? new Array<number>(nodes).fill(1) : route.weights;
  const counts = toSmallIntegers(weights);
  const deck = new Uint16Array(counts.reduce((sum, count) => sum + count, 0));
  let at = 0;
  for (const [node, count] of counts.entries()) {
    deck.fill(node, at, at + count);
    at += count;
  }
  return deck;
}

/** The weights as whole numbers in the same ratio where that takes few cards, otherwise rounded to `maximumCycle`. */
function toSmallIntegers(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (weights.every(Number.isInteger) && total <= maximumCycle) {
    const divisor = weights.reduce(greatestCommonDivisor, 0);
    return weights.map((weight) => weight / divisor);
  }
  return weights.map((weight) => (weight === 0 ? 0 : Math.max(1, Math.round((weight / total) * maximumCycle))));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
