import { cpus } from "node:os";
import type { Hello } from "../../shared/protocol/messages.ts";
import type { BeaconsRequest } from "./run-request.ts";

/** What a beacon has of its machine's processors. */
export interface Processors {
  /** With which it signs before the run. */
  readonly threads: number;
  /** While it sends it signs with one thread: the part of a processor that is left for it. */
  readonly meanwhile: number;
}

type Host = Pick<Hello["host"], "hostname" | "cpus">;

/** More than machines have. */
const mostProcessors = 1024;

/**
 * For each beacon that has come, by what it says of its machine. Those that run where the network and the overseer do share
 * that machine's processors; others leave one of theirs for the rest, and share them with those that say the same host's
 * name. `wanted`: threads that the scenario asks for, whatever there is.
 */
export function shareProcessors(
  beacons: BeaconsRequest,
  hosts: readonly Host[],
  wanted: number | null,
): readonly Processors[] {
  const apart = areApart(beacons);
  return hosts.map(({ hostname }) => {
    const machine = hosts.filter((host) => !apart || host.hostname === hostname);
    const processors = Math.min(...machine.map((host) => host.cpus));
    const each = Math.floor((apart ? processors - 1 : processors) / machine.length);
    return { threads: wanted ?? Math.max(1, each), meanwhile: Math.min(1, processors / machine.length) };
  });
}

/** Before it is known who comes: of other machines nothing is known, so nothing is held against them. */
export function foreseeProcessors(beacons: BeaconsRequest, wanted: number | null): Processors {
  if (areApart(beacons)) return { threads: wanted ?? mostProcessors, meanwhile: 1 };
  const host = { hostname: "", cpus: cpus().length };
  const [first] = shareProcessors(beacons, new Array<Host>(beacons.count).fill(host), wanted);
  return first as Processors;
}

function areApart(beacons: BeaconsRequest): boolean {
  return beacons.kind === "remote" || (beacons.kind === "standing" && !beacons.shareMachine);
}
