import { expect } from "@jest/globals";
import type { ResilienceBench } from "../support/resilience-bench.ts";
import { allSent, type Case, countsOf, longer, passes, slowSigning } from "./case.ts";

const cutFor = (seconds: number) => async (bench: ResilienceBench) => {
  bench.proxies[1]?.cut();
  await passes(seconds * 1000);
  bench.proxies[1]?.heal();
  return undefined;
};

/** Signing takes some seconds, and what is sent is no burden. */
const someSigning = { ...slowSigning, phases: [{ name: "hold", rate: "2000 tx/s", for: "15s" }] };
/** Some are never put into a block, so that the drain lasts until they have expired. */
const longDrain = {
  network: { embedded: { nodes: 2, blockInterval: "1s", nodeBehaviours: [{ forgetShare: 0.05 }] } },
  lifetime: "25s",
  drain: "25s",
};
/** A connection that is cut, before anything is sent and after all is sent. */
const cuts = ([1, 10, 60] as const).flatMap((seconds): Case[] => {
  const short = seconds === 1;
  const what = `a beacon is cut off for ${seconds} s`;
  const how = short ? "within the lease" : "past the lease";
  const act = cutFor(seconds);
  const common = { what, how, act, withinMs: 120_000 };
  return [
    {
      ...common,
      stage: "preparing",
      options: { remote: true, scenario: short ? someSigning : slowSigning },
      // All or none, before T0.
      code: short ? 0 : 112,
    },
    {
      ...common,
      stage: "armed",
      options: { remote: true, scenario: longer },
      code: 0,
      check: (summary) => {
        if (short) allSent(summary);
        else expect(countsOf(summary, "beacon-1").sent).toBe(400);
      },
    },
    { ...common, stage: "draining", options: { remote: true, scenario: longDrain }, code: 0, check: allSent },
    {
      ...common,
      stage: "uploading",
      options: { remote: true },
      code: 0,
      always: short,
      check: (summary) => {
        expect(countsOf(summary, "beacon-1").sent).toBe(160);
        if (short) allSent(summary);
      },
    },
  ];
});
export const cutCases: readonly Case[] = [
  {
    what: "a beacon is cut off for 1 s",
    stage: "broadcasting",
    how: "within the lease",
    options: { remote: true },
    code: 0,
    act: async (bench) => {
      bench.proxies[1]?.cut();
      await passes(1000);
      bench.proxies[1]?.heal();
      return undefined;
    },
    check: ({ overall, beacons }) => {
      expect(beacons.every((beacon) => beacon.lost === null)).toBe(true);
      expect(overall.counts.sent).toBe(480);
    },
  },
  {
    what: "a beacon is cut off for 10 s",
    stage: "broadcasting",
    how: "within the lease",
    options: { remote: true, scenario: { ...longer, beacons: { count: 3, lease: "15s" } } },
    code: 0,
    act: async (bench) => {
      bench.proxies[1]?.block();
      await passes(10_000);
      bench.proxies[1]?.heal();
      return undefined;
    },
    check: ({ overall, beacons }) => {
      expect(beacons.every((beacon) => beacon.lost === null)).toBe(true);
      expect(overall.counts.sent).toBe(1200);
    },
  },
  {
    what: "a beacon is cut off for 10 s",
    stage: "broadcasting",
    how: "past the lease, continue",
    options: { remote: true, scenario: longer },
    code: 0,
    always: true,
    act: async (bench) => {
      bench.proxies[1]?.cut();
      await passes(10_000);
      bench.proxies[1]?.heal();
      return undefined;
    },
    check: (summary) => {
      const { sent, cancelled, accepted } = countsOf(summary, "beacon-2");
      expect(sent + cancelled).toBe(400);
      // It went on to send until its lease ran out, and what it sent is known although nobody heard of it then.
      expect(sent).toBeGreaterThan(100);
      expect(accepted).toBe(sent);
    },
  },
  {
    what: "a beacon is cut off for 60 s",
    stage: "broadcasting",
    how: "past the lease, redistribute",
    options: {
      remote: true,
      scenario: {
        onBeaconLost: "redistribute",
        phases: [{ name: "hold", rate: "20 tx/s", for: "80s" }],
        beacons: { count: 3, lease: "15s" },
      },
    },
    code: 0,
    withinMs: 180_000,
    act: async (bench) => {
      bench.proxies[1]?.cut();
      await passes(60_000);
      bench.proxies[1]?.heal();
      return undefined;
    },
    check: (summary) => expect(summary.overall.counts.sent).toBeGreaterThan(1400),
  },
  ...cuts,
];
