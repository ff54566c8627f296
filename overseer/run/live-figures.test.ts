import { expect, test } from "@jest/globals";
import type { Status } from "../../shared/protocol/messages.ts";
import { LatencyHistogram } from "../../shared/stats/histogram.ts";
import { LiveFigures } from "./live-figures.ts";

function statusWith(latenessMicros: number, number: number): Status {
  const histogram = new LatencyHistogram();
  histogram.record(latenessMicros);
  const counters = [
    { phase: 0, due: number, sent: number, accepted: 0, rejected: 0, unanswered: 0, shed: 0, cancelled: 0 },
  ];
  const intervalHistograms = { lateness: histogram.encode(), answerIntended: null, answerService: null };
  return { epoch: 1, number, counters, intervalHistograms } as unknown as Status;
}

test("durations are of everything since the start, while a tick's are of the time since the one before", () => {
  const figures = new LiveFigures();
  figures.addStatus("b", statusWith(1000, 1));
  expect(figures.tick(1e6, figures.totals(10, 0)).latenessP99Micros).toBe(1000);
  figures.addStatus("b", statusWith(200_000, 2));
  const counted = (): number => figures.durations.lateness.counts.reduce((sum, count) => sum + count, 0);
  expect(counted()).toBe(2);
  expect(figures.tick(2e6, figures.totals(10, 0)).latenessP99Micros).toBeGreaterThan(190_000);
  expect(counted()).toBe(2);
  expect(figures.durations.lateness.sumSeconds).toBeCloseTo(0.201, 2);
  expect(figures.latenessP99Micros).toBeGreaterThan(190_000);
  expect(figures.tick(3e6, figures.totals(10, 0)).latenessP99Micros).toBeNull();
});
