import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { parse, stringify } from "yaml";
import { devnetReadySchema } from "../shared/devnet/config.ts";
import { type Finished, Program, readJson, temporaryFolder } from "./support/programs.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

jest.setTimeout(120_000);

const scenario = {
  name: "set-up",
  question: "Has the network what the run needs?",
  network: { embedded: { nodes: 2 } },
  seed: 7,
  phases: [{ name: "hold", rate: "10 tx/s", for: "4s" }],
};

async function found(network: Record<string, unknown>, changes: Record<string, unknown>): Promise<Finished> {
  await writeFile(join(folder.path, "scenario.yaml"), stringify({ ...scenario, ...changes }));
  const deployment = { name: "lab", network: { scenario: "scenario.yaml", ...network } };
  await writeFile(join(folder.path, "lab.yaml"), stringify(deployment));
  return new Program("overseer", ["deploy", "found", join(folder.path, "lab.yaml")]).finished;
}

const inNetwork = (...names: string[]): string => join(folder.path, "lab-network", ...names);

const onBitshares = {
  chain: "bitshares",
  accounts: { count: 60, balance: "10000 BTS", popularity: { zipf: 1.1 } },
  workload: { mix: { transfer: 60, limit_order_create: 30, limit_order_cancel: 10 } },
};

describe("the files of a network of real nodes", () => {
  test("are made once, and are their owner's alone", async () => {
    const first = await found({ kind: "bitshares", producers: 2, full: 2, publish: "127.0.0.1" }, onBitshares);
    expect(first).toMatchObject({ code: 0, out: expect.stringContaining("founded") });
    for (const name of ["funder.json", "network.json", "nodes/producer-1/config.ini"]) {
      expect((await stat(inNetwork(name))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(inNetwork())).mode & 0o777).toBe(0o700);
    const keys = await readFile(inNetwork("funder.json"), "utf8");
    expect(first.out + first.err).not.toContain(Object.values(JSON.parse(keys) as object)[0]);
    const again = await found({ kind: "bitshares", producers: 2, full: 2, publish: "127.0.0.1" }, onBitshares);
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining("was there already") });
    expect(await readFile(inNetwork("funder.json"), "utf8")).toBe(keys);
  });

  test("have other keys each time, which no seed tells", async () => {
    await found({ kind: "bitshares" }, onBitshares);
    const elsewhere = { kind: "bitshares", folder: "other" };
    await found(elsewhere, onBitshares);
    const [ours, theirs] = await Promise.all(
      ["lab-network", "other"].map((name) => readJson<Record<string, string>>(join(folder.path, name, "funder.json"))),
    );
    expect(Object.keys(ours ?? {})).toEqual(Object.keys(theirs ?? {}));
    expect(Object.values(ours ?? {})).not.toEqual(Object.values(theirs ?? {}));
  });

  test("have the scenario against the network itself, with everything else as it was written", async () => {
    await found({ kind: "bitshares", full: 2, publish: "127.0.0.1" }, onBitshares);
    const written = parse(await readFile(inNetwork("scenario.yaml"), "utf8")) as Record<string, unknown>;
    const { chainId } = await readJson<{ chainId: string }>(inNetwork("network.json"));
    expect(written).toMatchObject({
      network: { endpoints: ["ws://127.0.0.1:8090", "ws://127.0.0.1:8091"], chainId },
      accounts: {
        create: { count: 60, balance: "10000 BTS" },
        from: { key: { file: "funder.json" } },
        keys: { file: "accounts.json" },
        popularity: { zipf: 1.1 },
      },
      workload: onBitshares.workload,
      phases: scenario.phases,
    });
    const validate = await new Program("overseer", ["validate", inNetwork("scenario.yaml")]).finished;
    expect(validate).toMatchObject({ code: 0 });
  });

  test("are not taken for those of another topology", async () => {
    await found({ kind: "bitshares" }, onBitshares);
    expect(await found({ kind: "bitshares", full: 3 }, onBitshares)).toMatchObject({ code: 104 });
  });

  test("are not made where the deployment or its scenario is wrong, and everything that is wrong is told", async () => {
    const network = { kind: "bitshares", delays: [{ between: ["full-1", "full-9"], delay: "10ms" }] };
    const { code, err } = await found(network, {
      ...onBitshares,
      chain: "antelope",
      workload: { mix: { transfer: 1 } },
    });
    expect(code).toBe(104);
    for (const path of ["network.delays[0].between", "network.scenario"]) expect(err).toContain(path);
    await expect(stat(inNetwork())).rejects.toMatchObject({ code: "ENOENT" });
  });
});

interface NetworkFile {
  readonly chainId: string;
  readonly boot: { readonly endpoint: string; readonly plan: unknown };
}

interface BitsharesGenesis {
  readonly initial_accounts: readonly { readonly name: string; readonly owner_key: string }[];
}

interface StandIn {
  readonly devnet: Program;
  readonly endpoint: string;
}

async function standIn(options: readonly string[]): Promise<StandIn & { readonly chainId: string }> {
  const devnet = new Program("devnet", [...options, "--watch-stdin"]);
  const [line] = await devnet.says(/\{"event":"ready".*\}/);
  const { nodes, chainId } = devnetReadySchema.parse(JSON.parse(line));
  return { devnet, endpoint: nodes[0]?.url ?? "", chainId };
}

/**
 * Real nodes cannot be had everywhere: a devnet takes their place, whose accounts are those of the genesis, with all there
 * is in the hands of the funding account, as after its claim.
 */
async function startStandIn(): Promise<StandIn> {
  const genesis = await readJson<BitsharesGenesis>(inNetwork("nodes", "full-1", "genesis.json"));
  const [funder] = Object.keys(await readJson<Record<string, string>>(inNetwork("funder.json")));
  // The devnet has witnesses of its own.
  const others = genesis.initial_accounts.filter(({ name }) => !name.startsWith("init"));
  const accounts = others.map(({ name, owner_key }) => ({
    ...{ name, publicKey: owner_key, lifetimeMember: true },
    balances: name === funder ? { BTS: "1000000000000000" } : {},
  }));
  const path = join(folder.path, "devnet.json");
  await writeFile(path, JSON.stringify({ chain: "bitshares", ports: [0], genesis: { accounts } }));
  const { devnet, endpoint, chainId } = await standIn(["--config", path]);
  // Only the id and the port differ from what a real node with this genesis would have.
  const network = await readJson<NetworkFile>(inNetwork("network.json"));
  await writeFile(inNetwork("network.json"), JSON.stringify({ ...network, chainId }));
  const written = parse(await readFile(inNetwork("scenario.yaml"), "utf8")) as Record<string, unknown>;
  await writeFile(inNetwork("scenario.yaml"), stringify({ ...written, network: { endpoints: [endpoint], chainId } }));
  return { devnet, endpoint };
}

async function stop({ devnet }: StandIn): Promise<void> {
  devnet.signal("SIGTERM");
  await devnet.finished;
}

describe("overseer deploy boot", () => {
  test("gives the accounts what the scenario's embedded network would have given them, and once only", async () => {
    await found({ kind: "bitshares" }, onBitshares);
    const network = await startStandIn();
    const boot = () =>
      new Program("overseer", ["deploy", "boot", inNetwork(), "--endpoint", network.endpoint]).finished;
    const plan = () => new Program("overseer", ["plan", inNetwork("scenario.yaml")]).finished;
    try {
      expect(await plan()).toMatchObject({ code: 0, out: expect.stringContaining("register accounts (60)") });
      const first = await boot();
      expect(first).toMatchObject({ code: 0, out: expect.stringContaining("ready for overseer run") });
      for (const stage of ["register accounts", "fund accounts", "create assets", "place open orders"]) {
        expect(first.err).toContain(stage);
      }
      expect((await stat(inNetwork("accounts.json"))).mode & 0o777).toBe(0o600);
      const keys = Object.values(await readJson<Record<string, string>>(inNetwork("accounts.json")));
      expect(keys).toHaveLength(60);
      for (const key of keys) expect(first.out + first.err).not.toContain(key);
      expect((await plan()).out).not.toContain("register accounts");
      expect(await boot()).toMatchObject({ code: 0, out: expect.stringContaining("nothing was to be done") });
    } finally {
      await stop(network);
    }
  });

  test("does nothing to a network of another genesis", async () => {
    await found({ kind: "bitshares" }, onBitshares);
    const network = await standIn([]);
    try {
      const args = ["deploy", "boot", inNetwork(), "--endpoint", network.endpoint];
      expect(await new Program("overseer", args).finished).toMatchObject({ code: 113 });
      await expect(stat(inNetwork("accounts.json"))).rejects.toMatchObject({ code: "ENOENT" });
    } finally {
      await stop(network);
    }
  });
});
