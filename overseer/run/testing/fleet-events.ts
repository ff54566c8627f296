import type { FleetEvents } from "../beacon-fleet.ts";

/** All chunks are taken, and of what happens only losses matter. */
export function fleetEventsWith(onLost: FleetEvents["onLost"]): FleetEvents {
  const ignored = (): void => undefined;
  return {
    onStatus: ignored,
    onLateStatus: ignored,
    onTrouble: ignored,
    onReasonSample: ignored,
    onPreparedRows: ignored,
    onOutcomeRows: ignored,
    onLost,
    storeChunk: () => Promise.resolve("stored"),
  };
}
