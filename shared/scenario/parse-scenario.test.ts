import { describe, expect, test } from "@jest/globals";
import { parse, stringify } from "yaml";
import { type AppError, isAppError } from "../errors/app-error.ts";
import { fakeCatalogues } from "./fake-catalogues.ts";
import { type LocatedProblem, parseScenario } from "./parse-scenario.ts";
import type { Scenario } from "./scenario.ts";

const good = `
name: max-throughput
question: How many transfers does the network include?
chain: bitshares
network: { embedded: { nodes: 3, blockInterval: 1s } }
accounts: { count: 200, balance: 1000 BTS }
seed: 42
beacons: { count: 2 }
workload:
  operationsPerTransaction: 1
  mix: { transfer: 1 }
  route: equal
phases:
  - { name: warm-up, rate: 50 tx/s, for: 5s, measure: false }
  - { name: climb, from: 100 tx/s, to: 2000 tx/s, for: 60s }
  - { name: hold, rate: 1500 tx/s, for: 60s }
drain: 30s
thresholds:
  hold.included.share: ">= 99.9 %"
  hold.inclusion.intended.p99: "<= 6 s"
  hold.rejected.share: { is: "<= 0.1 %", abortOnFail: true, after: 10s }
`;

function parsed(text: string): Scenario {
  return parseScenario(text, { path: "scenarios/test.yaml", chains: fakeCatalogues });
}

function errorOf(text: string): AppError {
  try {
    parsed(text);
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
  throw new Error("expected the scenario to be refused");
}

/** The good scenario with some fields replaced; `undefined` takes one out. */
function changed(fields: Record<string, unknown>): string {
  const base = { ...(parse(good) as Record<string, unknown>), thresholds: {}, ...fields };
  return stringify(Object.fromEntries(Object.entries(base).filter(([, value]) => value !== undefined)));
}

/** `path value` of each problem. */
function found(fields: Record<string, unknown>): string[] {
  return errorOf(changed(fields)).problems.map((problem) => `${problem.path} ${problem.value ?? "-"}`);
}

function accepted(fields: Record<string, unknown>): Scenario {
  return parsed(changed(fields));
}

test("a whole scenario is resolved with every default filled in", () => {
  const scenario = parsed(good);
  expect(scenario).toMatchObject({
    name: "max-throughput",
    description: null,
    seed: 42,
    beacons: { count: 2, signingThreads: null, connectionsPerNode: null },
    network: {
      kind: "embedded",
      nodes: 3,
      allNodes: 3,
      topology: null,
      settings: { blockIntervalMs: 1000, witnesses: 11 },
      parameters: { maximumLifetimeSeconds: 86_400, maximumBlockBytes: 2_000_000, maximumTransactionBytes: 1_000_000 },
    },
    accounts: { kind: "embedded", count: 200, balance: "1000 BTS" },
    workload: {
      operationsPerTransaction: { kind: "fixed", count: 1 },
      mix: [{ name: "transfer", operation: "transfer", weight: 1, parameters: {}, template: null }],
      route: { kind: "equal" },
    },
    drainMicros: 30e6,
    lifetimeSeconds: 90,
    sending: { shedAfterMicros: 1e6, inFlightBound: 10_000, answerTimeoutMicros: 10e6 },
  });
  expect(scenario.phases.map((p) => [p.name, p.measured, p.startMicros, p.firstSequence, p.transactions])).toEqual([
    ["warm-up", false, 0, 0, 250],
    ["climb", true, 5e6, 250, 63_000],
    ["hold", true, 65e6, 63_250, 90_000],
  ]);
  expect(scenario.thresholds).toEqual([
    {
      metric: "hold.included.share",
      phase: "hold",
      comparison: ">=",
      limit: 0.999,
      limitText: "99.9 %",
      abortOnFail: false,
      afterMicros: 0,
    },
    expect.objectContaining({ metric: "hold.inclusion.intended.p99", limit: 6e6, comparison: "<=" }),
    expect.objectContaining({ metric: "hold.rejected.share", limit: 0.001, abortOnFail: true, afterMicros: 10e6 }),
  ]);
});

test("the same scenario as JSON is the same scenario", () => {
  expect(parsed(JSON.stringify(parse(good), null, 2))).toEqual(parsed(good));
});

test("all problems are told at once, in the file's order and with their places", () => {
  const draft = good
    .replace("mix: { transfer: 1 }", "mix: { tranfer: 1 }")
    .replace("rate: 1500 tx/s", 'rate: "2000"')
    .replace("drain: 30s", "drian: 30s");
  const error = errorOf(draft);
  expect(error.code).toBe("SCENARIO_INVALID");
  expect(error.problems).toEqual([
    {
      path: "workload.mix.tranfer",
      value: 'key "tranfer"',
      expected: 'is not an operation of bitshares; did you mean "transfer"?',
      line: 11,
      column: 10,
    },
    expect.objectContaining({
      path: "phases[2].rate",
      value: '"2000"',
      expected: expect.stringContaining('expected a rate such as "2000 tx/s" or "unlimited"'),
      line: 16,
    }),
    {
      path: "drian",
      value: "(unknown key)",
      expected: 'did you mean "drain"?',
      line: 17,
      column: 1,
    },
  ] satisfies unknown[] as LocatedProblem[]);
});

test("a broken file is unreadable, with line and column", () => {
  const error = errorOf("name: x\nphases: [ { name: a, \n");
  expect(error.code).toBe("SCENARIO_UNREADABLE");
  expect(error.problems[0]).toMatchObject({ path: expect.stringMatching(/^line \d+, column \d+$/) });
});

test("a comparison without quotes is explained", () => {
  const error = errorOf("name: x\nthresholds:\n  included.share: >= 99.9 %\n");
  expect(error.code).toBe("SCENARIO_UNREADABLE");
  expect(error.problems[0]?.expected).toContain("need quotes");
});

test.each([
  ["leads nowhere", "name: *nowhere", "SCENARIO_UNREADABLE"],
  ["contains itself", "phases: &phases [*phases]", "SCENARIO_INVALID"],
  [
    "is a bomb",
    "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c]",
    "SCENARIO_UNREADABLE",
  ],
])("an alias that %s is a problem, not a crash", (_, text, code) => {
  const error = errorOf(text);
  expect(error.code).toBe(code);
  expect(error.problems.length).toBeGreaterThan(0);
});

test("anchors and merge keys save repetition", () => {
  const text = good
    .replace("- { name: climb,", "- { name: before, <<: &stretch { for: 2s }, rate: 5 tx/s }\n  - { name: climb,")
    .replace("- { name: hold,", "- { name: after, <<: *stretch, rate: 5 tx/s }\n  - { name: hold,");
  expect(parsed(text).phases.map((phase) => phase.durationMicros)).toEqual([5e6, 2e6, 60e6, 2e6, 60e6]);
});

test.each(["", "[]", "just text", "42"])("a file that holds no fields is invalid: %j", (text) => {
  expect(errorOf(text)).toMatchObject({ code: "SCENARIO_INVALID", problems: [{ path: "(file)" }] });
});

test("a mistake in one part does not hide those in another", () => {
  expect(
    found({
      network: { embedded: { nodes: 3, nodez: 1, nodeBehaviours: [{ rejectShare: 2, stalls: [{ atMs: 5 }] }] } },
      workload: { operationsPerTransaction: 0, mix: { tranfer: 1, transfer: "much" }, route: { node: 9 } },
      thresholds: { "hodl.included.share": 5 },
    }),
  ).toEqual([
    "network.embedded.nodez (unknown key)",
    "network.embedded.nodeBehaviours[0].rejectShare 2",
    "network.embedded.nodeBehaviours[0].stalls[0].forMs -",
    "workload.operationsPerTransaction 0",
    'workload.mix.tranfer key "tranfer"',
    'workload.mix.transfer "much"',
    "workload.route.node 9",
    "thresholds.hodl.included.share 5",
    'thresholds.hodl.included.share phase "hodl"',
  ]);
});

test("missing fields are named", () => {
  expect(found({ question: undefined, chain: undefined, phases: undefined })).toEqual([
    "question -",
    "chain -",
    "phases -",
  ]);
});

describe("phases", () => {
  test.each([
    [{ name: "a", rate: "0.5 tx/s", for: "10s" }, 5],
    [{ name: "a", from: "0 tx/s", to: "100 tx/s", for: "2s" }, 100],
    [{ name: "a", steps: ["10 tx/s", "20 tx/s"], each: "500ms" }, 15],
    [{ name: "a", from: "10 tx/s", to: "30 tx/s", by: "10 tx/s", each: "1s" }, 60],
    [{ name: "a", from: "0.3 tx/s", to: "0.1 tx/s", by: "0.1 tx/s", each: "10s" }, 6],
    [{ name: "a", rate: "unlimited", for: "20s", transactions: 50_000 }, 50_000],
  ])("%j has %d transactions", (phase, transactions) => {
    expect(accepted({ phases: [phase] }).phases[0]?.transactions).toBe(transactions);
  });

  test("an unlimited phase has a bound of its own", () => {
    const phase = { name: "a", rate: "unlimited", for: "20s", transactions: 5, inFlight: 9 };
    expect(accepted({ phases: [phase] }).phases[0]?.load).toEqual({ kind: "unlimited", inFlight: 9 });
  });

  test.each([
    [{ name: "a", rate: "2000", for: "5s" }, ['phases[0].rate "2000"']],
    [{ name: "a", rate: 2000, for: "5s" }, ["phases[0].rate 2000"]],
    [{ name: "a", rate: "10 tx/s", for: "5" }, ['phases[0].for "5"']],
    [{ name: "a", rate: "10 tx/s" }, ["phases[0].for -"]],
    [{ name: "a", rate: "unlimited", for: "5s" }, ["phases[0].transactions -"]],
    [{ name: "a", rate: "10 tx/s", fr: "5s" }, ["phases[0].fr (unknown key)"]],
    [{ name: "a", rate: "10 tx/s", for: "5s", to: "20 tx/s" }, ["phases[0].to (unknown key)"]],
    [{ name: "a.b", rate: "10 tx/s", for: "5s" }, ['phases[0].name "a.b"']],
    [{ name: "a", rate: "2000000 tx/s", for: "5s" }, ['phases[0].rate "2000000 tx/s"']],
    [{ name: "a", from: "1 tx/s", to: "9 tx/s", by: "0 tx/s", each: "1s" }, ['phases[0].by "0 tx/s"']],
    ["hold", ['phases[0] "hold"']],
  ])("%j is refused", (phase, problems) => {
    expect(found({ phases: [phase] })).toEqual(problems);
  });

  test("names are unique, and something must be measured and sent", () => {
    const phase = { name: "a", rate: "10 tx/s", for: "5s" };
    expect(found({ phases: [phase, phase] })).toEqual(['phases[1].name "a"']);
    expect(found({ phases: [{ ...phase, measure: false }] })).toEqual(["phases every phase has measure: false"]);
    expect(found({ phases: [{ ...phase, rate: "0 tx/s" }] })).toEqual(["phases 0 transactions"]);
  });

  test("a run is bounded in transactions, operations and time", () => {
    const phase = { name: "a", rate: "1000000 tx/s", for: "21s" };
    expect(found({ phases: [phase] })).toEqual(["phases 21,000,000 transactions"]);
    const many = { mix: { transfer: 1 }, operationsPerTransaction: 100 };
    expect(found({ phases: [{ ...phase, for: "2s" }], workload: many })).toEqual([
      "phases 2,000,000 transactions with 200,000,000 operations",
    ]);
    const long = { rate: "0.1 tx/s", for: "20h" };
    expect(
      found({
        phases: [
          { ...long, name: "a" },
          { ...long, name: "b" },
        ],
      }),
    ).toEqual(["phases 40.0h"]);
  });

  test("the in-flight bound of an unlimited phase suits the beacons", () => {
    const phase = { name: "a", rate: "unlimited", for: "5s", transactions: 100, inFlight: 3 };
    expect(found({ phases: [phase], beacons: { count: 4 } })).toEqual(["phases[0].inFlight 3"]);
    expect(found({ phases: [{ ...phase, inFlight: 300 }], sending: { inFlight: 100 } })).toEqual([
      "phases[0].inFlight 300",
    ]);
  });
});

describe("workload", () => {
  test.each([
    [7, { kind: "fixed", count: 7 }],
    [{ uniform: [1, 5] }, { kind: "uniform", minimum: 1, maximum: 5 }],
    [{ geometric: { mean: 2.5, max: 20 } }, { kind: "geometric", mean: 2.5, maximum: 20 }],
    [{ table: { 1: 90, 2: 8, 5: 2 } }, { kind: "table", counts: [1, 2, 5], weights: [90, 8, 2] }],
  ])("operationsPerTransaction %j", (written, expected) => {
    const scenario = accepted({ workload: { mix: { transfer: 1 }, operationsPerTransaction: written } });
    expect(scenario.workload.operationsPerTransaction).toEqual(expected);
  });

  test.each([
    [0, ["workload.operationsPerTransaction 0"]],
    [1.5, ["workload.operationsPerTransaction 1.5"]],
    ["two", ['workload.operationsPerTransaction "two"']],
    [{ uniform: [5, 1] }, ["workload.operationsPerTransaction.uniform [5,1]"]],
    [{ uniform: [1] }, ["workload.operationsPerTransaction.uniform [1]"]],
    [{ geometric: { mean: 2 } }, ["workload.operationsPerTransaction.geometric.max -"]],
    [{ geometric: { mean: 20, max: 10 } }, ['workload.operationsPerTransaction.geometric {"mean":20,"max":10}']],
    [{ table: { 0: 5 } }, ['workload.operationsPerTransaction.table {"0":5}']],
    [{ unifrom: [1, 5] }, ["workload.operationsPerTransaction.unifrom (unknown key)"]],
  ])("operationsPerTransaction %j is refused", (written, problems) => {
    expect(found({ workload: { mix: { transfer: 1 }, operationsPerTransaction: written } })).toEqual(problems);
  });

  test("mix entries have parameters, names of their own and templates", () => {
    const mix = {
      transfer: { weight: 60, amount: "1..100 BTS" },
      note: { weight: 5, operation: "custom", template: { id: 1 } },
    };
    expect(accepted({ workload: { mix } }).workload.mix).toEqual([
      { name: "transfer", operation: "transfer", weight: 60, parameters: { amount: "1..100 BTS" }, template: null },
      { name: "note", operation: "custom", weight: 5, parameters: {}, template: { id: 1 } },
    ]);
  });

  test.each([
    [{ tranfer: 1 }, ['workload.mix.tranfer key "tranfer"']],
    [{ mine: { weight: 1, operation: "tranfer" } }, ['workload.mix.mine.operation "tranfer"']],
    [{ transfer: { weight: 1, amount: 5 } }, ["workload.mix.transfer.amount 5"]],
    [{ custom: 1 }, ["workload.mix.custom.template -"]],
    [{ transfer: -1 }, ["workload.mix.transfer -1"]],
    [{ transfer: 0 }, ['workload.mix {"transfer":0}']],
    [{ transfer: {} }, ["workload.mix.transfer.weight -"]],
    [{}, ["workload.mix {}"]],
  ])("mix %j is refused", (mix, problems) => {
    expect(found({ workload: { mix } })).toEqual(problems);
  });

  test("nodes are numbered from 1 in the file and from 0 inside", () => {
    const route = { node: 3 };
    expect(accepted({ workload: { mix: { transfer: 1 }, route } }).workload.route).toEqual({ kind: "node", node: 2 });
  });

  test.each([
    [{ node: 4 }, ["workload.route.node 4"]],
    [{ node: 0 }, ["workload.route.node 0"]],
    [{ weights: [1, 2] }, ["workload.route.weights [1,2]"]],
    [{ weights: [0, 0, 0] }, ["workload.route.weights [0,0,0]"]],
    ["eqal", ['workload.route "eqal"']],
  ])("route %j is refused", (route, problems) => {
    expect(found({ workload: { mix: { transfer: 1 }, route } })).toEqual(problems);
  });
});

describe("network and accounts", () => {
  const endpoints = { endpoints: ["ws://10.0.0.1:8090", "ws://10.0.0.2:8090"] };
  const keys = { env: "LOAD_KEYS" };

  test("existing nodes come with existing accounts", () => {
    const names = { prefix: "load-", count: 3, first: 8 };
    const scenario = accepted({ network: endpoints, accounts: { names, keys } });
    expect(scenario.network).toEqual({ kind: "endpoints", ...endpoints, chainId: null });
    expect(scenario.accounts).toEqual({
      kind: "given",
      names: ["load-8", "load-9", "load-10"],
      keys: { kind: "environment", variable: "LOAD_KEYS" },
    });
  });

  test("a key file is looked for beside the scenario", () => {
    const { accounts } = accepted({ network: endpoints, accounts: { names: ["a"], keys: { file: "keys.json" } } });
    if (accounts.kind !== "given" || accounts.keys.kind !== "file") throw new Error("wrong kind");
    expect(accounts.keys.path).toMatch(/scenarios[/\\]keys\.json$/);
  });

  const onAntelope = { chain: "antelope", network: { embedded: {} } };

  test("each chain's embedded network has its own settings and defaults", () => {
    expect(accepted({ ...onAntelope, accounts: { count: 5, balance: "10 EOS" } }).network).toMatchObject({
      settings: { blockIntervalMs: 500, producers: 3, blocksPerTurn: 12, finality: "savanna", transactionStatus: true },
      parameters: { maximumLifetimeSeconds: 3600, maximumBlockCpuMicros: 200_000, actionCpuMicros: 120 },
    });
    const embedded = {
      blockInterval: "1s",
      producers: 1,
      finality: "dpos",
      maximumBlockCpu: "50ms",
      maximumLifetime: "20m",
    };
    expect(accepted({ chain: "antelope", network: { embedded } }).network).toMatchObject({
      settings: { blockIntervalMs: 1000, producers: 1, finality: "dpos" },
      parameters: { maximumBlockCpuMicros: 50_000, maximumLifetimeSeconds: 1200 },
    });
  });

  test("a topology decides how many nodes there are, of which the full ones are counted and routed to", () => {
    const embedded = {
      nodes: 2,
      topology: "block-producer",
      nodeBehaviours: [{ outages: [{ atMs: 9000, forMs: 5000 }] }],
    };
    const workload = { mix: { transfer: 1 }, route: { weights: [3, 1] } };
    expect(accepted({ network: { embedded }, workload }).network).toMatchObject({
      nodes: 2,
      allNodes: 5,
      topology: { roles: ["producer", "backup", "seed", "full", "full"] },
      nodeBehaviours: [{ outages: [{ atMs: 9000, forMs: 5000 }] }],
    });
    const own = { topology: { roles: ["producer", "full"], links: [[0, 1]] } };
    expect(accepted({ network: { embedded: own } }).network).toMatchObject({ nodes: 1, allNodes: 2 });
  });

  test.each([
    [{ network: endpoints }, ['accounts {"count":200,"balance":"1000 BTS"}']],
    [{ accounts: { names: ["a"], keys } }, ['accounts {"names":["a"],"keys":{"env":"LOAD_KEYS"}}']],
    [{ accounts: { count: 5, balanse: "1 BTS" } }, ["accounts.balanse (unknown key)"]],
    [{ accounts: { count: 5, balance: "1" } }, ['accounts.balance "1"']],
    [
      { network: { endpoints: ["ws://a:1", "ws://a:1", "a:2"] }, accounts: { names: ["a"], keys } },
      ['network.endpoints[2] "a:2"'],
    ],
    [
      { network: { endpoints: ["ws://a:1", "ws://a:1"] }, accounts: { names: ["a"], keys } },
      ['network.endpoints[1] "ws://a:1"'],
    ],
    [
      {
        ...{ chain: "antelope", accounts: { names: ["a"], keys } },
        network: { endpoints: ["http://a:1", "ws://a:2", "https://a:3"] },
      },
      ['network.endpoints[1] "ws://a:2"'],
    ],
    [{ network: { embedded: { blockInterval: "100ms" } } }, ['network.embedded.blockInterval "100ms"']],
    [
      { network: { embedded: { nodeBehaviours: [{ rejectShare: 2 }] } } },
      ["network.embedded.nodeBehaviours[0].rejectShare 2"],
    ],
    [{ network: { embedded: { nodes: 1, nodeBehaviours: [{}, {}] } } }, ["network.embedded.nodeBehaviours 2"]],
    [{ chain: "bitsahres" }, ['chain "bitsahres"']],
    [{ chain: "elsewhere" }, ['network {"embedded":{"nodes":3,"blockInterval":"1s"}}']],
    [{ network: { embedded: { blockInterval: "1500us" } } }, ['network.embedded.blockInterval "1500us"']],
    [{ network: { embedded: { witnesses: 0 } } }, ["network.embedded.witnesses 0"]],
    [
      { network: { embedded: { producers: 3, actionCpu: "100us" } } },
      ["network.embedded.producers 3", 'network.embedded.actionCpu "100us"'],
    ],
    [
      { ...onAntelope, network: { embedded: { blockInterval: "700ms", finality: "soon", witnesses: 3 } } },
      ['network.embedded.finality "soon"'],
    ],
    [
      { ...onAntelope, network: { embedded: { blockInterval: "700ms", maximumBlockCpu: "1500ns", witnesses: 3 } } },
      ['network.embedded.maximumBlockCpu "1500ns"'],
    ],
    [
      { ...onAntelope, network: { embedded: { blockInterval: "700ms", witnesses: 3 } } },
      ['network.embedded.blockInterval "700ms"', "network.embedded.witnesses 3"],
    ],
    [{ ...onAntelope, lifetime: "2h" }, ['lifetime "2h"']],
    [{ network: { embedded: { topology: "star" } } }, ['network.embedded.topology "star"']],
    [
      { network: { embedded: { nodes: 2, networkBehaviour: { linkDelays: [{ between: [0, 2], ms: 1 }] } } } },
      ["network.embedded.networkBehaviour.linkDelays[0].between [0,2]"],
    ],
    [{ network: { embedded: { nodes: 62, topology: "block-producer" } } }, ["network.embedded.nodes 62"]],
    [
      { network: { embedded: { nodes: 2, topology: { roles: ["producer", "full"], links: [[0, 1]] } } } },
      ["network.embedded.nodes 2"],
    ],
    [
      {
        network: {
          embedded: {
            topology: {
              roles: ["backup", "seed", "seed"],
              links: [
                [0, 3],
                [1, 1],
              ],
            },
          },
        },
      },
      [
        'network.embedded.topology.roles ["backup","seed","seed"]',
        'network.embedded.topology.roles ["backup","seed","seed"]',
        "network.embedded.topology.links [[0,3],[1,1]]",
        "network.embedded.topology.links[0] [0,3]",
        "network.embedded.topology.links[1] [1,1]",
      ],
    ],
    [
      { network: { embedded: { topology: "block-producer", nodes: 1, nodeBehaviours: [{}, {}, {}, {}, {}] } } },
      ["network.embedded.nodeBehaviours 5"],
    ],
    [{ lifetime: "20s" }, ['lifetime "20s"']],
    [{ lifetime: "48h" }, ['lifetime "48h"']],
    [{ network: { embedded: { maximumLifetime: "60s" } } }, ["lifetime 90s by default"]],
  ])("%j is refused", (fields, problems) => {
    expect(found(fields)).toEqual(problems);
  });
});

describe("thresholds", () => {
  test.each([
    [{ "hold.inclded.share": ">= 99 %" }, 'did you mean "hold.included.share"'],
    [{ "hodl.included.share": ">= 99 %" }, 'did you mean "hold"'],
    [{ "included.share": "99 %" }, "expected a comparison with a share"],
    [{ "included.share": ">= 6 s" }, "expected a comparison with a share"],
    [{ "included.share": ">= 101 %" }, "expected a comparison with a share"],
    [{ "answer.service.p99": "<= 6" }, "expected a comparison with a duration"],
    [{ "included.rate": { is: ">= 5" } }, "expected a comparison with a rate"],
    [{ "hold.included.share": { is: ">= 99 %", after: "2m" } }, "expected less than the phase's 60s"],
    [{ "hold.included.share": { is: ">= 99 %", abortOnfail: true } }, 'did you mean "abortOnFail"'],
  ])("%j is refused", (thresholds, expected) => {
    const { problems } = errorOf(changed({ thresholds }));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.path).toMatch(/^thresholds\./);
    expect(problems[0]?.expected).toContain(expected);
  });

  test("limits are in the metric's base unit", () => {
    const { thresholds } = accepted({
      thresholds: { "included.rate": "> 100 tx/s", "lateness.p99.9": "≤ 500 us", "lost.share": "== 0 %" },
    });
    expect(thresholds.map((t) => [t.phase, t.comparison, t.limit])).toEqual([
      [null, ">", 100],
      [null, "<=", 500],
      [null, "==", 0],
    ]);
  });
});

describe("shares of beacons", () => {
  const eu = { where: { region: "eu" }, weight: 3 };

  test("have a weight of all or of each, and labels or none", () => {
    const shares = [eu, { where: { size: "large" }, each: 2 }, { weight: 1 }];
    expect(accepted({ beacons: { count: 3, shares } }).beacons.shares).toEqual([
      { where: { region: "eu" }, weight: 3, of: "all" },
      { where: { size: "large" }, weight: 2, of: "each" },
      { where: {}, weight: 1, of: "all" },
    ]);
  });

  test.each([
    ["both weights", [{ ...eu, each: 1 }], "beacons.shares[0]"],
    ["no weight", [{ where: { region: "eu" } }], "beacons.shares[0]"],
    ["a weight of nothing", [{ where: {}, weight: 0 }], "beacons.shares[0].weight"],
    ["half a transaction", [{ where: {}, each: 1.5 }], "beacons.shares[0].each"],
    ["a label that cannot be one", [{ where: { "a b": "c" }, weight: 1 }], "beacons.shares[0].where"],
    ["a misspelt field", [{ were: { region: "eu" }, weight: 1 }], "beacons.shares[0].were"],
  ])("refuses %s", (_, shares, path) => {
    const [problem] = found({ beacons: { count: 3, shares } });
    expect(problem?.startsWith(path)).toBe(true);
  });

  test("refuses a share that no beacon can fall under, and fewer beacons than shares", () => {
    const shares = [eu, { where: { region: "eu", size: "large" }, weight: 1 }];
    expect(found({ beacons: { count: 1, shares } }).map((problem) => problem.split(" ")[0])).toEqual([
      "beacons.count",
      "beacons.shares[1]",
    ]);
  });
});
