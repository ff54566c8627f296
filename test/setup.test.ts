import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import { toUnits } from "../shared/workload/amount.ts";
import { openProxy } from "./support/contract-network.ts";
import { type Finished, onlyRun, Program, readJson, temporaryFolder } from "./support/programs.ts";
import { shortScenario, writeScenario } from "./support/scenarios.ts";
import {
  antelope,
  bitshares,
  funderKey,
  type SetupChain,
  type SetupNetwork,
  startPoorNetwork,
} from "./support/setup-network.ts";

const accounts = 30;
const phrase = "a phrase that nobody else would think of";
const secrets = [funderKey, phrase];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let network: SetupNetwork | null = null;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await network?.stop();
  network = null;
  await folder.remove();
});

interface Outcome {
  readonly transactions: number;
  readonly spent: readonly { readonly asset: string; readonly amount: string }[];
}

interface Plan {
  readonly setup: { readonly funds: readonly { readonly asset: string; readonly needed: string }[] } | null;
}

function program(command: string, path: string, ...args: readonly string[]): Program {
  const env = { FUNDER: funderKey, PHRASE: phrase };
  const reports = ["run", "capacity"].includes(command) ? ["--reports", join(folder.path, "reports")] : [];
  return new Program("overseer", [command, path, ...reports, ...args], env);
}

async function finish(started: Program): Promise<Finished> {
  const finished = await started.finished;
  for (const secret of secrets) expect(finished.out + finished.err).not.toContain(secret);
  return finished;
}

async function outcomeOf(command: "setup" | "teardown", path: string): Promise<Outcome> {
  const { code, out, err } = await finish(program(command, path, "--json"));
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out.trim().split("\n").at(-1) as string) as Outcome;
}

/** What the plan says that the funding account pays in all, in smallest units of the core asset. */
async function neededOf({ coreSymbol }: SetupChain, path: string): Promise<bigint> {
  const { code, out } = await finish(program("plan", path, "--json"));
  expect(code).toBe(0);
  const { setup } = JSON.parse(out) as Plan;
  return BigInt(setup?.funds.find(({ asset }) => asset === coreSymbol)?.needed ?? 0);
}

async function scenarioOf(
  { chain, funder, prefix, balance, resources = {}, workload }: SetupChain,
  endpoints: readonly string[],
  changes: { readonly count?: number; readonly keys?: object; readonly balance?: string | readonly string[] } = {},
): Promise<string> {
  return writeScenario(
    folder.path,
    shortScenario({
      chain,
      network: { endpoints },
      accounts: {
        create: { count: changes.count ?? accounts, prefix, balance: changes.balance ?? balance, resources },
        from: { name: funder, key: { env: "FUNDER" } },
        keys: changes.keys ?? { file: "keys.json" },
      },
      beacons: { count: 1 },
      workload,
      phases: [{ name: "hold", rate: "30 tx/s", for: "3s" }],
      thresholds: {},
      // Late or not: what is asked here is that the accounts have what it takes.
      sending: { shedAfter: "60s" },
    }),
  );
}

async function start(
  chain: SetupChain,
  options: { balance?: string; nodes?: readonly object[] } = {},
): Promise<string> {
  const balanceUnits = String(toUnits(options.balance ?? "100000000", chain.precision));
  network = await startPoorNetwork(chain, folder.path, { ...options, balanceUnits });
  return network.endpoints[0] as string;
}

async function everyFileIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe.each([bitshares, antelope])("setup on $chain", (chain) => {
  const { funder } = chain;

  test("makes all that a run needs out of one funded account, for what the plan said, once; and returns what is left", async () => {
    const node = await start(chain);
    const path = await scenarioOf(chain, (network as SetupNetwork).endpoints);
    const before = await chain.balanceOf(node, funder);
    const needed = await neededOf(chain, path);
    expect(needed).toBeGreaterThan(0n);
    expect(await chain.exists(node, chain.accountName(0))).toBe(false);

    const made = await outcomeOf("setup", path);
    expect(made.transactions).toBeGreaterThan(0);
    const afterSetup = await chain.balanceOf(node, funder);
    expect(before - afterSetup).toBe(needed);
    expect((await stat(join(folder.path, "keys.json"))).mode & 0o777).toBe(0o600);

    expect(await outcomeOf("setup", path)).toMatchObject({ transactions: 0 });
    expect(await chain.balanceOf(node, funder)).toBe(afterSetup);

    const { code, err } = await finish(program("run", path));
    expect([exitCodes.passed, exitCodes["generator-bound"]]).toContain(code);
    expect(err).not.toMatch(/^Setup/m);
    expect(await chain.balanceOf(node, funder)).toBe(afterSetup);
    const run = await onlyRun(join(folder.path, "reports"));
    const { overall } = await readJson<{ overall: { counts: { planned: number; included: number } } }>(
      join(run, "run.json"),
    );
    expect(overall.counts).toMatchObject({ planned: 90, included: 90 });

    const returned = await outcomeOf("teardown", path);
    const received = (await chain.balanceOf(node, funder)) - afterSetup;
    expect(returned.spent.find(({ asset }) => asset === chain.coreSymbol)?.amount).toBe(String(-received));
    const kept = await Promise.all(
      Array.from({ length: accounts }, (_, i) => chain.balanceOf(node, chain.accountName(i))),
    );
    expect(kept).toEqual(kept.map(() => 0n));
    expect(received).toBeGreaterThan((toUnits(chain.balance.split(" ")[0] as string, chain.precision) as bigint) * 15n);
    expect(await outcomeOf("teardown", path)).toMatchObject({ transactions: 0 });

    const keys = Object.values(await readJson<Record<string, string>>(join(folder.path, "keys.json")));
    expect(new Set(keys).size).toBe(accounts);
    for (const file of (await everyFileIn(folder.path)).filter((name) => !name.endsWith("keys.json"))) {
      const text = await readFile(file, "latin1");
      for (const secret of [...secrets, ...keys]) expect([file, text.includes(secret)]).toEqual([file, false]);
    }
  }, 180_000);

  test("goes on where it was killed, and pays nothing twice", async () => {
    const node = await start(chain);
    const path = await scenarioOf(chain, (network as SetupNetwork).endpoints, {
      count: 300,
      keys: { phrase: { env: "PHRASE" } },
    });
    const before = await chain.balanceOf(node, funder);
    const needed = await neededOf(chain, path);
    for (const stage of ["register accounts", "fund accounts"]) {
      const killed = program("setup", path, "--json");
      // Sent, and perhaps not yet in a block: the worst moment.
      await Promise.race([killed.says(new RegExp(`"stage":"${stage}"`), 120_000), killed.finished]);
      killed.signal("SIGKILL");
      await killed.finished;
    }
    await outcomeOf("setup", path);
    expect(before - (await chain.balanceOf(node, funder))).toBe(needed);
    expect(await outcomeOf("setup", path)).toMatchObject({ transactions: 0 });
  }, 300_000);

  test("stops after what is under way at the first Ctrl-C, and says how to go on", async () => {
    const node = await start(chain);
    const path = await scenarioOf(chain, (network as SetupNetwork).endpoints);
    const before = await chain.balanceOf(node, funder);
    const needed = await neededOf(chain, path);
    const stopped = program("setup", path);
    await stopped.says(/^Setup +fund accounts|^Setup +register/m);
    stopped.signal("SIGINT");
    const { code, err } = await finish(stopped);
    expect(code).toBe(exitCodes.stopped);
    expect(err).toContain(`overseer setup ${path}`);
    await outcomeOf("setup", path);
    expect(before - (await chain.balanceOf(node, funder))).toBe(needed);
  }, 120_000);

  test("refuses before anything is sent when the funding account cannot pay, and says what is missing", async () => {
    const node = await start(chain, { balance: "1000" });
    const path = await scenarioOf(chain, (network as SetupNetwork).endpoints);
    const before = await chain.balanceOf(node, funder);
    for (const command of ["plan", "setup", "run"]) {
      const { code, out, err } = await finish(program(command, path));
      expect([command, code]).toEqual([command, exitCodes.refused]);
      expect(out + err).toMatch(/are\s+missing/);
      expect(out + err).toMatch(new RegExp(`1\\s?000 ${chain.coreSymbol}`));
    }
    expect(await chain.balanceOf(node, funder)).toBe(before);
    expect(await chain.exists(node, chain.accountName(0))).toBe(false);
  }, 60_000);

  test("refuses before anything is sent, and leaves no key file, when the accounts would have too little for the run", async () => {
    const node = await start(chain);
    const path = await scenarioOf(chain, (network as SetupNetwork).endpoints, { balance: `2 ${chain.coreSymbol}` });
    const before = await chain.balanceOf(node, funder);
    for (const command of ["plan", "setup", "run", "capacity"]) {
      const { code, out, err } = await finish(program(command, path));
      expect([command, code]).toEqual([command, exitCodes.refused]);
      expect(out + err).toContain(chain.accountName(0));
      expect(out + err).toMatch(/2(\.0+)? [A-Z]+\s+expected\s+at\s+least/);
      expect(out + err).toContain("accounts.create.balance");
    }
    expect(await chain.balanceOf(node, funder)).toBe(before);
    expect(await chain.exists(node, chain.accountName(0))).toBe(false);
    expect(await readdir(folder.path)).not.toContain("keys.json");

    const { out } = await finish(program("plan", path, "--json"));
    const { problems } = JSON.parse(out) as { problems: { path: string; expected: string }[] };
    const enough = problems.filter((problem) => problem.path === "accounts.create.balance");
    const balance = enough.map(({ expected }) => /at least "(.*)"/.exec(expected)?.[1] as string);
    await outcomeOf("setup", await scenarioOf(chain, (network as SetupNetwork).endpoints, { balance }));
  }, 120_000);

  test("gets there over a node that hangs up, refuses, does not answer and forgets", async () => {
    const faults = { rejectShare: 0.2, dropAnswerShare: 0.2, forgetShare: 0.1 };
    const node = await start(chain, { nodes: [faults] });
    const proxy = await openProxy(node);
    try {
      const path = await scenarioOf(chain, [proxy.endpoint]);
      const before = await chain.balanceOf(node, funder);
      const needed = await neededOf(chain, path);
      const running = program("setup", path);
      await running.says(/^Setup/m);
      proxy.cut();
      await chain.balanceOf(node, funder);
      proxy.heal();
      const { code } = await finish(running);
      // Where a look at the chain was cut off, the command is repeated by whoever gave it.
      expect([exitCodes.passed, exitCodes.network]).toContain(code);
      if (code !== exitCodes.passed) await outcomeOf("setup", path);
      expect(before - (await chain.balanceOf(node, funder))).toBe(needed);
    } finally {
      await proxy.close();
    }
  }, 600_000);

  test("refuses accounts of the same names that have other keys, and leaves no key file behind", async () => {
    await start(chain);
    const { endpoints } = network as SetupNetwork;
    await outcomeOf("setup", await scenarioOf(chain, endpoints, { count: 2, keys: { phrase: { env: "PHRASE" } } }));
    const path = await scenarioOf(chain, endpoints, { count: 2 });
    const before = await everyFileIn(folder.path);
    for (const command of ["plan", "setup", "run"]) {
      const { code, err } = await finish(program(command, path));
      expect([command, code]).toEqual([command, exitCodes.refused]);
      expect(err).toContain(chain.accountName(1));
    }
    const left = (await everyFileIn(folder.path)).filter((file) => !file.includes("/reports/"));
    expect(left.sort()).toEqual(before.sort());
  }, 120_000);

  test("adds nothing to a key file for accounts that belong to others", async () => {
    await start(chain);
    const { endpoints } = network as SetupNetwork;
    await outcomeOf("setup", await scenarioOf(chain, endpoints, { count: 2 }));
    const keys = await readFile(join(folder.path, "keys.json"), "utf8");
    const shorter = JSON.stringify({ [chain.accountName(0)]: JSON.parse(keys)[chain.accountName(0)] as string });
    await writeFile(join(folder.path, "keys.json"), shorter);
    const { code } = await finish(program("setup", await scenarioOf(chain, endpoints, { count: 2 })));
    expect(code).toBe(exitCodes.refused);
    expect(await readFile(join(folder.path, "keys.json"), "utf8")).toBe(shorter);
  }, 120_000);
});

describe("setup on antelope, where nobody knows what stakes give before an account has some", () => {
  const poor = {
    ...antelope,
    resources: { cpu: "0.5 EOS", net: "0.5 EOS" },
    workload: { mix: { transfer: 1 } },
  };

  test("says what would do before the accounts are funded, and teardown takes back what these have", async () => {
    const node = await start(poor);
    const path = await scenarioOf(poor, (network as SetupNetwork).endpoints);
    const before = await poor.balanceOf(node, poor.funder);
    const { code, err } = await finish(program("setup", path));
    expect(code).toBe(exitCodes.refused);
    expect(err).toContain("accounts.create.resources.cpu");
    expect(err).not.toContain("Nothing was sent");
    expect(await poor.exists(node, poor.accountName(0))).toBe(true);
    expect(await poor.balanceOf(node, poor.accountName(0))).toBe(0n);

    const registered = await poor.balanceOf(node, poor.funder);
    expect(registered).toBeLessThan(before);
    // Their RAM is sold by accounts that have never had a token.
    await outcomeOf("teardown", path);
    const stakes = toUnits("1", poor.precision) as bigint;
    const received = (await poor.balanceOf(node, poor.funder)) - registered;
    expect(received).toBeGreaterThan(stakes * BigInt(accounts));
    expect(received).toBeLessThan(before - registered);
    expect(await outcomeOf("teardown", path)).toMatchObject({ transactions: 0 });
  }, 120_000);
});
