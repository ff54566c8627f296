import type Docker from "dockerode";
import type { Holding } from "./deployer.ts";
import { asking } from "./engine.ts";
import { isTask } from "./labels.ts";

/** The last lines of what a container has said, both streams in their order. */
export async function readLogs(container: Docker.Container, lines: number): Promise<string> {
  const bytes = await asking(
    "cannot read logs",
    container.logs({ follow: false, stdout: true, stderr: true, tail: lines }),
  );
  return unframed(bytes);
}

/** The last lines of each part of a deployment; of a swarm's services also of what ran on other machines. */
export async function deploymentLogs(
  engine: Docker,
  { resources }: Holding,
  lines: number,
): Promise<{ readonly name: string; readonly text: string }[]> {
  const services = resources.filter(({ kind }) => kind === "service");
  const containers = resources.filter(({ kind, labels }) => kind === "container" && !isTask(labels));
  return Promise.all([
    ...containers.map(async ({ id, name }) => ({ name, text: await readLogs(engine.getContainer(id), lines) })),
    ...services.map(async ({ id, name }) => {
      const wanted = { follow: false, stdout: true, stderr: true, tail: lines } as const;
      const answer = await asking("cannot read logs", engine.getService(id).logs(wanted));
      return { name, text: unframed(answer as unknown as Buffer) };
    }),
  ]);
}

const headerBytes = 8;

/**
 * Text of an engine's log: frames of a header (stream, three zero bytes, length big-endian) and a body.
 * https://docs.docker.com/engine/api, "Stream format" of ContainerAttach
 */
export function unframed(bytes: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const end = at + headerBytes + bytes.readUInt32BE(at + 4);
    parts.push(bytes.subarray(at + headerBytes, end));
    at = end;
  }
  return Buffer.concat(parts).toString("utf8");
}
