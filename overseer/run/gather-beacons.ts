import { randomBytes } from "node:crypto";
import { AppError } from "../../shared/errors/app-error.ts";
import { release } from "../../shared/release.ts";
import { labelsText } from "../../shared/scenario/labels.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import { evidencePaths } from "../ledger/evidence-files.ts";
import { BeaconGateway } from "../server/beacon-gateway.ts";
import type { BeaconSession } from "../server/beacon-session.ts";
import { joinCommands } from "../server/join-command.ts";
import { LocalBeacons } from "./local-beacons.ts";
import type { RunContext } from "./run-context.ts";
import { beaconNamesOf } from "./run-request.ts";

export interface GatherEvents {
  onArrival(session: BeaconSession): void;
  /** Of a beacon on this machine. */
  onExit(name: string, how: string): void;
}

const localBeaconTimeoutMs = 30_000;

/**
 * Opens the door for beacons, starts those of this machine, and returns when as many as wanted are there, in the order of
 * their names. Throws BEACON_LOST when they are not in time.
 */
export async function gatherBeacons(context: RunContext, events: GatherEvents): Promise<readonly BeaconSession[]> {
  const { request, clock, progress, teardown } = context;
  const { beacons } = request;
  const remote = beacons.kind === "remote" ? beacons : null;
  const token = remote?.door.token ?? randomBytes(24).toString("base64url");
  const gateway = new BeaconGateway(remote?.door ?? { host: "127.0.0.1", port: 0, token, tls: null }, {
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
  if (remote === null) {
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
      timeoutMs: remote?.waitMs ?? localBeaconTimeoutMs,
      signal: context.beforeStart,
      onTimeout: () =>
        new AppError("BEACON_LOST", `${gateway.sessions.size} of ${beacons.count} beacons came within the time`),
    },
  );
  const sessions = [...gateway.sessions.values()].slice(0, beacons.count).sort((a, b) => a.name.localeCompare(b.name));
  progress.fact("Beacons", `${sessions.length} of ${beacons.count} ready (${sessions.map(nameAndLabels).join(", ")})`);
  return sessions;
}

function startLocalBeacons(
  { request, teardown }: RunContext,
  { url, token }: { readonly url: string; readonly token: string },
  onExit: (name: string, how: string) => void,
): void {
  const { folder } = evidencePaths(request.runFolder);
  const local = new LocalBeacons({ names: beaconNamesOf(request.beacons), overseerUrl: url, token, folder }, onExit);
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
