import { codeOfOutcome } from "../shared/chains/outcome.ts";
import { transactionsIn } from "../shared/scenario/load-profile.ts";
import type { BenchResult } from "./bench-result.ts";
import { LocalRun, startSink } from "./local-run.ts";

const rates = [1000, 5000];
const medianLimitMicros = 500;
const p99LimitMicros = 3000;

/** How exactly a beacon keeps its schedule: the number sent, and how late each was. */
export async function benchPacing({ seconds = 30 }: { readonly seconds?: number } = {}): Promise<BenchResult[]> {
  const sink = await startSink();
  try {
    const results: BenchResult[] = [];
    for (const perSecond of rates) results.push(...(await benchRate(sink.endpoint, perSecond, seconds)));
    return results;
  } finally {
    sink.close();
  }
}

async function benchRate(endpoint: string, perSecond: number, seconds: number): Promise<BenchResult[]> {
  const durationMicros = seconds * 1e6;
  const segments = [{ durationMicros, fromPerSecond: perSecond, toPerSecond: perSecond }];
  const transactions = transactionsIn(segments);
  const { outcomes, cpuCores } = await LocalRun.perform({
    endpoint,
    load: { kind: "paced", segments },
    durationMicros,
    transactions,
    signingThreads: 2,
  });
  const accepted = codeOfOutcome("accepted");
  const lateness: number[] = [];
  for (const { outcome, due, sent } of outcomes) {
    for (let i = 0; i < outcome.length; i++) {
      if (outcome[i] === accepted) lateness.push((sent[i] as number) - (due[i] as number));
    }
  }
  lateness.sort((a, b) => a - b);
  const at = (share: number): number =>
    lateness[Math.min(lateness.length - 1, Math.floor(lateness.length * share))] ?? Number.NaN;
  const detail = `${lateness.length} of ${transactions} sent, lateness median ${at(0.5).toFixed(0)} µs, p99 ${at(0.99).toFixed(0)} µs, greatest ${at(1).toFixed(0)} µs; ${cpuCores.toFixed(2)} cores`;
  const name = `pacing at ${perSecond} tx/s for ${seconds} s`;
  return [
    { name: `${name}: sent and answered`, ratio: lateness.length / transactions, goal: 1, detail },
    { name: `${name}: limit of 0.5 ms to median lateness`, ratio: medianLimitMicros / at(0.5), goal: 1, detail },
    { name: `${name}: limit of 3 ms to p99 lateness`, ratio: p99LimitMicros / at(0.99), goal: 1, detail },
  ];
}
