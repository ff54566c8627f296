import { cpus } from "node:os";
import { expect, test } from "@jest/globals";
import { systemClock } from "../../shared/time/clock.ts";
import { BeaconGateway } from "../server/beacon-gateway.ts";
import { foreseeProcessors, shareProcessors } from "./share-processors.ts";
import { signingSpeedOf } from "./signing-windows.ts";

const gateway = new BeaconGateway(
  { host: "127.0.0.1", port: 0, token: "a-token-of-some-length", tls: null },
  { clock: systemClock, onArrival: () => undefined, onRefusal: () => undefined },
);
const standing = { kind: "standing", count: 4, gateway, waitMs: 1000, keepSpools: null } as const;
const hosts = (...machines: readonly (readonly [string, number])[]) =>
  machines.map(([hostname, processors]) => ({ hostname, cpus: processors }));

test("beacons that share a machine share its processors, whether a run started them or finds them at its door", () => {
  const four = hosts(["a", 8], ["b", 8], ["c", 8], ["d", 8]);
  const shared = four.map(() => ({ threads: 2, meanwhile: 1 }));
  expect(shareProcessors({ kind: "local", count: 4 }, four, null)).toEqual(shared);
  expect(shareProcessors({ ...standing, shareMachine: true }, four, null)).toEqual(shared);
});

test("beacons that are more than the processors of their machine have a part of one each", () => {
  const four = hosts(["a", 2], ["a", 2], ["a", 2], ["a", 2]);
  expect(shareProcessors({ kind: "local", count: 4 }, four, null)).toEqual(
    four.map(() => ({ threads: 1, meanwhile: 0.5 })),
  );
});

test("beacons of other machines have what those have, one processor left for the rest, shared where the host is the same", () => {
  const came = hosts(["big", 64], ["small", 1], ["both", 9], ["both", 9]);
  const threads = shareProcessors({ ...standing, shareMachine: false }, came, null).map((one) => one.threads);
  expect(threads).toEqual([63, 1, 4, 4]);
});

test("what the scenario says goes before all", () => {
  const [one] = shareProcessors({ ...standing, shareMachine: false }, hosts(["small", 1]), 3);
  expect(one?.threads).toBe(3);
  expect(foreseeProcessors({ ...standing, shareMachine: true }, 3).threads).toBe(3);
});

test("nothing is held against beacons of other machines before they come, and this machine's processors are counted", () => {
  const plenty = foreseeProcessors({ ...standing, shareMachine: false }, null);
  expect(plenty.threads).toBeGreaterThan(500);
  expect(foreseeProcessors({ kind: "local", count: 1 }, null)).toEqual({ threads: cpus().length, meanwhile: 1 });
});

test("a run is signed as fast as its slowest beacon signs its own part", () => {
  const signer = (part: number, threads: number, meanwhile = 1) => ({ part, threads, meanwhile });
  const alone = signingSpeedOf([signer(1, 1)]);
  const speed = signingSpeedOf([signer(0.5, 8), signer(0.25, 1, 0.5), signer(0.25, 2), signer(0, 1)]);
  expect(speed.beforePerSecond).toBe(4 * alone.beforePerSecond);
  expect(speed.meanwhilePerSecond).toBe(2 * alone.meanwhilePerSecond);
});
