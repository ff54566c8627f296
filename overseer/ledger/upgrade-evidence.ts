import { capacitySchema } from "../../shared/scenario/capacity-schema.ts";
import type { Phase, Scenario } from "../../shared/scenario/scenario.ts";
import type { BeaconRecord, BlockRecord, RunManifest } from "./evidence.ts";

/** Raised when a program that knows only the version before would misread what is written. */
export const evidenceVersion = 2;
export const oldestEvidenceVersion = 1;

type Loose<T> = { readonly [K in keyof T]?: unknown };

/**
 * A manifest of any version that is read, as one of now: what was not written down then has the value that programs of
 * then went by. Versions have not been counted before the second, so of the first any of it may be missing.
 */
export function upgradeManifest(manifest: RunManifest): RunManifest {
  if (manifest.schemaVersion === evidenceVersion) return manifest;
  const { vocabulary, network, scenario, beacons } = manifest as RunManifest & {
    readonly vocabulary: Loose<RunManifest["vocabulary"]> & { readonly coreSymbol?: string };
  };
  return {
    ...manifest,
    schemaVersion: evidenceVersion,
    vocabulary: { ...vocabulary, blockUsage: vocabulary.blockUsage ?? [] },
    network: {
      ...network,
      // It belonged to the chain once.
      coreSymbol: network.coreSymbol ?? vocabulary.coreSymbol ?? "",
      blockLimits: network.blockLimits ?? {},
    },
    scenario: upgradeScenario(scenario),
    beacons: beacons.map((beacon: BeaconRecord) => ({ ...beacon, clockAtEnd: beacon.clockAtEnd ?? null })),
  };
}

function upgradeScenario(scenario: Scenario): Scenario {
  const { beacons, workload } = scenario;
  return {
    ...scenario,
    beacons: { ...beacons, signingWindowMicros: beacons.signingWindowMicros ?? null },
    workload: { ...workload, popularity: workload.popularity ?? { kind: "uniform" } },
    phases: scenario.phases.map(upgradePhase),
    // Any lost beacon ended the run.
    onBeaconLost: scenario.onBeaconLost ?? "fail",
    capacity: scenario.capacity ?? capacitySchema.parse({}),
  };
}

function upgradePhase(phase: Phase): Phase {
  const { load } = phase;
  if (load.kind !== "paced") return phase;
  return { ...phase, load: { ...load, arrivals: load.arrivals ?? { kind: "even" } } };
}

export function upgradeBlock(block: BlockRecord): BlockRecord {
  return block.usage === undefined ? { ...block, usage: {} } : block;
}
