import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Everything that is made in an engine has these, so that it can be found and swept by whoever comes later. */
export const labelNames = {
  deployment: "loadstone.deployment",
  role: "loadstone.role",
  owner: "loadstone.owner",
  index: "loadstone.index",
} as const;

/** `complete` is on a volume without contents: its being there says that the deployment came up and is meant to stay. */
export type Role = "beacon" | "devnet" | "node" | "relay" | "network" | "storage" | "token" | "complete";

export function labelsOf(deployment: string, role: Role, index?: number): Record<string, string> {
  return {
    ...taskLabelsOf(deployment, role),
    [labelNames.owner]: ownerText(process.pid),
    ...(index === undefined ? {} : { [labelNames.index]: String(index) }),
  };
}

/** Without the owner: a swarm replaces all tasks of a service when what it is told about each of them changes. */
export function taskLabelsOf(deployment: string, role: Role): Record<string, string> {
  return { [labelNames.deployment]: deployment, [labelNames.role]: role };
}

/** Of a container that is a swarm's, which makes and removes it with its service; null: it is none. */
export function taskIdOf(labels: Readonly<Record<string, string>>): string | null {
  return labels["com.docker.swarm.task.id"] ?? null;
}

export function isTask(labels: Readonly<Record<string, string>>): boolean {
  return taskIdOf(labels) !== null;
}

/** The engine's filter for what a deployment has, or for what any has. */
export function labelFilter(deployment: string | null, role?: Role): { label: string[] } {
  return {
    label: [
      deployment === null ? labelNames.deployment : `${labelNames.deployment}=${deployment}`,
      ...(role === undefined ? [] : [`${labelNames.role}=${role}`]),
    ],
  };
}

export function resourceName(deployment: string, ...parts: readonly (string | number)[]): string {
  return ["loadstone", deployment, ...parts].join("-");
}

/**
 * Whether the process that made something may still be at it. Another host's processes cannot be seen from here: null.
 */
export function ownerLives(owner: string): boolean | null {
  const [host, pid, started] = owner.split("/");
  if (host !== hostname()) return null;
  return Number(pid) > 0 && startOf(Number(pid)) === started;
}

function ownerText(pid: number): string {
  return `${hostname()}/${pid}/${startOf(pid)}`;
}

/** Ticks from the machine's start to the process's: numbers of processes are used again. Empty where it is gone. */
function startOf(pid: number): string {
  try {
    // The name in parentheses may have spaces; 22nd field of proc(5), the 20th after the name.
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
