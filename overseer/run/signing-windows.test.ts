import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { transactionsIn } from "../../shared/scenario/load-profile.ts";
import type { Load, Phase } from "../../shared/scenario/scenario.ts";
import { planWindows, signingSpeedOf } from "./signing-windows.ts";

const network = {
  blockIntervalMs: 500,
  maximumLifetimeSeconds: 3600,
  referenceWindowBlocks: 65_536,
  headNumber: 1000,
  irreversibleNumber: 990,
};
const speed = signingSpeedOf([{ part: 1 / 2, threads: 1, meanwhile: 1 }]);

type Part =
  | { readonly perSecond: number; readonly seconds: number }
  | { readonly unlimited: number; readonly seconds: number };

function phasesOf(parts: readonly Part[]): Phase[] {
  let startMicros = 0;
  let firstSequence = 0;
  return parts.map((part, index) => {
    const durationMicros = part.seconds * 1e6;
    const load: Load =
      "unlimited" in part
        ? { kind: "unlimited", inFlight: 10 }
        : {
            kind: "paced",
            arrivals: { kind: "even" },
            segments: [{ durationMicros, fromPerSecond: part.perSecond, toPerSecond: part.perSecond }],
          };
    const transactions =
      load.kind === "paced" ? transactionsIn(load.segments) : (part as { unlimited: number }).unlimited;
    const phase = {
      index,
      name: `p${index}`,
      measured: true,
      startMicros,
      durationMicros,
      firstSequence,
      transactions,
      load,
    };
    startMicros += durationMicros;
    firstSequence += transactions;
    return phase;
  });
}

function scenarioOf(parts: readonly Part[], signingWindowSeconds: number | null, lifetimeSeconds = 60) {
  const beacons = {
    count: 2,
    shares: [],
    deploy: null,
    signingThreads: 1,
    connectionsPerNode: null,
    leaseMicros: 15e6,
    signingWindowMicros: signingWindowSeconds === null ? null : signingWindowSeconds * 1e6,
  };
  return { phases: phasesOf(parts), lifetimeSeconds, beacons };
}

test("a run that the network allows to be signed at once is one window", () => {
  const { windows, problems } = planWindows(scenarioOf([{ perSecond: 100, seconds: 3600 }], null), network, speed);
  expect(problems).toEqual([]);
  expect(windows).toMatchObject([{ number: 1, firstSequence: 0, endSequence: 360_000, prepareFromMicros: null }]);
});

test("windows follow each other without a gap, whatever the phases are", () => {
  const part = fc.oneof(
    fc.record({ perSecond: fc.integer({ min: 1, max: 300 }), seconds: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ unlimited: fc.integer({ min: 1, max: 500 }), seconds: fc.integer({ min: 1, max: 60 }) }),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), fc.integer({ min: 10, max: 90 }), (parts, seconds) => {
      const scenario = scenarioOf(parts, seconds);
      const { windows } = planWindows(scenario, network, speed);
      const total = scenario.phases.reduce((sum, phase) => sum + phase.transactions, 0);
      expect(windows[0]).toMatchObject({ number: 1, firstSequence: 0, startMicros: 0, prepareFromMicros: null });
      expect(windows.at(-1)?.endSequence).toBe(total);
      for (const [i, window] of windows.entries()) {
        const next = windows[i + 1];
        if (next !== undefined) expect(next.firstSequence).toBe(window.endSequence);
        expect(window.endSequence).toBeGreaterThan(window.firstSequence);
        for (const phase of scenario.phases) {
          if (phase.load.kind !== "unlimited") continue;
          // Whole, in one window or another.
          const inside = (at: number): boolean =>
            at > phase.firstSequence && at < phase.firstSequence + phase.transactions;
          expect(inside(window.firstSequence) || inside(window.endSequence)).toBe(false);
        }
      }
    }),
  );
});

describe("a run is cut", () => {
  test("as the scenario asks for", () => {
    const { windows, problems } = planWindows(scenarioOf([{ perSecond: 100, seconds: 45 }], 15), network, speed);
    expect(problems).toEqual([]);
    expect(windows.map(({ firstSequence, endSequence }) => [firstSequence, endSequence])).toEqual([
      [0, 1500],
      [1500, 3000],
      [3000, 4500],
    ]);
    expect(windows[1]?.prepareFromMicros).toBe(0);
    expect(windows[2]?.prepareFromMicros).toBeGreaterThanOrEqual(15e6 - 2e6);
  });

  test("when a reference block would be forgotten before the end", () => {
    // 65,536 blocks of half a second are some nine hours.
    const { windows, problems } = planWindows(
      scenarioOf([{ perSecond: 10, seconds: 20 * 3600 }], null),
      network,
      speed,
    );
    expect(problems).toEqual([]);
    expect(windows.length).toBeGreaterThan(2);
    for (const window of windows) expect(window.endMicros - window.startMicros).toBeLessThan(9 * 3600 * 1e6);
  });

  test("when signing all of it would put the first expirations too far ahead", () => {
    const short = { ...network, maximumLifetimeSeconds: 20 };
    const { windows, problems } = planWindows(scenarioOf([{ perSecond: 2000, seconds: 45 }], null, 6), short, speed);
    expect(problems).toEqual([]);
    expect(windows.length).toBeGreaterThan(2);
    // 5 s of signing are left of 20 s.
    expect(windows[0]?.endSequence).toBeLessThanOrEqual(5 * speed.beforePerSecond);
  });
});

describe("a run is refused", () => {
  test("when beacons cannot sign as fast as they would send", () => {
    const { problems } = planWindows(scenarioOf([{ perSecond: 7000, seconds: 300 }], 60), network, speed);
    expect(problems.map((problem) => problem.path)).toContain("beacons.signingWindow");
  });

  test("when an unlimited phase outlasts its reference block", () => {
    const parts = [{ unlimited: 1000, seconds: 12 * 3600 }];
    const { problems } = planWindows(scenarioOf(parts, null), network, speed);
    expect(problems.map((problem) => problem.path)).toEqual(["phases"]);
  });

  test("when the lifetime alone is more than nodes accept", () => {
    const { problems } = planWindows(scenarioOf([{ perSecond: 10, seconds: 10 }], null, 4000), network, speed);
    expect(problems.map((problem) => problem.path)).toEqual(["lifetime"]);
  });
});
