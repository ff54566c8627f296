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
    for (const name of ["accounts.json", "boot.json", "nodes/producer-1/config.ini"]) {
      expect((await stat(inNetwork(name))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(inNetwork())).mode & 0o777).toBe(0o700);
    const keys = await readFile(inNetwork("accounts.json"), "utf8");
    expect(first.out + first.err).not.toContain(Object.values(JSON.parse(keys) as object)[0]);
    const again = await found({ kind: "bitshares", producers: 2, full: 2, publish: "127.0.0.1" }, onBitshares);
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining("was there already") });
    expect(await readFile(inNetwork("accounts.json"), "utf8")).toBe(keys);
  });

  test("have other keys each time, which no seed tells", async () => {
    await found({ kind: "bitshares" }, onBitshares);
    const elsewhere = { kind: "bitshares", folder: "other" };
    await found(elsewhere, onBitshares);
    const [ours, theirs] = await Promise.all(
      ["lab-network", "other"].map((name) =>
        readJson<Record<string, string>>(join(folder.path, name, "accounts.json")),
      ),
    );
    expect(Object.keys(ours ?? {})).toEqual(Object.keys(theirs ?? {}));
    expect(ours?.["stress-0"]).not.toBe(theirs?.["stress-0"]);
  });

  test("have the scenario against the network itself, with everything else as it was written", async () => {
    await found({ kind: "bitshares", full: 2, publish: "127.0.0.1" }, onBitshares);
    const written = parse(await readFile(inNetwork("scenario.yaml"), "utf8")) as Record<string, unknown>;
    const { chainId } = await readJson<{ chainId: string }>(inNetwork("network.json"));
    expect(written).toMatchObject({
      network: { endpoints: ["ws://127.0.0.1:8090", "ws://127.0.0.1:8091"], chainId },
      accounts: { keys: { file: "accounts.json" }, popularity: { zipf: 1.1 } },
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

interface BitsharesBoot {
  readonly chainId: string;
  readonly treasurer: { readonly name: string };
}

interface BitsharesGenesis {
  readonly initial_accounts: readonly { readonly name: string; readonly owner_key: string }[];
  readonly initial_assets: readonly {
    readonly symbol: string;
    readonly precision: number;
    readonly issuer_name: string;
    readonly max_supply: string;
  }[];
}

/** Real nodes cannot be had everywhere: a devnet with the same accounts, which have nothing yet, takes their place. */
async function startStandIn(): Promise<{ readonly devnet: Program; readonly endpoint: string }> {
  const genesis = await readJson<BitsharesGenesis>(inNetwork("nodes", "full-1", "genesis.json"));
  const boot = await readJson<BitsharesBoot>(inNetwork("boot.json"));
  const config = {
    chain: "bitshares",
    ports: [0],
    genesis: {
      accounts: genesis.initial_accounts
        .filter(({ name }) => !name.startsWith("init"))
        .map(({ name, owner_key }) => ({
          name,
          publicKey: owner_key,
          balances: name === boot.treasurer.name ? { BTS: "1000000000000000" } : {},
        })),
      assets: genesis.initial_assets.map(({ symbol, precision, issuer_name, max_supply }) => {
        return { symbol, precision, issuer: issuer_name, maxSupply: max_supply };
      }),
    },
  };
  await writeFile(join(folder.path, "devnet.json"), JSON.stringify(config));
  const devnet = new Program("devnet", ["--config", join(folder.path, "devnet.json"), "--watch-stdin"]);
  const [line] = await devnet.says(/\{"event":"ready".*\}/);
  const { nodes, chainId } = devnetReadySchema.parse(JSON.parse(line));
  // Only the id differs from what a real node with this genesis would have.
  await writeFile(inNetwork("boot.json"), JSON.stringify({ ...boot, chainId }));
  const written = parse(await readFile(inNetwork("scenario.yaml"), "utf8")) as Record<string, unknown>;
  const endpoint = nodes[0]?.url ?? "";
  await writeFile(inNetwork("scenario.yaml"), stringify({ ...written, network: { endpoints: [endpoint], chainId } }));
  return { devnet, endpoint };
}

describe("overseer deploy boot", () => {
  test("gives the accounts what the scenario's embedded network would have given them, and once only", async () => {
    await found({ kind: "bitshares" }, onBitshares);
    const { devnet, endpoint } = await startStandIn();
    const boot = () => new Program("overseer", ["deploy", "boot", inNetwork(), "--endpoint", endpoint]).finished;
    try {
      const plan = () => new Program("overseer", ["plan", inNetwork("scenario.yaml")]).finished;
      expect(await plan()).toMatchObject({ code: 114 });
      const first = await boot();
      expect(first).toMatchObject({ code: 0, err: expect.stringContaining("paying 60 accounts") });
      expect(first.err).toMatch(/issuing STRESS to 60 accounts/);
      expect(await plan()).toMatchObject({ code: 0 });
      const again = await boot();
      expect(again).toMatchObject({ code: 0 });
      expect(again.err).not.toMatch(/paying|issuing|placing/);
    } finally {
      devnet.signal("SIGTERM");
      await devnet.finished;
    }
  });

  test("does nothing to a network of another genesis", async () => {
    await found({ kind: "bitshares" }, onBitshares);
    const devnet = new Program("devnet", ["--watch-stdin"]);
    const [line] = await devnet.says(/\{"event":"ready".*\}/);
    const { nodes } = devnetReadySchema.parse(JSON.parse(line));
    try {
      const args = ["deploy", "boot", inNetwork(), "--endpoint", nodes[0]?.url ?? ""];
      expect(await new Program("overseer", args).finished).toMatchObject({ code: 113 });
    } finally {
      devnet.signal("SIGTERM");
      await devnet.finished;
    }
  });
});
