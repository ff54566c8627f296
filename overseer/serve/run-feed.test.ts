import { expect, test } from "@jest/globals";
import type { PreparingView } from "../run/progress.ts";
import type { ProgressMessage } from "./operator-protocol.ts";
import { RunFeed } from "./run-feed.ts";

function preparing(prepared: number): PreparingView {
  return { prepared, planned: 10, perSecond: 1 };
}

function heard(
  feed: RunFeed,
  after: number,
): { messages: ProgressMessage[]; numbers: () => number[]; end: () => void } {
  const messages: ProgressMessage[] = [];
  const end = feed.follow(after, (message) => messages.push(message));
  return { messages, numbers: () => messages.map(({ number }) => number), end };
}

test("tells those who come later what was told before, but not figures that have passed", () => {
  const feed = new RunFeed();
  feed.fact("Network", "there");
  feed.preparing(preparing(5));
  feed.preparing(preparing(10));
  const late = heard(feed, -1);
  feed.fact("Start", "now");
  expect(late.numbers()).toEqual([0, 2, 3]);
});

test("tells those who were away only what they missed, and nothing to those who have gone", () => {
  const feed = new RunFeed();
  feed.fact("a", "1");
  const first = heard(feed, -1);
  feed.fact("b", "2");
  first.end();
  feed.fact("c", "3");
  const again = heard(feed, 1);
  expect({ first: first.numbers(), again: again.numbers() }).toEqual({ first: [0, 1], again: [2] });
});

test("keeps no more than it can, the latest", () => {
  const feed = new RunFeed();
  for (let i = 0; i < 2100; i++) feed.fact("x", String(i));
  const { numbers } = heard(feed, -1);
  expect([numbers().length, numbers()[0], numbers().at(-1)]).toEqual([2000, 100, 2099]);
});
