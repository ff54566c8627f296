import type { ChainDriver } from "../../shared/chains/driver.ts";
import type { ExitName } from "../../shared/errors/exit-codes.ts";
import type { DeployWanted, Scenario } from "../../shared/scenario/scenario.ts";
import type { Clock } from "../../shared/time/clock.ts";
import type { EngineAddress } from "../deploy/engine-address.ts";
import type { KeptSpool, SpoolsWanted } from "../deploy/keep-spools.ts";
import type { RunManifest } from "../ledger/evidence.ts";
import type { BeaconGateway, GatewayOptions } from "../server/beacon-gateway.ts";
import type { DoorOptions } from "../server/door.ts";
import type { JoinFacts } from "../server/join-command.ts";
import type { RunProgress } from "./progress.ts";
import type { RunWatch } from "./run-watch.ts";

export interface RunRequest {
  readonly scenario: Scenario;
  readonly scenarioPath: string;
  readonly scenarioText: string;
  /** As typed. */
  readonly command: readonly string[];
  readonly runId: string;
  readonly runFolder: string;
  readonly beacons: BeaconsRequest;
  readonly allowedMainNetwork: string | null;
  readonly tool: RunManifest["tool"];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Asked only where the scenario wants something of it. */
  readonly engine: EngineAddress;
  /** First Ctrl-C: ends the sending, not the run. Aborted with the AppError STOPPED. */
  readonly stop: AbortSignal;
  /** Second Ctrl-C: ends everything at once. */
  readonly kill: AbortSignal;
}

export type BeaconsRequest =
  | { readonly kind: "local"; readonly count: number }
  | ({ readonly kind: "remote" } & RemoteBeacons)
  /** In containers that the run starts. */
  | {
      readonly kind: "deployed";
      readonly count: number;
      readonly wanted: DeployWanted;
      /** Where to listen for them; null: on the address of this machine in their own network. */
      readonly listen: DeployedDoor | null;
    }
  /** Some of those that stay at a door between runs. */
  | {
      readonly kind: "standing";
      readonly count: number;
      readonly gateway: BeaconGateway;
      readonly waitMs: number;
      /** Whether one machine's cores are all they have. */
      readonly shareMachine: boolean;
      /** Null: their disks cannot be come at from here. */
      readonly keepSpools: KeepSpools | null;
    };

/** Fetches what beacons that are gone have left on their disks. */
export type KeepSpools = (wanted: Omit<SpoolsWanted, "stay">) => Promise<readonly KeptSpool[]>;

/** A given address, which deployed beacons dial. */
export interface DeployedDoor extends DoorOptions {
  /** PEM of the certificate that they are to trust; null: those that they know by themselves. */
  readonly authority: string | null;
}

/** Beacons of other machines, which dial in. */
export interface RemoteBeacons {
  readonly count: number;
  readonly door: DoorRequest;
  readonly waitMs: number;
}

export interface DoorRequest extends GatewayOptions {
  /** What the command needs to say that joins a beacon. */
  readonly join: JoinFacts;
}

export interface RunDependencies {
  readonly driver: ChainDriver;
  readonly progress: RunProgress;
  readonly clock: Clock;
  /** For those who look at the run while it goes on. */
  readonly watch: RunWatch;
}

/** How a run ended, before its report. */
export interface RunResult {
  readonly exitName: ExitName;
  /** What ended it early, for the user. */
  readonly error: unknown;
  /** False when it ended so early that there is nothing to report. */
  readonly reportable: boolean;
  /** Steps of the clearing up that failed. */
  readonly leftovers: readonly string[];
}

export function beaconNamesOf(beacons: BeaconsRequest): string[] {
  const prefix = beacons.kind === "local" ? "local" : "beacon";
  return Array.from({ length: beacons.count }, (_, i) => `${prefix}-${i + 1}`);
}
