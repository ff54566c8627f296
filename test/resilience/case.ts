import { expect } from "@jest/globals";
import type { RunSummary } from "../../overseer/reporting/run-summary.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import type { BenchOptions, Ended, ResilienceBench, Stage } from "../support/resilience-bench.ts";

/** Something that breaks, when it does, and how the run must end. */
export interface Case {
  readonly what: string;
  readonly stage: Stage;
  readonly how: string;
  readonly options?: BenchOptions;
  readonly code: number;
  /** In every `npm test`, not only in the whole matrix. */
  readonly always?: boolean;
  readonly withinMs?: number;
  act(bench: ResilienceBench): Promise<Ended | undefined>;
  check?(summary: RunSummary): void;
}

export const slowSigning = {
  phases: [{ name: "hold", rate: "5000 tx/s", for: "20s" }],
  accounts: { count: 50, balance: "10000000 BTS" },
};
export const longer = { phases: [{ name: "hold", rate: "60 tx/s", for: "20s" }] };

/** Until the overseer has seen that a beacon is lost. */
export async function lost(bench: ResilienceBench): Promise<void> {
  await bench.overseer.says(/is lost: /, 30_000);
}

export function countsOf(summary: RunSummary, beacon: string) {
  const found = summary.breakdowns.byBeacon.find((one) => one.name === beacon);
  if (found === undefined) throw new Error(`nothing of ${beacon}`);
  return found.counts;
}

export async function passes(milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds;
  await waitUntil(() => performance.now() >= until, { timeoutMs: milliseconds + 1000, onTimeout: () => new Error() });
}

export const allSent = ({ overall }: RunSummary): void => expect(overall.counts.sent).toBe(overall.counts.planned);

export function sentSomething(summary: RunSummary): void {
  expect(summary.overall.counts.sent).toBeGreaterThan(100);
  expect(summary.overall.counts.accepted).toBeGreaterThan(100);
}
