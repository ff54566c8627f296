import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { extract } from "tar-stream";
import { messageOf } from "../../shared/errors/app-error.ts";
import { spoolPrefixOf } from "../../shared/ledger/spool-name.ts";
import { withDeadline } from "../../shared/time/wait.ts";
import { writeAtomically } from "../ledger/write-atomically.ts";
import { listContainers, stopSeconds, storagePath } from "./containers.ts";
import { asking } from "./engine.ts";
import { labelNames, taskIdOf } from "./labels.ts";
import { beaconTasksEver, type SwarmTask } from "./swarm.ts";

export interface SpoolsWanted {
  readonly runId: string;
  /** Their names in the run. */
  readonly beacons: readonly string[];
  /** What each of them had is put into a folder of its name below it. */
  readonly folder: string;
  /** The containers are to be there for other runs. */
  readonly stay: boolean;
}

export interface KeptSpool {
  readonly beacon: string;
  readonly chunks: number;
  /** Why there may be more that was not to be had; empty: there is none. */
  readonly missed: readonly string[];
}

/** Where what a beacon has written may lie: it may have been started anew, in another container or on another machine. */
export interface SpoolPlaces {
  /** Ids of containers of this engine. */
  readonly containers: readonly string[];
  readonly missed: readonly string[];
}

interface FoundContainer {
  readonly Id: string;
  readonly Labels: Readonly<Record<string, string>>;
}

const timeoutMs = 60_000;
const harmless = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,200}$/;

/**
 * Copies what beacons of a deployment have of a run's ledger and could not hand in any more. Nothing of it fails: what
 * was not to be had is told.
 */
export async function keepSpools(
  engine: Docker,
  deployment: { readonly name: string; readonly namePrefix: string },
  { runId, beacons, folder, stay }: SpoolsWanted,
): Promise<readonly KeptSpool[]> {
  const late = (): Error => new Error("the engine does not hand it over");
  try {
    const look = Promise.all([
      listContainers(engine, deployment.name, "beacon"),
      beaconTasksEver(engine, deployment.name),
    ]);
    const [containers, { tasks, ownNode }] = await withDeadline(look, { timeoutMs, onTimeout: late });
    const keep = async (beacon: string): Promise<KeptSpool> => {
      const number = Number(beacon.slice(`${deployment.namePrefix}-`.length));
      const places = placesOf(number, { containers, tasks, ownNode });
      const missed = [...places.missed];
      let chunks = 0;
      for (const id of places.containers) {
        const isTask = taskIdOf(containers.find(({ Id }) => Id === id)?.Labels ?? {}) !== null;
        const target = { prefix: spoolPrefixOf(runId), folder: join(folder, beacon, id.slice(0, 12)) };
        const copied = isTask
          ? copySpool(engine.getContainer(id), target)
          : withStopped(engine.getContainer(id), stay, (container) => copySpool(container, target));
        try {
          chunks += await withDeadline(copied, { timeoutMs, onTimeout: late });
        } catch (error) {
          missed.push(messageOf(error));
        }
      }
      return { beacon, chunks, missed };
    };
    return await Promise.all(beacons.map(keep));
  } catch (error) {
    return beacons.map((beacon) => ({ beacon, chunks: 0, missed: [messageOf(error)] }));
  }
}

/** Of the beacon of a number. Without `tasks` it is no swarm's. */
export function placesOf(
  number: number,
  there: {
    readonly containers: readonly FoundContainer[];
    readonly tasks: readonly SwarmTask[];
    readonly ownNode: string | null;
  },
): SpoolPlaces {
  const tasks = there.tasks.filter(({ Slot }) => Slot === number);
  const own = there.containers.filter(({ Labels }) => {
    const task = taskIdOf(Labels);
    return task === null ? Labels[labelNames.index] === String(number) : tasks.some(({ ID }) => ID === task);
  });
  const began = tasks.filter(({ Status }) => (Status.ContainerStatus?.ContainerID ?? "") !== "");
  const missed = began.flatMap(({ ID, NodeID, Status }) => {
    if (NodeID !== there.ownNode)
      return [`it ran on another machine of the swarm (node ${NodeID}), whose engine was not asked`];
    return own.some(({ Labels }) => taskIdOf(Labels) === ID)
      ? []
      : [`its container ${Status.ContainerStatus?.ContainerID?.slice(0, 12)} is gone`];
  });
  if (own.length === 0 && missed.length === 0) missed.push("its container is gone");
  return { containers: own.map(({ Id }) => Id), missed: [...new Set(missed)] };
}

/** Once it is told to end, a beacon writes down all that it knows, and nothing any more after that. */
async function withStopped<T>(
  container: Docker.Container,
  stay: boolean,
  work: (container: Docker.Container) => Promise<T>,
): Promise<T> {
  const { State } = await asking("cannot look at a beacon", container.inspect());
  // What it says at a stop is of no interest: most have ended.
  await container.stop({ t: stopSeconds }).catch(() => undefined);
  try {
    return await work(container);
  } finally {
    if (stay && State.Running) await asking("cannot start a beacon again", container.start());
  }
}

async function copySpool(
  container: Docker.Container,
  target: { readonly prefix: string; readonly folder: string },
): Promise<number> {
  const archive = await asking("cannot read what a beacon left", container.getArchive({ path: storagePath }));
  return copyChunks(archive, target);
}

/**
 * Chunks of the ledger only, whole ones, each in a folder of its own spool, whose name begins with `prefix`: an archive
 * may hold anything, or break off. Returns how many there were.
 */
export async function copyChunks(
  archive: NodeJS.ReadableStream,
  { prefix, folder }: { readonly prefix: string; readonly folder: string },
): Promise<number> {
  const entries = extract();
  let chunks = 0;
  entries.on("entry", ({ name, type }, content, next) => {
    const [spool, file] = [basename(dirname(name)), basename(name)];
    const isChunk = type === "file" && file.endsWith(".chunk") && spool.startsWith(prefix);
    if (!isChunk || ![spool, file].every((part) => harmless.test(part))) {
      content.on("end", next).resume();
      return;
    }
    const path = join(folder, spool, file);
    mkdir(dirname(path), { recursive: true })
      .then(async () => writeAtomically(path, await buffer(content)))
      .then(() => {
        chunks++;
        next();
      }, next);
  });
  await pipeline(archive, entries);
  return chunks;
}
