import { randomBytes } from "node:crypto";
import { hostname as hostnameHere } from "node:os";
import { AppError } from "../../shared/errors/app-error.ts";
import type { BeaconState } from "../../shared/protocol/messages.ts";
import { release } from "../../shared/release.ts";
import { labelledInTurn, ruleOf } from "../../shared/scenario/deal-shares.ts";
import { labelsText } from "../../shared/scenario/labels.ts";
import type { ShareRule } from "../../shared/scenario/scenario.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import type { RunDeployment } from "../deploy/run-deployment.ts";
import { evidencePaths } from "../ledger/evidence-files.ts";
import { BeaconGateway, type GatewayEvents } from "../server/beacon-gateway.ts";
import type { BeaconSession } from "../server/beacon-session.ts";
import { joinCommands } from "../server/join-command.ts";
import { deployedBeaconTimeoutMs, openDeployedDoor } from "./deployed-door.ts";
import { LocalBeacons } from "./local-beacons.ts";
import type { RunContext } from "./run-context.ts";
import { type BeaconsRequest, beaconNamesOf } from "./run-request.ts";

export interface GatherEvents {
  onArrival(session: BeaconSession): void;
  /** Of a beacon on this machine. */
  onExit(name: string, how: string): void;
}

const localBeaconTimeoutMs = 30_000;

/**
 * Opens the door for beacons, or comes to one that is open, starts those that are the run's own, and returns when as many
 * as wanted are there, in the order of their names. Throws BEACON_LOST when they are not in time.
 */
export async function gatherBeacons(
  context: RunContext,
  deployment: RunDeployment | null,
  events: GatherEvents,
): Promise<readonly BeaconSession[]> {
  const { request, scenario, progress } = context;
  const { beacons } = request;
  const exits: string[] = [];
  const gateway = await comeToDoor(context, deployment, {
    onArrival: (session) => events.onArrival(session),
    onExit: (name, how) => {
      exits.push(`${name} ${how}`);
      events.onExit(name, how);
    },
  });
  const there = (): BeaconSession[] => [...gateway.sessions.values()].filter(isFree);
  await waitUntil(
    () => {
      if (exits.length > 0) throw new AppError("BEACON_LOST", `beacon ${exits[0]}`);
      return there().length >= beacons.count;
    },
    {
      timeoutMs: timeoutMsOf(beacons),
      signal: context.beforeStart,
      onTimeout: () =>
        new AppError(
          "BEACON_LOST",
          `${there().length} of ${beacons.count} beacons came within the time${busyText(gateway)}`,
        ),
    },
  );
  const sessions = chooseBeacons(there(), beacons.count, scenario.beacons.shares);
  progress.fact("Beacons", `${sessions.length} of ${beacons.count} ready (${sessions.map(nameAndLabels).join(", ")})`);
  return sessions;
}

function timeoutMsOf(beacons: BeaconsRequest): number {
  switch (beacons.kind) {
    case "local":
      return localBeaconTimeoutMs;
    case "deployed":
      return deployedBeaconTimeoutMs;
    default:
      return beacons.waitMs;
  }
}

/** Nothing of another run is being sent or waited for: one whose overseer died goes on until its lease runs out. */
function isFree({ connected, status }: BeaconSession): boolean {
  return connected && status !== null && !busyStates.has(status.state);
}

const busyStates: ReadonlySet<BeaconState> = new Set(["armed", "broadcasting", "draining"]);

function busyText({ sessions }: BeaconGateway): string {
  const busy = [...sessions.values()].filter((session) => session.connected && !isFree(session));
  return busy.length === 0 ? "" : `; ${busy.map(({ name }) => name).join(", ")} still had part in another run`;
}

async function comeToDoor(
  context: RunContext,
  deployment: RunDeployment | null,
  events: GatherEvents,
): Promise<BeaconGateway> {
  const { request, scenario, clock, progress, teardown } = context;
  const { beacons } = request;
  const watcher: GatewayEvents = {
    onArrival: (session) => {
      tellArrival(context, session);
      events.onArrival(session);
    },
    onRefusal: (name, cause) => context.tell("beacon", "warning", name, `was refused: ${cause}`),
  };
  if (beacons.kind === "standing") {
    teardown.defer("leave the door to others", beacons.gateway.watch(watcher));
    return beacons.gateway;
  }
  if (beacons.kind === "deployed") {
    if (deployment === null) throw new AppError("INTERNAL", "there is no deployment for the beacons");
    return openDeployedDoor({ beacons, scenario, deployment }, { clock, ...watcher }, teardown);
  }
  const token = beacons.kind === "remote" ? beacons.door.token : randomBytes(24).toString("base64url");
  const options = beacons.kind === "remote" ? beacons.door : { host: "127.0.0.1", port: 0, token, tls: null };
  const gateway = new BeaconGateway(options, { clock, ...watcher });
  const url = await gateway.listen();
  teardown.defer("close the door for beacons", () => gateway.close());
  if (beacons.kind === "local") {
    startLocalBeacons(context, { url, token }, (name, how) => events.onExit(name, how));
  } else {
    progress.fact("Waiting", `for ${beacons.count} ${beacons.count === 1 ? "beacon" : "beacons"}; join one with`);
    for (const { label, command } of joinCommands(url, beacons.door)) progress.copyable(label, command);
  }
  return gateway;
}

/**
 * Of more than are wanted, those that came first, from each of the scenario's shares in turn, so that none goes without;
 * in the order of their names.
 */
function chooseBeacons(
  sessions: readonly BeaconSession[],
  count: number,
  rules: readonly ShareRule[],
): BeaconSession[] {
  const under = (rule: number): BeaconSession[] => sessions.filter(({ hello }) => ruleOf(rules, hello.labels) === rule);
  const groups = rules.map((_, rule) => under(rule));
  const chosen: BeaconSession[] = [];
  while (groups.some((group) => group.length > 0)) chosen.push(...groups.flatMap((group) => group.shift() ?? []));
  return [...chosen, ...under(-1)].slice(0, count).sort((a, b) => a.name.localeCompare(b.name));
}

function startLocalBeacons(
  { request, scenario, teardown }: RunContext,
  { url, token }: { readonly url: string; readonly token: string },
  onExit: (name: string, how: string) => void,
): void {
  const { folder } = evidencePaths(request.runFolder);
  const beacons = labelledInTurn(beaconNamesOf(request.beacons), scenario.beacons.shares);
  const local = new LocalBeacons({ beacons, overseerUrl: url, token, folder }, onExit);
  teardown.defer("end the local beacons", () => local.stop(5000));
  request.kill.addEventListener("abort", () => local.kill(), { once: true });
}

function tellArrival(context: RunContext, session: BeaconSession): void {
  const { hostname, version } = session.hello.host;
  context.tell("beacon", "info", session.name, `joined from ${hostname}`);
  const { network } = context.scenario;
  if (network.kind === "embedded" && network.container === null && hostname !== hostnameHere()) {
    const text =
      "the nodes of an embedded network are on this machine's loopback: another needs a scenario with endpoints";
    context.tell("beacon", "warning", session.name, text);
  }
  if (version === release) return;
  const text = `is of release ${version}, the overseer of ${release}; they speak the same protocol`;
  context.tell("beacon", "warning", session.name, text);
}

function nameAndLabels({ name, hello }: BeaconSession): string {
  const labels = labelsText(hello.labels);
  return labels === "" ? name : `${name} ${labels}`;
}
