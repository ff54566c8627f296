import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import { Program, processesWith, temporaryFolder } from "./support/programs.ts";
import { shortScenario, writeScenario } from "./support/scenarios.ts";
import { type ScriptedNode, startScriptedNode } from "./support/scripted-node.ts";

const developmentKey = "5KQwrPbwdL6PhXujxW37FSSQZ1JiwsST4cqQzDeyXtP79zkvFD3";
const otherKey = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ";
const mainNetwork = "4018d7844c78f6a6c41c6a552b898022310fc5dec06da467ee7905a8dad512c8";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const nodes: ScriptedNode[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()));
  await folder.remove();
});

async function node(...args: Parameters<typeof startScriptedNode>): Promise<ScriptedNode> {
  const started = await startScriptedNode(...args);
  nodes.push(started);
  return started;
}

function atEndpoints(endpoints: readonly string[], changes: Record<string, unknown> = {}): Record<string, unknown> {
  return shortScenario({
    network: { endpoints },
    accounts: { names: ["nathan", "stress-0"], keys: { env: "KEYS" } },
    workload: { operationsPerTransaction: 1, mix: { transfer: 1 }, route: "equal" },
    ...changes,
  });
}

interface Attempt {
  readonly code: number | null;
  readonly err: string;
}

async function attempt(
  scenario: Record<string, unknown>,
  options: { args?: string[]; keys?: string } = {},
): Promise<Attempt> {
  const path = await writeScenario(folder.path, scenario);
  const reports = join(folder.path, "reports");
  const program = new Program("overseer", ["run", path, "--reports", reports, ...(options.args ?? [])], {
    KEYS: options.keys ?? developmentKey,
  });
  const { code, err } = await program.finished;
  expect(err).not.toMatch(/\n\s+at /);
  expect(err).not.toContain(options.keys ?? developmentKey);
  expect(await processesWith(folder.path)).toEqual([]);
  return { code, err };
}

/** A recorded node whose clock runs: the transcripts are of the past, and a node that is behind is refused. */
const current = (call: string, recorded: Parameters<NonNullable<Parameters<typeof startScriptedNode>[0]>>[1]) => {
  if (call !== "database.get_dynamic_global_properties" || recorded === null || !("result" in recorded))
    return recorded;
  return { result: { ...(recorded.result as object), time: new Date().toISOString().slice(0, 19) } };
};

describe("what cannot be run is refused with its own exit code and a message that helps", () => {
  test("a file that is not there", async () => {
    const { code, err } = await new Program("overseer", ["run", join(folder.path, "none.yaml")]).finished;
    expect({ code, named: err.includes("none.yaml") }).toEqual({ code: 104, named: true });
  });

  test("a file that is no YAML, with the line", async () => {
    const path = join(folder.path, "scenario.yaml");
    await writeFile(path, "name: [unclosed\nphases: {");
    const { code, err } = await new Program("overseer", ["run", path]).finished;
    expect(code).toBe(104);
    expect(err).toMatch(/[:\s]\d+/);
  });

  test("a scenario with several mistakes: all of them", async () => {
    const { code, err } = await attempt(
      shortScenario({
        drian: "3s",
        phases: [{ name: "a", rate: "2000", for: "1s" }],
        workload: { mix: { tranfer: 1 } },
      }),
    );
    expect(code).toBe(104);
    for (const part of ["drian", "drain", "phases[0].rate", "tranfer", "transfer"]) expect(err).toContain(part);
  });

  test("a command that does not exist, and a missing one, with the page that helps", async () => {
    const said = async (...args: readonly string[]): Promise<string> => {
      const { code, err } = await new Program("overseer", args).finished;
      expect(code).toBe(exitCodes.usage);
      return err;
    };
    expect(await said("rum", "x.yaml")).toContain("did you mean run?\nhint: see overseer --help\n");
    expect(await said("nothing-of-ours")).toContain("Unknown command: nothing-of-ours");
    expect(await said()).toContain("which command?\nhint: see overseer --help\n");
    expect(await said("deploy")).toContain("which verb: up, scale");
    expect(await said("run")).toContain("an argument is missing: 0 given, 1 needed\nhint: see overseer run --help\n");
  });

  test("nodes that cannot be reached: every one is named", async () => {
    const { code, err } = await attempt(atEndpoints(["ws://127.0.0.1:1", "ws://127.0.0.1:2"]));
    expect(code).toBe(113);
    expect(err).toContain("ws://127.0.0.1:1");
    expect(err).toContain("ws://127.0.0.1:2");
  });

  test("nodes of two chains", async () => {
    const first = await node(current);
    const second = await node((call, recorded) =>
      call === "database.get_chain_properties" || call === "database.get_chain_id"
        ? JSON.parse(JSON.stringify(recorded).replaceAll(/[0-9a-f]{64}/g, "ab".repeat(32)))
        : current(call, recorded),
    );
    const { code, err } = await attempt(atEndpoints([first.url, second.url]));
    expect(code).toBe(113);
    expect(err).toContain(second.url);
  });

  test("a node of another chain than the scenario names", async () => {
    const { url } = await node(current);
    const { code } = await attempt(atEndpoints([url], { network: { endpoints: [url], chainId: "cd".repeat(32) } }));
    expect(code).toBe(113);
  });

  test("a node that is far behind", async () => {
    const { url } = await node((call, recorded) =>
      call === "database.get_dynamic_global_properties"
        ? { result: { ...(recorded as { result: object }).result, time: "2020-01-01T00:00:00" } }
        : recorded,
    );
    const { code, err } = await attempt(atEndpoints([url]));
    expect(code).toBe(113);
    expect(err).toContain(url);
  });

  test("a node that is too old to know APIs by name", async () => {
    const { url } = await node((call) =>
      call.startsWith("database.")
        ? { error: { code: 1, message: "bad_cast_exception: Bad Cast Invalid cast from string to uint64" } }
        : { result: null },
    );
    const { code } = await attempt(atEndpoints([url]));
    expect(code).toBe(113);
  });

  test("a node that does not answer", async () => {
    const { url } = await node(() => null);
    const { code } = await attempt(atEndpoints([url]));
    expect(code).toBe(113);
  }, 60_000);

  test("a public main network, unless scenario and command line both name it", async () => {
    const asMain = (call: string, recorded: Parameters<typeof current>[1]) =>
      JSON.parse(JSON.stringify(current(call, recorded)).replaceAll(/[0-9a-f]{64}/g, mainNetwork));
    const { url } = await node(asMain);
    expect((await attempt(atEndpoints([url]))).code).toBe(114);
    const named = atEndpoints([url], { network: { endpoints: [url], chainId: mainNetwork } });
    expect((await attempt(named)).code).toBe(114);
    expect((await attempt(atEndpoints([url]), { args: ["--allow-main-network", mainNetwork] })).code).toBe(114);
    const { err } = await attempt(named, { args: ["--allow-main-network", mainNetwork] });
    expect(err).not.toContain("public main network");
  });

  test("an account that does not exist, and a key that is another's", async () => {
    const { url } = await node((call, recorded, params) => {
      if (call !== "database.lookup_account_names") return current(call, recorded);
      const accounts = (recorded as { result: ({ name: string } | null)[] }).result;
      const names = params[0] as string[];
      return { result: names.map((name) => accounts.find((account) => account?.name === name) ?? null) };
    });
    const missing = atEndpoints([url], { accounts: { names: ["nathan", "nobody"], keys: { env: "KEYS" } } });
    const { code, err } = await attempt(missing);
    expect(code).toBe(114);
    expect(err).toContain("nobody");
    const wrong = await attempt(atEndpoints([url]), { keys: otherKey });
    expect(wrong.code).toBe(114);
    expect(wrong.err).toContain("nathan");
  });

  test("accounts that cannot pay for it", async () => {
    const { code, err } = await attempt(shortScenario({ accounts: { count: 20, balance: "1 BTS" } }));
    expect(code).toBe(114);
    expect(err).toContain("BTS");
  });

  test("a port that is taken", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await writeFile(join(folder.path, "token"), "a-token-of-some-length");
    const { code, err } = await attempt(shortScenario(), {
      args: ["--expect", "1", "--listen", `127.0.0.1:${port}`, "--token-file", join(folder.path, "token")],
    });
    server.close();
    expect(code).toBe(113);
    expect(err).toContain(String(port));
  });

  test("a door for other machines without a token", async () => {
    const { code, err } = await attempt(shortScenario(), { args: ["--expect", "1", "--listen", "0.0.0.0:0"] });
    expect(code).toBe(104);
    expect(err).toContain("--token-file");
  });

  test("a folder for reports that cannot be written to", async () => {
    const path = await writeScenario(folder.path, shortScenario());
    // A file where the folder should be refuses everyone, root included.
    await writeFile(join(folder.path, "reports"), "");
    const { code, err } = await new Program("overseer", ["run", path, "--reports", join(folder.path, "reports")])
      .finished;
    expect(code).toBe(117);
    expect(err).toContain(join(folder.path, "reports"));
  });

  test("leaves no half-written run behind", async () => {
    await mkdir(join(folder.path, "reports"));
    await attempt(atEndpoints(["ws://127.0.0.1:1"]));
    expect(await readdir(join(folder.path, "reports"))).toEqual([]);
  });
});

test("a reader of results that has seen enough ends nothing with a fault", async () => {
  const program = new Program("overseer", ["schema"]);
  program.child.stdout?.once("data", () => program.child.stdout?.destroy());
  expect(await program.finished).toMatchObject({ code: exitCodes.passed, err: "" });
});

test("a file that is not there is named in plain words", async () => {
  const path = join(folder.path, "nobody-wrote-this");
  const beacon = await new Program("beacon", ["--overseer", "http://127.0.0.1:1", "--token-file", path]).finished;
  expect(beacon.code).toBe(exitCodes.usage);
  expect(beacon.err).toBe(`error: --token-file ${path} cannot be read: there is no file ${path}\n`);
  const overseer = await new Program("overseer", ["report", path]).finished;
  expect(overseer.code).toBe(exitCodes.usage);
  expect(overseer.err).toContain("there is no file");
  expect(overseer.err).not.toContain("ENOENT");
});
