import type { RunManifest, WindowRecord } from "./evidence.ts";

/** The signing windows of a run in order, without gaps; in a run of an older release, which knew none, all of it is one. */
export function windowsOf(manifest: RunManifest): readonly WindowRecord[] {
  if (manifest.windows !== undefined && manifest.windows.length > 0) return manifest.windows;
  const signed = manifest.beacons.find((beacon) => beacon.baseExpirationSeconds !== null);
  return [
    {
      number: 1,
      epoch: signed?.epoch ?? null,
      firstSequence: 0,
      endSequence: manifest.plan.transactions,
      startMicros: 0,
      baseExpirationSeconds: signed?.baseExpirationSeconds ?? null,
      armed: manifest.t0WallMillis !== null,
    },
  ];
}
