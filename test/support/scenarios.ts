import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

/** A short run on the embedded network, to be changed where a test needs something else. */
export function shortScenario(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: "short",
    question: "Does the whole chain of parts work?",
    chain: "bitshares",
    network: { embedded: { nodes: 3, blockInterval: "1s" } },
    accounts: { count: 20, balance: "1000000 BTS" },
    seed: 7,
    beacons: { count: 2 },
    workload: {
      operationsPerTransaction: 1,
      mix: { transfer: 60, limit_order_create: 30, limit_order_cancel: 10 },
      route: "equal",
    },
    phases: [
      { name: "warm-up", rate: "20 tx/s", for: "1s", measure: false },
      { name: "hold", rate: "100 tx/s", for: "4s" },
    ],
    drain: "20s",
    thresholds: { "hold.included.share": ">= 99 %" },
    ...changes,
  };
}

/** With this a machine that stalls sends late and sheds nothing, where what is sent matters and not when. */
export const sentHoweverLate = { shedAfter: "60s" };

export async function writeScenario(folder: string, scenario: Record<string, unknown>): Promise<string> {
  const path = join(folder, "scenario.yaml");
  await writeFile(path, stringify(scenario));
  return path;
}
