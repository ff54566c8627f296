import { cpus, hostname, totalmem } from "node:os";
import type { RunEnding, RunManifest, TakeoverRecord, WindowRecord } from "../ledger/evidence.ts";
import { evidenceVersion } from "../ledger/upgrade-evidence.ts";
import type { Assignments } from "./assignments.ts";
import type { RunContext } from "./run-context.ts";
import type { RunSetting } from "./run-setting.ts";

/** What the manifest tells of a run besides what was known from the start. */
export interface ManifestFacts {
  readonly setting: RunSetting;
  readonly assignments: Assignments;
  readonly windows: readonly WindowRecord[];
  readonly takeovers: readonly TakeoverRecord[];
  readonly ending: RunEnding | null;
}

/** Writes down all that is known of the run by now; replaces what was written before. */
export async function writeManifest(context: RunContext, facts: ManifestFacts): Promise<void> {
  const { request, driver, evidence, plan, startedAt, start, scenario } = context;
  const { setting, assignments, windows, takeovers, ending } = facts;
  const manifest: RunManifest = {
    schemaVersion: evidenceVersion,
    runId: request.runId,
    tool: request.tool,
    command: request.command,
    scenarioPath: request.scenarioPath,
    scenarioText: request.scenarioText,
    scenario,
    vocabulary: driver.vocabulary,
    network: setting.network,
    plan,
    cost: setting.cost,
    startedAt,
    t0WallMillis: start?.wallMillis ?? null,
    host: {
      hostname: hostname(),
      cpuModel: cpus()[0]?.model ?? "unknown",
      cpus: cpus().length,
      memoryBytes: totalmem(),
    },
    beacons: assignments.records(start?.micros ?? null),
    windows,
    takeovers,
    ending,
  };
  await evidence.writeManifest(manifest);
}
