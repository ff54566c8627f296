import { expect } from "@jest/globals";
import type { ResilienceBench } from "../support/resilience-bench.ts";
import { allSent, type Case, countsOf, longer, lost, passes, slowSigning } from "./case.ts";

const killed = (index: number) => async (bench: ResilienceBench) => {
  await bench.killBeacon(index);
  return undefined;
};

const frozenPastLease = async (bench: ResilienceBench) => {
  const thaw = await bench.freezeBeacon(1);
  await lost(bench);
  thaw();
  return undefined;
};

export const beaconCases: readonly Case[] = [
  {
    what: "a beacon is killed",
    stage: "preparing",
    how: "any",
    options: { scenario: slowSigning },
    code: 112,
    act: killed(1),
    check: (summary) => expect(summary.stage).toBe("not-started"),
  },
  {
    what: "a beacon is killed",
    stage: "armed",
    how: "any",
    code: 112,
    act: killed(1),
    check: ({ overall }) => expect(overall.counts.sent).toBe(0),
  },
  { what: "a beacon is killed", stage: "broadcasting", how: "continue", code: 0, act: killed(1) },
  {
    what: "a beacon is killed",
    stage: "broadcasting",
    how: "fail",
    options: { scenario: { onBeaconLost: "fail" } },
    code: 112,
    act: killed(1),
    always: true,
    check: ({ overall }) => expect(overall.counts.cancelled).toBeGreaterThan(100),
  },
  {
    what: "a beacon is killed",
    stage: "broadcasting",
    how: "redistribute",
    options: { scenario: { ...longer, onBeaconLost: "redistribute" } },
    code: 0,
    always: true,
    act: killed(1),
    check: (summary) => {
      expect(countsOf(summary, "local-1").sent).toBeGreaterThan(480);
      expect(countsOf(summary, "local-3").sent).toBeGreaterThan(480);
      expect(summary.overall.counts.included).toBeGreaterThan(1000);
    },
  },
  { what: "a beacon is killed", stage: "end of broadcasting", how: "continue", code: 0, act: killed(0) },
  {
    what: "all beacons are killed",
    stage: "broadcasting",
    how: "continue",
    code: 112,
    act: async (bench) => {
      for (const index of [0, 1, 2]) await bench.killBeacon(index);
      return undefined;
    },
  },
  {
    what: "two beacons are killed, one while it takes over from the other",
    stage: "broadcasting",
    how: "redistribute",
    options: { scenario: { ...longer, onBeaconLost: "redistribute" } },
    code: 0,
    act: async (bench) => {
      await bench.killBeacon(1);
      await lost(bench);
      await bench.killBeacon(2);
      return undefined;
    },
    check: (summary) => expect(countsOf(summary, "local-1").sent).toBeGreaterThan(700),
  },
  {
    what: "a beacon is frozen past its lease",
    stage: "preparing",
    how: "any",
    options: { scenario: { ...slowSigning, phases: [{ name: "hold", rate: "5000 tx/s", for: "60s" }] } },
    code: 112,
    act: frozenPastLease,
  },
  {
    what: "a beacon is frozen past its lease and wakes",
    stage: "broadcasting",
    how: "continue",
    options: { scenario: longer },
    code: 0,
    always: true,
    act: frozenPastLease,
    check: (summary) => {
      // It was frozen after some 4 s of 20: what it sent after it woke would show here.
      expect(countsOf(summary, "local-2").sent).toBeLessThan(160);
      expect(summary.errors.some((error) => error.reason === "lease-expired")).toBe(true);
    },
  },
  {
    what: "a beacon is frozen past its lease and wakes",
    stage: "broadcasting",
    how: "redistribute",
    options: { scenario: { ...longer, onBeaconLost: "redistribute" } },
    code: 0,
    act: frozenPastLease,
    check: (summary) => {
      expect(countsOf(summary, "local-2").sent).toBeLessThan(160);
      expect(countsOf(summary, "local-1").sent).toBeGreaterThan(440);
    },
  },
  {
    what: "a beacon is frozen and never wakes",
    stage: "end of broadcasting",
    how: "continue",
    code: 0,
    act: async (bench) => {
      await bench.freezeBeacon(1);
      return undefined;
    },
  },
  { what: "a beacon is killed", stage: "draining", how: "any", code: 0, act: killed(1), check: allSent },
  {
    what: "a beacon is frozen and never wakes",
    stage: "draining",
    how: "any",
    code: 0,
    act: async (bench) => {
      await bench.freezeBeacon(1);
      return undefined;
    },
    check: allSent,
  },
  {
    what: "a beacon is killed",
    stage: "uploading",
    how: "what it had not handed in is not known",
    options: { remote: true },
    code: 0,
    act: killed(1),
    check: (summary) => expect(countsOf(summary, "beacon-1").sent).toBe(160),
  },
  {
    what: "a beacon is killed and started again with its spool",
    stage: "uploading",
    how: "within the lease",
    options: { remote: true, scenario: { beacons: { count: 3, lease: "30s" } } },
    code: 0,
    act: async (bench) => {
      await bench.killBeacon(1);
      await bench.beacons[1]?.finished;
      bench.proxies[1]?.heal();
      bench.startBeacon(1);
      return undefined;
    },
    // What it was told to write once a second is there; only the last moments are missing.
    check: (summary) => expect(countsOf(summary, "beacon-2").sent).toBeGreaterThan(140),
  },
  {
    what: "a beacon is frozen and never wakes",
    stage: "uploading",
    how: "past the lease",
    options: { remote: true },
    code: 0,
    act: async (bench) => {
      await bench.freezeBeacon(1);
      return undefined;
    },
    check: (summary) => expect(countsOf(summary, "beacon-1").sent).toBe(160),
  },
  {
    what: "a beacon is frozen for 2 s",
    stage: "uploading",
    how: "within the lease",
    options: { remote: true, scenario: { beacons: { count: 3, lease: "15s" } } },
    code: 0,
    act: async (bench) => {
      const thaw = await bench.freezeBeacon(1);
      bench.proxies[1]?.heal();
      await passes(2000);
      thaw();
      return undefined;
    },
    check: allSent,
  },
  {
    what: "a beacon is killed and started again with its spool",
    stage: "broadcasting",
    how: "continue",
    options: { remote: true },
    code: 0,
    act: async (bench) => {
      // What it records from now on can only come from its disk.
      bench.proxies[1]?.cut();
      await passes(2500);
      await bench.killBeacon(1);
      await bench.beacons[1]?.finished;
      bench.proxies[1]?.heal();
      bench.startBeacon(1);
      return undefined;
    },
    check: (summary) => {
      const { sent, accepted } = countsOf(summary, "beacon-2");
      expect(sent).toBeGreaterThan(70);
      expect(accepted).toBeGreaterThan(60);
    },
  },
];
