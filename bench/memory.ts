import { fork } from "node:child_process";
import { once } from "node:events";
import type { PreparedReport } from "../shared/protocol/messages.ts";
import type { BenchResult } from "./bench-result.ts";
import { startSink } from "./local-run.ts";

const limitBytes = 350;
const transactionsForMemory = 500_000;
/** Enough for the third of a second that threads take to start and to warm up to be a few hundredths of the whole. */
const transactionsForSpeed = 250_000;
const rounds = 2;

/** What a prepared transaction costs a beacon, its outcome's columns included, and what a second signing thread gains. */
export async function benchMemory(): Promise<BenchResult[]> {
  const sink = await startSink();
  try {
    const whole = await prepareApart(sink.endpoint, transactionsForMemory, 2);
    const bytes = (whole.residentBytesAfter - whole.residentBytesBefore) / whole.transactions;
    // The best of each: what others do on the machine takes from two threads what it does not take from one.
    const rate = { one: 0, two: 0 };
    for (let round = 0; round < rounds; round++) {
      rate.one = Math.max(rate.one, perSecond(await prepareApart(sink.endpoint, transactionsForSpeed, 1)));
      rate.two = Math.max(rate.two, perSecond(await prepareApart(sink.endpoint, transactionsForSpeed, 2)));
    }
    return [
      {
        name: "limit of 350 bytes to what a prepared transfer takes",
        ratio: limitBytes / bytes,
        goal: 1,
        detail: `${bytes.toFixed(0)} bytes resident for each of ${whole.transactions}; prepared in ${whole.seconds.toFixed(1)} s`,
      },
      {
        name: "two signing threads against one",
        ratio: rate.two / rate.one,
        goal: 1.8,
        detail: `${rate.two.toFixed(0)}/s against ${rate.one.toFixed(0)}/s, thread start included`,
      },
    ];
  } finally {
    sink.close();
  }
}

function perSecond(report: PreparedReport): number {
  return report.transactions / report.seconds;
}

async function prepareApart(endpoint: string, transactions: number, threads: number): Promise<PreparedReport> {
  const child = fork(new URL("./memory-process.js", import.meta.url), [
    String(transactions),
    endpoint,
    String(threads),
  ]);
  const [report] = (await once(child, "message")) as [PreparedReport];
  return report;
}
