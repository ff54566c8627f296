import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import type { CreatedAccounts, Scenario } from "../../shared/scenario/scenario.ts";
import { admitScenario, admittedPath, type Reach } from "./admit-scenario.ts";

const nothing: Reach = { keys: null, secretVariables: [] };
const some: Reach = { keys: "/keys", secretVariables: ["STRESS_KEYS"] };
const noObserving = { containers: [], prometheus: [] };
const target = {
  name: "t",
  kind: "exposition",
  url: "http://10.0.0.9/",
  metrics: "host",
  intervalMicros: 1e6,
} as const;

/** A key file is resolved against this process's folder, as the scenario's own folder is not here. */
function file(written: string) {
  return { kind: "file", path: resolve(written) } as const;
}

function scenario(changes: Partial<Scenario>): Scenario {
  const base = {
    network: { kind: "endpoints", endpoints: ["ws://10.0.0.5"], chainId: null },
    observe: noObserving,
    beacons: { deploy: null },
  };
  return { ...base, accounts: { kind: "embedded", count: 1, balance: "1 X" }, ...changes } as Scenario;
}

function given(keys: Extract<Scenario["accounts"], { kind: "given" }>["keys"]): Scenario {
  return scenario({ accounts: { kind: "given", names: ["a"], keys } });
}

function refusedPaths(asked: Scenario, reach: Reach): string[] {
  try {
    admitScenario(asked, reach);
  } catch (error) {
    expect(error).toMatchObject({ code: "SCENARIO_INVALID" });
    return (error as { problems: { path: string }[] }).problems.map(({ path }) => path);
  }
  return [];
}

test("takes a scenario that needs nothing of this machine", () => {
  const asked = scenario({ observe: { containers: [], prometheus: [{ ...target, token: null, authority: null }] } });
  expect(admitScenario(asked, nothing)).toEqual(asked);
});

test("finds a key file in the folder that was named for them", () => {
  expect(admitScenario(given(file("stress.json")), some).accounts).toMatchObject({
    keys: { kind: "file", path: "/keys/stress.json" },
  });
});

test.each(["/etc/passwd", "../token", "..", ".", "sub/../../token", "sub/key"])(
  "no file beyond that folder is reached by %s",
  (written) => {
    expect(refusedPaths(given(file(written)), some)).toEqual(["accounts.keys.file"]);
  },
);

test("without a folder or a variable nothing secret is reached", () => {
  expect(refusedPaths(given(file("stress.json")), nothing)).toEqual(["accounts.keys.file"]);
  expect(refusedPaths(given({ kind: "environment", variable: "STRESS_KEYS" }), nothing)).toEqual(["accounts.keys.env"]);
  expect(refusedPaths(given({ kind: "environment", variable: "STRESS_KEYS" }), some)).toEqual([]);
});

test("accounts that are made reach no more than others", () => {
  const accounts: CreatedAccounts = {
    ...{ kind: "created", count: 1, prefix: "p", balances: [], resources: {} },
    funder: { name: "f", key: { kind: "environment", variable: "HOME" } },
    keys: file("../made"),
  };
  expect(refusedPaths(scenario({ accounts }), some)).toEqual(["accounts.from.key.env", "accounts.keys.file"]);
  const inside = admitScenario(
    scenario({ accounts: { ...accounts, funder: { name: "f", key: file("funder") }, keys: file("made") } }),
    some,
  );
  expect(inside.accounts).toMatchObject({ funder: { key: { path: "/keys/funder" } }, keys: { path: "/keys/made" } });
});

test("no secret of the overseer is shown to what a scenario names, and its engine is its own", () => {
  const observe = {
    containers: [{ kind: "name", name: "x" } as const],
    prometheus: [{ ...target, token: { kind: "environment", variable: "STRESS_KEYS" } as const, authority: "/ca" }],
  };
  expect(refusedPaths(scenario({ observe }), some)).toEqual([
    "observe.containers",
    "observe.prometheus[0].token",
    "observe.prometheus[0].ca",
  ]);
});

test("no containers are started on the overseer's engine", () => {
  const beacons = { deploy: { mode: "containers" } } as unknown as Scenario["beacons"];
  const network = { kind: "embedded", container: { image: "any" } } as unknown as Scenario["network"];
  expect(refusedPaths(scenario({ beacons, network }), some)).toEqual(["network.docker", "beacons.deploy"]);
});

test("a kind of network that nobody has thought about is refused", () => {
  const network = { kind: "new" } as unknown as Scenario["network"];
  expect(refusedPaths(scenario({ network }), some)).toEqual(["network"]);
});

test.each([
  ["scenario.yaml", "/keys/scenario.yaml"],
  ["/etc/cron.d/x", "/keys/x"],
  ["..\\..\\x.yaml", "/keys/x.yaml"],
  ["a b;c.yaml", "/keys/a_b_c.yaml"],
])("what is written beside the file %s lies at %s", (written, path) => {
  expect(admittedPath(written, "/keys")).toBe(path);
});
