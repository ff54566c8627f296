import type { Scenario } from "../../shared/scenario/scenario.ts";
import type { Clock } from "../../shared/time/clock.ts";
import type { Teardown } from "../../shared/time/teardown.ts";
import type { RunDeployment } from "../deploy/run-deployment.ts";
import { deployedBeaconTimeoutMs, openDeployedDoor } from "../run/deployed-door.ts";
import type { BeaconsRequest } from "../run/run-request.ts";

export interface BeaconParts {
  readonly beacons: BeaconsRequest;
  readonly scenario: Scenario;
  readonly deployment: RunDeployment | null;
  readonly clock: Clock;
}

/** Starts those in containers once, for all points; all others are each point's own matter. */
export async function standBeacons(
  { beacons, scenario, deployment, clock }: BeaconParts,
  teardown: Teardown,
): Promise<BeaconsRequest> {
  if (beacons.kind !== "deployed" || deployment === null) return beacons;
  // The point that goes on watches the door itself: what happens at it belongs into that point's events.
  const events = { clock, onArrival: () => undefined, onRefusal: () => undefined };
  const gateway = await openDeployedDoor({ beacons, scenario, deployment }, events, teardown);
  // They share the engine's machine as in a run of their own; of a swarm's other machines nothing is known here.
  const { count } = beacons;
  return {
    ...{ kind: "standing", count, gateway, waitMs: deployedBeaconTimeoutMs, shareMachine: true },
    keepSpools: (wanted) => deployment.keepSpools({ ...wanted, stay: true }),
  };
}
