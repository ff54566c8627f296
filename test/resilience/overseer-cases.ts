import { expect } from "@jest/globals";
import { type Case, countsOf, longer, passes, sentSomething, slowSigning } from "./case.ts";

export const overseerCases: readonly Case[] = [
  {
    what: "the overseer is frozen for 2 s",
    stage: "broadcasting",
    how: "within the lease",
    code: 0,
    act: async (bench) => {
      bench.overseer.signal("SIGSTOP");
      await passes(2000);
      bench.overseer.signal("SIGCONT");
      return undefined;
    },
    check: ({ overall }) => expect(overall.counts.sent).toBe(480),
  },
  {
    what: "the overseer is frozen for 10 s",
    stage: "broadcasting",
    how: "past the lease",
    options: { scenario: longer },
    code: 112,
    act: async (bench) => {
      bench.overseer.signal("SIGSTOP");
      await passes(10_000);
      bench.overseer.signal("SIGCONT");
      return undefined;
    },
    check: ({ overall }) => expect(overall.counts.sent).toBeLessThan(800),
  },
  ...(["preparing", "armed", "broadcasting", "end of broadcasting", "draining"] as const).map(
    (stage): Case => ({
      what: "the overseer is killed",
      stage,
      how: "resume, beacons of this machine",
      ...(stage === "preparing" ? { options: { scenario: slowSigning } } : {}),
      // Also when all had been sent: its network has died with it, and so nobody knows what became of the last ones.
      code: 105,
      always: stage === "broadcasting",
      act: async (bench) => {
        bench.overseer.signal("SIGKILL");
        await bench.overseer.finished;
        return bench.resume();
      },
      ...(stage === "broadcasting" ? { check: sentSomething } : {}),
    }),
  ),
  {
    what: "the overseer is killed",
    stage: "broadcasting",
    how: "resume within the lease, beacons elsewhere",
    options: { remote: true, scenario: { ...longer, beacons: { count: 3, lease: "15s" } } },
    code: 105,
    always: true,
    act: async (bench) => {
      bench.overseer.signal("SIGKILL");
      await bench.overseer.finished;
      return bench.resume({ remote: true });
    },
    check: sentSomething,
  },
  {
    what: "the overseer is killed",
    stage: "broadcasting",
    how: "resume after the lease, beacons elsewhere",
    options: { remote: true, scenario: longer },
    code: 105,
    act: async (bench) => {
      bench.overseer.signal("SIGKILL");
      await bench.overseer.finished;
      await passes(8000);
      return bench.resume({ remote: true });
    },
    check: (summary) => {
      sentSomething(summary);
      expect(summary.errors.some((error) => error.reason === "lease-expired")).toBe(true);
    },
  },
  {
    what: "overseer and a beacon are killed, the beacon is started again with its spool",
    stage: "broadcasting",
    how: "resume, beacons elsewhere",
    options: { remote: true, scenario: longer },
    code: 105,
    act: async (bench) => {
      bench.overseer.signal("SIGKILL");
      await bench.overseer.finished;
      // Long enough for its last rows to be on disk.
      await passes(7000);
      await bench.killBeacon(1);
      await bench.beacons[1]?.finished;
      bench.startBeacon(1);
      return bench.resume({ remote: true });
    },
    check: (summary) => {
      // The network died with the overseer: what became due until the lease ran out was shed, which only the disk knew.
      const { sent, shed } = countsOf(summary, "beacon-2");
      expect(sent).toBeGreaterThan(40);
      expect(shed).toBeGreaterThan(20);
    },
  },
  {
    what: "the overseer is killed",
    stage: "broadcasting",
    how: "resume, network that lives on",
    options: { endpoints: true, scenario: longer },
    code: 105,
    act: async (bench) => {
      bench.overseer.signal("SIGKILL");
      await bench.overseer.finished;
      // Blocks that nobody observes.
      await passes(3000);
      return bench.resume();
    },
    check: (summary) => {
      sentSomething(summary);
      // Read from the nodes afterwards: what was on its way when the overseer died is found in a block.
      expect(summary.overall.counts.included).toBeGreaterThanOrEqual(summary.overall.counts.accepted);
      expect(summary.exit.text).toContain("before the run was over");
    },
  },
  {
    what: "the overseer is killed",
    stage: "draining",
    how: "resume, network that lives on",
    options: { endpoints: true },
    // All that was accepted is found, so nothing is missing.
    code: 0,
    always: true,
    act: async (bench) => {
      bench.overseer.signal("SIGKILL");
      await bench.overseer.finished;
      await passes(3000);
      return bench.resume();
    },
    check: ({ overall }) => expect(overall.counts).toMatchObject({ sent: 480, accepted: 480, included: 480 }),
  },
];
