import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { TransactionReference } from "../../shared/chains/driver.ts";
import type { Configure } from "../../shared/protocol/messages.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { BeaconFleet } from "./beacon-fleet.ts";
import { fleetEventsWith } from "./testing/fleet-events.ts";
import { ScriptedBeacon } from "./testing/scripted-beacon.ts";

const leaseMs = 4000;
const kill = new AbortController();
const ask = { timeoutMs: 200, signal: kill.signal, needAll: true };
let beacons: [ScriptedBeacon, ScriptedBeacon];
let fleet: BeaconFleet;

/** Two beacons that have signed five transactions each. */
beforeEach(async () => {
  beacons = [new ScriptedBeacon("b1", systemClock), new ScriptedBeacon("b2", systemClock)];
  fleet = new BeaconFleet(
    {
      ...{ runId: "run", epoch: 1, firstSequence: 0, endSequence: 10, leaseMs, signal: kill.signal },
      members: beacons.map(({ session }, slot) => ({ session, share: { cycle: 2, slots: [slot] }, planned: 5 })),
    },
    { clock: systemClock, events: fleetEventsWith(() => undefined) },
  );
  await fleet.configure(
    ({ share }) => ({ runId: "run", epoch: 1, share, firstSequence: 0, endSequence: 10 }) as Configure,
    ask,
  );
  await fleet.prepare({ reference: {} as TransactionReference, baseExpirationSeconds: 1 }, ask);
  await fleet.waitFor(() => fleet.allPrepared, { ...ask, what: "nothing was signed" });
});

afterEach(() => fleet.close());

test("nobody is granted a lease before all stand by, and then everybody is", async () => {
  beacons[1].onCommand = () => beacons[0].tellStatus(1, "armed");
  await fleet.arm(systemClock.nowMicros() + 1e6, ask);
  expect(beacons[0].leasesMs.slice(0, 2)).toEqual([0, 0]);
  expect(beacons[0].leasesMs.at(-1)).toBe(leaseMs);
  expect(beacons[1].leasesMs).toEqual([0, leaseMs]);
});

test("a barrier that falls through grants no lease, so that whoever cannot be told to stop sends nothing", async () => {
  beacons[1].mute.add("arm");
  await expect(fleet.arm(systemClock.nowMicros() + 1e6, ask)).rejects.toMatchObject({ code: "BEACON_LOST" });
  beacons[0].tellStatus(1, "armed");
  expect(beacons[0].leasesMs).toEqual([0, 0]);
  expect(fleet.armed).toBe(false);
});

test("whoever was let send owes its ledger until it has handed it in", async () => {
  expect(fleet.owing).toEqual([]);
  await fleet.arm(systemClock.nowMicros() + 1e6, ask);
  expect(fleet.owing).toEqual(["b1", "b2"]);
  beacons[1].mute.add("collect");
  await fleet.collect(200);
  expect(fleet.owing).toEqual(["b2"]);
});

test("where not all are needed each has its lease at once", async () => {
  await fleet.arm(systemClock.nowMicros(), { ...ask, needAll: false });
  expect(beacons.map(({ leasesMs }) => leasesMs)).toEqual([[leaseMs], [leaseMs]]);
});
