import { randomBytes } from "node:crypto";
import { AppError } from "../../shared/errors/app-error.ts";
import { release } from "../../shared/release.ts";
import { labelledInTurn, ruleOf } from "../../shared/scenario/deal-shares.ts";
import { labelsText } from "../../shared/scenario/labels.ts";
import type { ShareRule } from "../../shared/scenario/scenario.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import type { RunDeployment } from "../deploy/run-deployment.ts";
import { evidencePaths } from "../ledger/evidence-files.ts";
import { BeaconGateway } from "../server/beacon-gateway.ts";
import type { BeaconSession } from "../server/beacon-session.ts";
import { joinCommands } from "../server/join-command.ts";
import { LocalBeacons } from "./local-beacons.ts";
import type { RunContext } from "./run-context.ts";
import { type BeaconsRequest, beaconNamesOf } from "./run-request.ts";

export interface GatherEvents {
  onArrival(session: BeaconSession): void;
  /** Of a beacon on this machine. */
  onExit(name: string, how: string): void;
}

const localBeaconTimeoutMs = 30_000;
/** They run already; on a busy machine twenty that start at once need most of a minute to begin. */
const deployedBeaconTimeoutMs = 120_000;

/**
 * Opens the door for beacons, starts those of this machine, and returns when as many as wanted are there, in the order of
 * their names. Throws BEACON_LOST when they are not in time.
 */
export async function gatherBeacons(
  context: RunContext,
  deployment: RunDeployment | null,
  events: GatherEvents,
): Promise<readonly BeaconSession[]> {
  const { request, scenario, clock, progress, teardown } = context;
  const { beacons } = request;
  const remote = beacons.kind === "remote" ? beacons : null;
  const token = remote?.door.token ?? randomBytes(24).toString("base64url");
  const gateway = new BeaconGateway(remote?.door ?? { ...(await ownDoor(beacons, deployment)), token, tls: null }, {
    clock,
    onArrival: (session) => {
      tellArrival(context, session);
      events.onArrival(session);
    },
    onRefusal: (name, cause) => context.tell("beacon", "warning", name, `was refused: ${cause}`),
  });
  const url = await gateway.listen();
  teardown.defer("close the door for beacons", () => gateway.close());
  const exits: string[] = [];
  if (beacons.kind === "deployed") {
    const labelled = labelledInTurn(beaconNamesOf(beacons), scenario.beacons.shares);
    await deployment?.startBeacons({
      ...beacons,
      overseerUrl: url,
      token,
      ownLabels: labelled.map(({ labels }) => labels),
    });
  } else if (remote === null) {
    startLocalBeacons(context, { url, token }, (name, how) => {
      exits.push(`${name} ${how}`);
      events.onExit(name, how);
    });
  } else {
    progress.fact("Waiting", `for ${beacons.count} ${beacons.count === 1 ? "beacon" : "beacons"}; join one with`);
    for (const { label, command } of joinCommands(url, remote.door)) progress.copyable(label, command);
  }
  await waitUntil(
    () => {
      if (exits.length > 0) throw new AppError("BEACON_LOST", `beacon ${exits[0]}`);
      return gateway.sessions.size >= beacons.count;
    },
    {
      timeoutMs: remote?.waitMs ?? (beacons.kind === "deployed" ? deployedBeaconTimeoutMs : localBeaconTimeoutMs),
      signal: context.beforeStart,
      onTimeout: () =>
        new AppError("BEACON_LOST", `${gateway.sessions.size} of ${beacons.count} beacons came within the time`),
    },
  );
  const sessions = chooseBeacons([...gateway.sessions.values()], beacons.count, scenario.beacons.shares);
  progress.fact("Beacons", `${sessions.length} of ${beacons.count} ready (${sessions.map(nameAndLabels).join(", ")})`);
  return sessions;
}

/** Of beacons that the overseer starts itself. */
async function ownDoor(
  beacons: BeaconsRequest,
  deployment: RunDeployment | null,
): Promise<{ readonly host: string; readonly port: number }> {
  if (beacons.kind !== "deployed" || deployment === null) return { host: "127.0.0.1", port: 0 };
  return beacons.listen ?? { host: await deployment.gatewayAddress(beacons.wanted.mode), port: 0 };
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
  if (version === release) return;
  const text = `is of release ${version}, the overseer of ${release}; they speak the same protocol`;
  context.tell("beacon", "warning", session.name, text);
}

function nameAndLabels({ name, hello }: BeaconSession): string {
  const labels = labelsText(hello.labels);
  return labels === "" ? name : `${name} ${labels}`;
}
