import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { TransactionReference } from "../../shared/chains/driver.ts";
import type { Configure } from "../../shared/protocol/messages.ts";
import { equalShares, type Share } from "../../shared/scenario/share.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import { createFakeDriver } from "../cli/plan/fake-driver.ts";
import type { EvidenceWriter } from "../ledger/write-evidence.ts";
import { makeSyntheticRun } from "../reporting/testing/synthetic-run.ts";
import { Assignments } from "./assignments.ts";
import { BeaconFleet } from "./beacon-fleet.ts";
import { RunContext } from "./run-context.ts";
import type { RunDependencies, RunRequest } from "./run-request.ts";
import type { RunSetting } from "./run-setting.ts";
import { RunWatch } from "./run-watch.ts";
import { countIn, Takeovers } from "./take-over.ts";
import { fleetEventsWith } from "./testing/fleet-events.ts";
import { ScriptedBeacon } from "./testing/scripted-beacon.ts";

const { manifest } = makeSyntheticRun({
  phases: [{ name: "hold", seconds: 60, fromPerSecond: 10, toPerSecond: 10 }],
  beacons: 3,
});
const transactions = manifest.plan.transactions;

let beacons: [ScriptedBeacon, ScriptedBeacon, ScriptedBeacon];
let assignments: Assignments;
let takeovers: Takeovers;
let context: RunContext;
let told: string[];
let stop: AbortController;
let namedBeforeConfigure: boolean[];
let written: number[];

/** Three beacons that have sent for a moment of a run of a minute. */
beforeEach(async () => {
  told = [];
  written = [];
  namedBeforeConfigure = [];
  stop = new AbortController();
  const request = {
    scenario: manifest.scenario,
    runId: "run",
    beacons: { kind: "local", count: 3 },
    stop: stop.signal,
    kill: new AbortController().signal,
  } as unknown as RunRequest;
  const dependencies: RunDependencies = {
    driver: createFakeDriver(),
    progress: {
      fact: () => undefined,
      preparing: () => undefined,
      live: () => undefined,
      copyable: () => undefined,
      setup: () => undefined,
      event: ({ text }) => void told.push(text),
    },
    clock: systemClock,
    watch: new RunWatch(),
  };
  context = new RunContext(request, dependencies, { appendEvent: () => undefined } as unknown as EvidenceWriter);
  context.start = { micros: systemClock.nowMicros() - 1000, wallMillis: Date.now() };
  beacons = [1, 2, 3].map((number) => new ScriptedBeacon(`b${number}`, systemClock)) as typeof beacons;
  const shares = equalShares(3);
  const first = new BeaconFleet(
    {
      ...{ runId: "run", epoch: 1, firstSequence: 0, endSequence: transactions, leaseMs: 15_000 },
      members: beacons.map(({ session }, i) => {
        const share = shares[i] as Share;
        return { session, share, planned: countIn(share, 0, transactions) };
      }),
      signal: request.kill,
    },
    { clock: systemClock, events: fleetEventsWith((name, text) => assignments.loseEverywhere(name, text)) },
  );
  assignments = new Assignments(first);
  takeovers = new Takeovers(context, {
    assignments,
    setting: { network: manifest.network, resolved: {} } as RunSetting,
    events: fleetEventsWith((name, text) => first.lose(name, text)),
    writeManifest: () => {
      written = takeovers.records.map(({ epoch }) => epoch);
      return Promise.resolve();
    },
  });
  const ask = { timeoutMs: 1000, signal: request.kill, needAll: true };
  await first.configure(
    ({ share }) => ({ runId: "run", epoch: 1, share, firstSequence: 0, endSequence: transactions }) as Configure,
    ask,
  );
  await first.prepare({ reference: {} as TransactionReference, baseExpirationSeconds: 1 }, ask);
  await first.arm(context.start.micros, ask);
  for (const beacon of beacons) {
    beacon.heard.length = 0;
    beacon.onCommand = (command, epoch) => {
      if (command === "configure") namedBeforeConfigure.push(written.includes(epoch));
    };
  }
});

afterEach(() => assignments.close());

async function comes(condition: () => boolean): Promise<void> {
  await waitUntil(condition, { timeoutMs: 5000, everyMs: 2, onTimeout: () => new Error(JSON.stringify(told)) });
}

function lose(beacon: ScriptedBeacon): void {
  assignments.loseEverywhere(beacon.session.name, "it is gone");
}

test("what a lost beacon had left is dealt out among the others, and named before any of them hears of it", async () => {
  lose(beacons[2]);
  takeovers.redistribute(assignments.first, "b3");
  await comes(() => !takeovers.isUnderWay);
  expect(takeovers.records).toMatchObject([
    { epoch: 2, from: { beacon: "b3", epoch: 1 }, members: [{ beacon: "b1" }, { beacon: "b2" }], armed: true },
  ]);
  expect(namedBeforeConfigure).toEqual([true, true]);
  expect(beacons[0].heard).toEqual(["configure 2", "prepare 2", "arm 2"]);
});

test("a takeover that is being signed when the run ends is never armed", async () => {
  beacons[1].mute.add("prepare");
  lose(beacons[2]);
  takeovers.redistribute(assignments.first, "b3");
  await comes(() => beacons[1].heard.includes("prepare 2"));
  await takeovers.settled();
  expect(beacons[0].heard).toEqual(["configure 2", "prepare 2", "release 2"]);
  expect(beacons[1].heard).toEqual(["configure 2", "prepare 2", "release 2"]);
  expect(takeovers.records).toMatchObject([{ epoch: 2, armed: false }]);
  takeovers.redistribute(assignments.first, "b3");
  expect(takeovers.isUnderWay).toBe(false);
});

test("a takeover that is being armed when the run ends is stopped, and all that was asked to send is collected", async () => {
  beacons[1].mute.add("arm");
  lose(beacons[2]);
  takeovers.redistribute(assignments.first, "b3");
  await comes(() => beacons[1].heard.includes("arm 2"));
  await takeovers.settled();
  expect(beacons[0].heard.slice(2)).toEqual(["arm 2", "stop 2"]);
  expect(beacons[1].heard.slice(2)).toEqual(["arm 2", "stop 2"]);
  const [, fleet] = assignments.all;
  expect(fleet?.allDrained).toBe(false);
  for (const beacon of beacons.slice(0, 2)) beacon.tellStatus(2, "drained");
  expect(fleet?.allDrained).toBe(true);
  await fleet?.collect(1000);
  // Its answer was lost, and yet it had been armed.
  expect(beacons[1].heard.at(-1)).toBe("collect 2");
  expect(told).toEqual([]);
});

test("a beacon that was never armed is neither waited for nor lost for having nothing to collect", async () => {
  const [, second] = beacons;
  second.mute.add("arm");
  // Asked, but it never came to it.
  second.refused.add("arm");
  lose(beacons[2]);
  takeovers.redistribute(assignments.first, "b3");
  await comes(() => second.heard.includes("arm 2"));
  await takeovers.settled();
  const [, fleet] = assignments.all;
  beacons[0].tellStatus(2, "drained");
  expect(fleet?.allDrained).toBe(true);
  await fleet?.collect(1000);
  expect(assignments.first.alive).toBe(2);
});

test("who is lost while it is armed is dealt again, and the others keep the part that they send already", async () => {
  beacons[1].mute.add("arm");
  lose(beacons[2]);
  takeovers.redistribute(assignments.first, "b3");
  await comes(() => beacons[1].heard.includes("arm 2"));
  lose(beacons[1]);
  await comes(() => takeovers.records.length === 2 && !takeovers.isUnderWay);
  expect(takeovers.records).toMatchObject([
    { epoch: 2, from: { beacon: "b3", epoch: 1 }, armed: true },
    { epoch: 3, from: { beacon: "b2", epoch: 2 }, members: [{ beacon: "b1" }], armed: true },
  ]);
  expect(beacons[0].heard).toEqual(["configure 2", "prepare 2", "arm 2", "configure 3", "prepare 3", "arm 3"]);
});

test("who is lost before it is armed leaves all of it to the others", async () => {
  beacons[1].mute.add("prepare");
  lose(beacons[2]);
  takeovers.redistribute(assignments.first, "b3");
  await comes(() => beacons[1].heard.includes("prepare 2"));
  lose(beacons[1]);
  await comes(() => takeovers.records.length === 2 && !takeovers.isUnderWay);
  expect(takeovers.records).toMatchObject([
    { epoch: 2, from: { beacon: "b3", epoch: 1 }, armed: false },
    { epoch: 3, from: { beacon: "b3", epoch: 1 }, members: [{ beacon: "b1" }], armed: true },
  ]);
  expect(beacons[0].heard).not.toContain("arm 2");
});

test("of which transactions nothing was left is told: those of another window may be taken over", async () => {
  context.start = { micros: systemClock.nowMicros() - 61e6, wallMillis: Date.now() };
  lose(beacons[2]);
  takeovers.redistribute(assignments.first, "b3");
  await comes(() => !takeovers.isUnderWay);
  expect(takeovers.records).toEqual([]);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(`0 to ${transactions - 1}`);
});
