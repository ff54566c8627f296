import { randomBytes } from "node:crypto";
import { labelledInTurn } from "../../shared/scenario/deal-shares.ts";
import type { Scenario } from "../../shared/scenario/scenario.ts";
import type { Teardown } from "../../shared/time/teardown.ts";
import type { RunDeployment } from "../deploy/run-deployment.ts";
import { BeaconGateway, type GatewayDependencies } from "../server/beacon-gateway.ts";
import { type BeaconsRequest, beaconNamesOf } from "./run-request.ts";

/** They run already; on a busy machine twenty that start at once need most of a minute to begin. */
export const deployedBeaconTimeoutMs = 120_000;

export type DeployedRequest = Extract<BeaconsRequest, { kind: "deployed" }>;

/** Opens a door that only beacons of this deployment have the token of, and starts them. */
export async function openDeployedDoor(
  { beacons, scenario, deployment }: DeployedParts,
  dependencies: GatewayDependencies,
  teardown: Teardown,
): Promise<BeaconGateway> {
  const token = randomBytes(24).toString("base64url");
  const door = beacons.listen ?? { host: await deployment.gatewayAddress(beacons.wanted.mode), port: 0, tls: null };
  const gateway = new BeaconGateway({ ...door, token }, dependencies);
  const overseerUrl = await gateway.listen();
  teardown.defer("close the door for beacons", () => gateway.close());
  const ownLabels = labelledInTurn(beaconNamesOf(beacons), scenario.beacons.shares).map(({ labels }) => labels);
  const authority = beacons.listen?.authority ?? null;
  await deployment.startBeacons({ ...beacons, overseerUrl, token, authority, ownLabels });
  return gateway;
}

export interface DeployedParts {
  readonly beacons: DeployedRequest;
  readonly scenario: Scenario;
  readonly deployment: RunDeployment;
}
