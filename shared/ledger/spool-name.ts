import { createHash } from "node:crypto";

/** A run's id comes from outside and becomes part of a path: only harmless characters of it, made unique by a digest. */
export function spoolNameOf(runId: string, epoch: number): string {
  return `${spoolPrefixOf(runId)}${epoch}`;
}

/** What the spools of all of a run's assignments begin with. */
export function spoolPrefixOf(runId: string): string {
  const digest = createHash("sha256").update(runId).digest("hex").slice(0, 8);
  return `${runId.replace(/[^A-Za-z0-9_-]/g, "-").slice(0, 80)}-${digest}-`;
}
