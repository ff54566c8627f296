import { expect, test } from "@jest/globals";
import type { TrafficBlock, TrafficSource } from "../../shared/chains/traffic.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { readBlocks } from "./read-blocks.ts";

class FakeSource implements TrafficSource {
  pending = 0;
  mostPending = 0;
  asked = 0;
  readonly #answer: (number: number, time: number) => TrafficBlock | null;
  readonly #times = new Map<number, number>();

  constructor(answer: (number: number, time: number) => TrafficBlock | null) {
    this.#answer = answer;
  }

  async fetchBlock(number: number): Promise<TrafficBlock | null> {
    this.asked++;
    this.pending++;
    this.mostPending = Math.max(this.mostPending, this.pending);
    const time = (this.#times.get(number) ?? 0) + 1;
    this.#times.set(number, time);
    // Later blocks answer sooner.
    for (let turns = 0; turns < 20 - (number % 5); turns++) await Promise.resolve();
    this.pending--;
    return this.#answer(number, time);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const block = (number: number): TrafficBlock => ({ number, timestampMs: number * 1000, transactions: [] });
const range = { first: 5, last: 40 };

async function numbersOf(source: TrafficSource, blocksPerSecond = 1e6): Promise<number[]> {
  const numbers: number[] = [];
  const { signal } = new AbortController();
  for await (const { number } of readBlocks({ source, range, blocksPerSecond, inFlight: 4, signal }))
    numbers.push(number);
  return numbers;
}

test("blocks come in their order, several asked for at a time and never more than the bound", async () => {
  const source = new FakeSource(block);
  expect(await numbersOf(source)).toEqual(Array.from({ length: 36 }, (_, i) => i + 5));
  expect(source.mostPending).toBe(4);
});

test("no more blocks are asked for in a second than the rate says", async () => {
  const source = new FakeSource(block);
  const startMs = performance.now();
  await numbersOf(source, 100);
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(349);
});

test("a question that fails is asked again", async () => {
  const source = new FakeSource((number, time) => {
    if (number === 9 && time < 3) throw new AppError("NETWORK_UNREACHABLE", "gone");
    return block(number);
  });
  expect(await numbersOf(source)).toHaveLength(36);
  expect(source.asked).toBe(38);
});

test("a block that the node does not have ends the reading at once", async () => {
  const source = new FakeSource((number) => (number === 12 ? null : block(number)));
  await expect(numbersOf(source)).rejects.toMatchObject({ code: "RPC_FAILED" });
  expect(source.pending).toBe(0);
  expect(source.asked).toBeLessThan(13);
});
