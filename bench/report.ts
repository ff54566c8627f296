import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeSyntheticRun, writeSyntheticRun } from "../overseer/reporting/testing/synthetic-run.ts";
import type { BenchResult } from "./bench-result.ts";

const limitSeconds = 20;
const limitBytes = 1024 ** 3;

/** The report of a run of one million transactions, against its limits in time and memory. */
export async function benchReport(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), "bench-report-"));
  try {
    await writeSyntheticRun(folder, millionTransactions());
    const { seconds, peakBytes, cpuSeconds, transactions } = await reportInOwnProcess(folder);
    const detail = `${transactions.toLocaleString("en")} transactions in ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of processor time), at most ${(peakBytes / 2 ** 20).toFixed(0)} MiB`;
    return [
      {
        name: "limit of 20 s against the report of a million transactions",
        ratio: limitSeconds / seconds,
        goal: 1,
        detail,
      },
      { name: "limit of 1 GiB against its memory", ratio: limitBytes / peakBytes, goal: 1, detail },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** With everything that makes rows different: rejections, a stall, broken connections, a fork and a lost beacon. */
function millionTransactions() {
  return makeSyntheticRun({
    phases: [
      { name: "warm-up", seconds: 10, fromPerSecond: 500, toPerSecond: 500, measured: false },
      { name: "climb", seconds: 300, fromPerSecond: 500, toPerSecond: 2500 },
      { name: "hold", seconds: 300, fromPerSecond: 1820, toPerSecond: 1820 },
    ],
    capacityPerSecond: 2400,
    stall: [100, 100.3],
    connectionsLostAt: 200,
    orphanAt: 250,
    beaconLostAt: 600,
  });
}

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly transactions: number;
}

/** Because what made the run has grown this process already. */
async function reportInOwnProcess(folder: string): Promise<Measured> {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const module = new URL(`../overseer/reporting/make-report.${extension}`, import.meta.url).href;
  const script = `
    const { makeReport } = await import(${JSON.stringify(module)});
    const begun = performance.now();
    const summary = await makeReport(${JSON.stringify(folder)});
    const seconds = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage();
    const transactions = summary.phases.reduce((sum, phase) => sum + phase.counts.planned, 0);
    console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, transactions, peakBytes: process.resourceUsage().maxRSS * 1024 }));`;
  const child = spawn(process.execPath, [...process.execArgv, "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`the report's process ended with ${code}`);
  return JSON.parse(output) as Measured;
}
