import type { BenchResult } from "./bench-result.ts";
import { benchBroadcast } from "./broadcast.ts";
import { benchDevnet } from "./devnet.ts";
import { benchHttpBroadcast } from "./http-broadcast.ts";
import { benchMemory } from "./memory.ts";
import { benchOverseer } from "./overseer.ts";
import { benchPacing } from "./pacing.ts";
import { benchPrepare } from "./prepare.ts";
import { benchReport } from "./report.ts";
import { benchSendPath } from "./send-path.ts";

/**
 * `npm run bench [NAME…]`: measures the built programs and prints each result as a ratio to what it is held against;
 * at or above its goal is good. Exits with 1 when a goal is missed.
 */
const benches: Readonly<Record<string, () => BenchResult[] | Promise<BenchResult[]>>> = {
  prepare: benchPrepare,
  memory: benchMemory,
  "send-path": benchSendPath,
  broadcast: benchBroadcast,
  "http-broadcast": benchHttpBroadcast,
  pacing: benchPacing,
  devnet: benchDevnet,
  overseer: benchOverseer,
  report: benchReport,
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(benches);
const unknown = wanted.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}`);
  process.exitCode = 2;
} else {
  let missed = 0;
  for (const name of wanted) {
    for (const result of (await benches[name]?.()) ?? []) {
      const met = result.ratio >= result.goal;
      if (!met) missed++;
      console.log(
        `${met ? "met   " : "MISSED"} ${result.name}: ${result.ratio.toPrecision(3)} × (goal ${result.goal} ×)`,
      );
      console.log(`       ${result.detail}`);
    }
  }
  process.exitCode = missed === 0 ? 0 : 1;
}
