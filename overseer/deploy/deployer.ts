import type { Deployment } from "./deployment.ts";

/** What is said while something is being done, for a person. */
export type Tell = (text: string) => void;

export interface DeployContext {
  readonly signal: AbortSignal;
  readonly tell: Tell;
}

/** Something in an engine that a deployment has made. */
export interface Resource {
  readonly kind: "service" | "container" | "secret" | "network" | "volume";
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What an engine has of one deployment. */
export interface Holding {
  readonly deployment: string;
  readonly resources: readonly Resource[];
}

/** One container or task of a deployment. */
export interface PartStatus {
  readonly name: string;
  readonly role: string;
  readonly image: string;
  /** As the engine names it: running, restarting, exited … */
  readonly state: string;
  /** What the engine says besides: for how long, health, why it ended. */
  readonly detail: string;
  /** The machine that it runs on, where there are several. */
  readonly node: string | null;
}

/**
 * Why what is there of a deployment must not be swept. `complete`: it was meant to stay; `owned`: the process that makes
 * or holds it lives; `foreign`: that process is, or was, on another machine; `tasks`: they are a swarm's that another
 * engine manages, and it knows whether they are wanted.
 */
export type ReasonToKeep = "complete" | "owned" | "foreign" | "tasks";

/** What is not a container, task or service of its own: kept for them, or left by them. */
export const restKinds = ["network", "volume", "secret"] as const;

/** What there is of a deployment: everything that takes part in it and can be removed. */
export interface DeploymentStatus {
  readonly name: string;
  readonly mode: Deployment["mode"];
  /** False while it is being set up, and for what a failed or killed set-up has left. */
  readonly complete: boolean;
  /** Why `sweep` leaves it alone, as `ReasonToKeep`; null: it was left behind. */
  readonly kept: ReasonToKeep | null;
  readonly parts: readonly PartStatus[];
  /** How many there are besides, by kind. */
  readonly rest: Readonly<Record<(typeof restKinds)[number], number>>;
}

export function isRunning({ state }: PartStatus): boolean {
  return state === "running";
}
