import { AppError } from "../../shared/errors/app-error.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import type { BeaconFleet } from "./beacon-fleet.ts";
import type { RunContext } from "./run-context.ts";
import type { RunMonitor } from "./run-monitor.ts";

/** From the barrier to T0: long enough for the slowest clock measurement, short enough not to be waited for. */
const leadMicros = 3e6;
const armTimeoutMs = 2500;

/** The barrier: all beacons stand by for T0, or none does. `writeManifest` is called when T0 is known, and when it holds. */
export async function startRun(
  context: RunContext,
  fleet: BeaconFleet,
  monitor: RunMonitor,
  writeManifest: () => Promise<void>,
): Promise<void> {
  const { clock, progress, beforeStart: signal } = context;
  await waitUntil(() => monitor.observers.nodes.some((node) => node.connected), {
    timeoutMs: 15_000,
    signal,
    onTimeout: () => new AppError("NETWORK_UNREACHABLE", "no node could be observed"),
  });
  const t0Micros = clock.nowMicros() + leadMicros;
  context.start = { micros: t0Micros, wallMillis: clock.wallMillis() + leadMicros / 1000 };
  // Before any beacon may send: without T0 nobody could make anything of what was sent.
  await writeManifest();
  try {
    await fleet.arm(t0Micros, { timeoutMs: armTimeoutMs, signal, needAll: true });
  } catch (error) {
    context.start = null;
    // All or none: whoever is armed already must not start alone.
    await fleet.stop("aborted", 2000);
    throw error;
  }
  monitor.start(t0Micros);
  const uncertainty = Math.max(0, ...fleet.records(null).map((record) => record.clock?.uncertaintyMicros ?? 0));
  progress.fact(
    "Start",
    `in ${(leadMicros / 1e6).toFixed(1)} s, all beacons armed, clocks within ±${(uncertainty / 1000).toFixed(2)} ms`,
  );
  await writeManifest();
}
