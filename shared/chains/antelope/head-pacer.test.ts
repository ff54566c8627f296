import { expect, test } from "@jest/globals";
import { HeadPacer } from "./head-pacer.ts";

interface Watched {
  readonly questionsPerSecond: number;
  /** How long each head was there before it was noticed. */
  readonly lateMs: readonly number[];
}

/** Asks a node whose heads come at these instants, once the pacer has seen as many as it remembers. */
function watch(headsAtMs: readonly number[]): Watched {
  const pacer = new HeadPacer();
  const lateMs: number[] = [];
  let questions = 0;
  let seen = 0;
  const warm = 30;
  const end = headsAtMs.at(-1) as number;
  for (let now = 0; now <= end; now += pacer.nextDelayMs(now)) {
    const there = headsAtMs.filter((at) => at <= now).length;
    if (seen > warm) questions++;
    if (there > seen) {
      if (seen > warm) lateMs.push(now - (headsAtMs[there - 1] as number));
      pacer.arrived(now);
      seen = there;
    }
  }
  const seconds = (end - (headsAtMs[warm] as number)) / 1000;
  return { questionsPerSecond: questions / seconds, lateMs };
}

function heads(intervals: readonly number[], count = 120): number[] {
  let at = 137;
  return Array.from({ length: count }, (_, i) => {
    at += intervals[i % intervals.length] as number;
    return at;
  });
}

test.each<[string, readonly number[]]>([
  ["regular blocks", [500, 497, 503, 506, 494]],
  ["a producer alone: eleven early blocks and a gap", [...new Array<number>(11).fill(460), 900]],
])("%s are noticed within 10 ms of their arrival, with fewer than 50 questions a second", (_, intervals) => {
  const { questionsPerSecond, lateMs } = watch(heads(intervals));
  expect(lateMs.length).toBeGreaterThan(80);
  expect(Math.max(...lateMs)).toBeLessThanOrEqual(10);
  expect(questionsPerSecond).toBeLessThan(50);
});

test("blocks that come together now and then keep it neither blind nor asking all the time", () => {
  const { questionsPerSecond, lateMs } = watch(heads([...new Array<number>(10).fill(500), 970, 30]));
  expect(Math.max(...lateMs)).toBeLessThanOrEqual(40);
  // Two of twelve: the one that is late and the one right after it.
  expect(lateMs.filter((late) => late > 10).length).toBeLessThan(lateMs.length / 5);
  expect(questionsPerSecond).toBeLessThan(50);
});

test("a network that stands still is asked at most 50 times a second", () => {
  const pacer = new HeadPacer();
  for (let at = 0; at <= 5000; at += 500) pacer.arrived(at);
  expect(pacer.nextDelayMs(5000 + 60_000)).toBeGreaterThanOrEqual(20);
});
