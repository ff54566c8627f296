import { cpus } from "node:os";
import { expect, test } from "@jest/globals";
import { systemClock } from "../../shared/time/clock.ts";
import { BeaconGateway } from "../server/beacon-gateway.ts";
import { signingThreadsOf } from "./prepare-window.ts";

const gateway = new BeaconGateway(
  { host: "127.0.0.1", port: 0, token: "a-token-of-some-length", tls: null },
  { clock: systemClock, onArrival: () => undefined, onRefusal: () => undefined },
);
const cores = cpus().length;
const standing = { kind: "standing", count: cores, gateway, waitMs: 1000, keepSpools: null } as const;

test("beacons that share a machine share its cores, whether a run started them or finds them at its door", () => {
  expect(signingThreadsOf(null, { kind: "local", count: cores })).toBe(1);
  expect(signingThreadsOf(null, { ...standing, shareMachine: true })).toBe(1);
  expect(signingThreadsOf(null, { ...standing, count: 1, shareMachine: true })).toBe(cores);
});

test("beacons that have machines of their own leave one core for the rest", () => {
  expect(signingThreadsOf(null, { ...standing, shareMachine: false })).toBe(Math.max(1, cores - 1));
});

test("what the scenario says goes before all", () => {
  expect(signingThreadsOf(3, { ...standing, shareMachine: true })).toBe(3);
});
