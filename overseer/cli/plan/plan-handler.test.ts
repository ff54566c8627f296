import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import stringWidth from "string-width";
import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import { fakeCatalogues } from "../../../shared/scenario/fake-catalogues.ts";
import type { Clock } from "../../../shared/time/clock.ts";
import { createFakeIo } from "../fake-io.ts";
import { createFakeDriver, type FakeDriverOptions } from "./fake-driver.ts";
import type { PlanView } from "./make-plan.ts";
import type { PlanArguments } from "./plan-command.ts";
import { plan } from "./plan-handler.ts";

const scenario = {
  name: "a-plan-with-a-long-name-that-goes-on",
  question: "How many transactions per second does the network include, and what happens when there are more of them?",
  chain: "bitshares",
  network: { endpoints: ["ws://10.0.0.1:8090", "ws://10.0.0.2:8090", "ws://10.0.0.3:8090"] },
  accounts: { names: { prefix: "load-", count: 10 }, keys: { env: "KEYS" } },
  beacons: { count: 2 },
  workload: {
    mix: { transfer: 60, limit_order_create: 30, limit_order_cancel: 10 },
    operationsPerTransaction: { uniform: [1, 3] },
    route: { weights: [2, 1, 1] },
  },
  phases: [
    { name: "warm-up", rate: "50 tx/s", for: "5s", measure: false },
    { name: "climb-to-the-highest-rate-there-is", from: "100 tx/s", to: "500 tx/s", for: "20s" },
    { name: "flat-out", rate: "unlimited", for: "20s", transactions: 5000 },
  ],
};
const embedded = {
  ...scenario,
  network: { embedded: { nodes: 2, blockInterval: "1s" } },
  accounts: { count: 10, balance: "10 BTS" },
  workload: { mix: { transfer: 1 } },
};
let folder: string;

/** Half a second of measuring passes in fifty looks at it. */
function hurriedClock(): Clock {
  let micros = 0;
  return {
    nowMicros() {
      micros += 10_000;
      return micros;
    },
    wallMillis: () => 0,
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "plan-test-"));
});

afterAll(() => rm(folder, { recursive: true }));

async function planned(
  fields: object,
  {
    args = {},
    driver = {},
    columns = 80,
  }: { args?: Partial<PlanArguments>; driver?: FakeDriverOptions; columns?: number } = {},
): Promise<{ exit: ExitName; text: string }> {
  const file = join(folder, "scenario.json");
  await writeFile(file, JSON.stringify(fields));
  const io = createFakeIo({ columns, env: { KEYS: "a-key-for-all" } });
  const exit = await plan(
    { file, beacons: undefined, offline: false, json: false, ...args },
    {
      io,
      chains: fakeCatalogues,
      driverOf: () => createFakeDriver(driver),
      clock: hurriedClock(),
      signal: new AbortController().signal,
    },
  );
  return { exit, text: io.stdout };
}

async function view(...args: Parameters<typeof planned>): Promise<PlanView> {
  const [fields, options] = args;
  const { text } = await planned(fields, { ...options, args: { ...options?.args, json: true } });
  return JSON.parse(text) as PlanView;
}

describe("a plan of a run on existing nodes", () => {
  test("fits a terminal of 80 columns and says what would happen", async () => {
    const { exit, text } = await planned(scenario);
    expect(exit).toBe("passed");
    expect(text.split("\n").filter((line) => stringWidth(line) > 80)).toEqual([]);
    expect(text).toMatch(/\d\u00a0%/);
    expect(text).not.toMatch(/\d\s*?[ \n]\s*(%|[kMG]?B\b)/);
    for (const part of [
      "unlimited (64)",
      "100→500 tx/s",
      "≤5",
      "* not measured",
      "local-2",
      "node-3",
      "limit_order_cancel",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toMatch(/^Funds +.*BTS needed at most, 1.*BTS there$/m);
    expect(text).toMatch(/^Signing +.*\(measured\)$/m);
    expect(text).toMatch(/^Assumptions$/m);
    expect(text).not.toContain("a-key-for-all");
  });

  test("is the same as JSON, exact to the transaction", async () => {
    const { summary, phases, funds, lifetimes, problems } = await view(scenario);
    expect(summary).toMatchObject({ transactions: 250 + 6000 + 5000, durationMicros: 45e6 });
    expect(phases.map((phase) => phase.blocks)).toEqual([2, 7, 7]);
    expect(phases[1]?.peakBlockShare).toBeCloseTo((500 * 3 * 300) / 2_000_000, 1);
    expect(funds?.lines[0]?.needed).toBe(String(summary.operations * 2_000_000));
    expect(lifetimes).toMatchObject({ lastDueSeconds: 45, problems: [] });
    expect(problems).toEqual([]);
  });

  test("shows the windows that it is signed in, where they are several", async () => {
    const beacons = { count: 2, signingWindow: "15s" };
    const { windows, problems } = await view({ ...scenario, beacons });
    expect(problems).toEqual([]);
    expect(windows?.at(-1)?.endSequence).toBe(250 + 6000 + 5000);
    expect(windows?.length).toBeGreaterThan(1);
    const { text } = await planned({ ...scenario, beacons });
    expect(text).toMatch(/^Windows +\d of up to/m);
    expect((await planned(scenario)).text).not.toMatch(/^Windows/m);
  });

  test("names windows that the beacons cannot sign in time", async () => {
    const phases = [{ name: "hold", rate: "9000 tx/s", for: "60s" }];
    const { exit, text } = await planned({ ...scenario, phases, beacons: { count: 1, signingWindow: "10s" } });
    expect(exit).toBe("invalid-scenario");
    expect(text).toContain("beacons.signingWindow");
  });

  test("can be made for another number of beacons", async () => {
    const { summary } = await view(scenario, { args: { beacons: 5 } });
    expect(summary.byBeacon.map((share) => share.count)).toEqual([2250, 2250, 2250, 2250, 2250]);
    await expect(planned(scenario, { args: { beacons: 0 } })).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("a run that would be refused is shown with the reasons", () => {
  test.each<[string, FakeDriverOptions, ExitName, string[]]>([
    [
      "too little money",
      { available: "1000000", shortAccounts: ["load-3"] },
      "refused",
      ["accounts (BTS)", "accounts"],
    ],
    ["too few orders", { pools: [null, null, 10] }, "refused", ["workload.mix.limit_order_cancel"]],
    ["too short a memory", { network: { referenceWindowBlocks: 30 } }, "invalid-scenario", ["phases"]],
    ["too long a life", { network: { maximumLifetimeSeconds: 60 } }, "invalid-scenario", ["lifetime"]],
    ["too large", { transactionBytes: 40_000 }, "refused", ["workload.operationsPerTransaction"]],
  ])("%s", async (_, driver, exit, paths) => {
    const result = await planned(scenario, { driver });
    expect(result.exit).toBe(exit);
    expect(result.text).toContain("The run would be refused");
    expect((await view(scenario, { driver })).problems.map((problem) => problem.path)).toEqual(paths);
  });
});

test("sums that are missing have their thousands apart", async () => {
  const { text } = await planned(scenario, { driver: { available: "1234500000" } });
  expect(text).toMatch(/accounts \(BTS\) +12\u202f345 BTS +expected at least \d+(\u202f\d{3})+ BTS/);
});

test("a plan of an embedded network can be made offline, and says what is not known", async () => {
  const { exit, text } = await planned(embedded, { args: { offline: true } });
  expect(exit).toBe("passed");
  expect(text).toMatch(/^Signing +not measured$/m);
  expect(text).toContain("No network was looked at");
  expect((await view(embedded, { args: { offline: true } })).phases.map((phase) => phase.blocks)).toEqual([5, 20, 20]);
});

test("a plan of existing nodes can be made offline too", async () => {
  const { lifetimes, phases } = await view(scenario, { args: { offline: true } });
  expect(lifetimes).toBeNull();
  expect(phases.map((phase) => phase.blocks)).toEqual([null, null, null]);
});
