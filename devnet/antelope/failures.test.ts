import { expect, test } from "@jest/globals";
import secp256k1 from "secp256k1";
import { burn, by, signedActions, system, type TestAction, transfer } from "../testing/antelope-actions.ts";
import { smallAntelopeNetwork, VirtualAntelopeNetwork } from "../testing/virtual-antelope-network.ts";
import { toKeyText } from "./codec/public-key.ts";

const otherKey = Buffer.alloc(32, 7);
const otherPublicKey = toKeyText(secp256k1.publicKeyCreate(otherKey, true));

interface Case {
  readonly name: string;
  readonly actions: readonly TestAction[];
  readonly keys?: readonly (Uint8Array | undefined)[];
  /** Seconds from the head. */
  readonly expiresIn?: number;
  readonly refBlockPrefix?: number;
  readonly limits?: { readonly netWords?: number; readonly cpuMillis?: number };
  readonly code: number;
  /** Of the first detail, as real nodes word it. */
  readonly message: string | RegExp;
}

const plain = transfer("account1", "account2", "0.0001 SYS");
const asserted = (message: string): string => `assertion failure with message: ${message}`;

const cases: readonly Case[] = [
  {
    name: "expired",
    actions: [plain],
    expiresIn: -5,
    code: 3_040_005,
    message: /^expired transaction \w{64}, expiration 20.*\.000, block time 20/,
  },
  {
    name: "expires too far ahead",
    actions: [plain],
    expiresIn: 7200,
    code: 3_040_006,
    message: /^Transaction expiration is too far in the future relative to the reference time of .* 3600 seconds$/,
  },
  {
    name: "unknown reference block",
    actions: [plain],
    refBlockPrefix: 7,
    code: 3_040_007,
    message: "Transaction's reference block did not match. Is this transaction from a different fork?",
  },
  {
    name: "wrong key",
    actions: [plain],
    keys: [otherKey],
    code: 3_090_003,
    message: `transaction declares authority '{"actor":"account1","permission":"active"}', but does not have signatures for it under a provided delay of 0 ms, provided permissions [], provided keys ["${otherPublicKey}"], and a delay max limit of 3888000000 ms`,
  },
  { name: "no signature", actions: [plain], keys: [], code: 3_090_003, message: /provided keys \[\],/ },
  {
    name: "a superfluous signature",
    actions: [plain],
    keys: [undefined, otherKey],
    code: 3_090_002,
    message: `transaction bears irrelevant signatures from these keys: ["${otherPublicKey}"]`,
  },
  {
    name: "the same signature twice",
    actions: [plain],
    keys: [undefined, undefined],
    code: 3_090_001,
    message: /^transaction includes more than one signature/,
  },
  {
    name: "unknown contract",
    actions: [by("account1", "nosuchacct", "transfer", Buffer.alloc(1))],
    code: 3_040_000,
    message: "action's code account 'nosuchacct' does not exist",
  },
  {
    name: "unknown actor",
    actions: [{ ...plain, authorization: [{ actor: "nosuchacct", permission: "active" }] }],
    code: 3_040_000,
    message: "action's authorizing actor 'nosuchacct' does not exist",
  },
  {
    name: "unknown permission",
    actions: [{ ...plain, authorization: [{ actor: "account1", permission: "nosuch" }] }],
    code: 3_040_000,
    message: `action's authorizations include a non-existent permission: {"actor":"account1","permission":"nosuch"}`,
  },
  { name: "no action", actions: [], code: 3_040_002, message: "transaction must have at least one action" },
  {
    name: "overdrawn",
    actions: [transfer("account1", "account2", "1000.0001 SYS")],
    code: 3_050_003,
    message: asserted("overdrawn balance"),
  },
  {
    name: "unknown recipient",
    actions: [transfer("account1", "nosuchacct", "0.0001 SYS")],
    code: 3_050_003,
    message: asserted("to account does not exist"),
  },
  {
    name: "to oneself",
    actions: [transfer("account1", "account1", "0.0001 SYS")],
    code: 3_050_003,
    message: asserted("cannot transfer to self"),
  },
  {
    name: "nothing",
    actions: [transfer("account1", "account2", "0.0000 SYS")],
    code: 3_050_003,
    message: asserted("must transfer positive quantity"),
  },
  {
    name: "another precision",
    actions: [transfer("account1", "account2", "0.01 SYS")],
    code: 3_050_003,
    message: asserted("symbol precision mismatch"),
  },
  {
    name: "another token",
    actions: [transfer("account1", "account2", "0.0001 NONE")],
    code: 3_050_003,
    message: asserted("unable to find key"),
  },
  {
    name: "a long memo",
    actions: [transfer("account1", "account2", "0.0001 SYS", "x".repeat(257))],
    code: 3_050_003,
    message: asserted("memo has more than 256 bytes"),
  },
  {
    name: "data cut short",
    actions: [by("account1", "eosio.token", "transfer", Buffer.alloc(1))],
    code: 3_050_003,
    message: asserted("datastream attempted to read past the end"),
  },
  {
    name: "somebody else's money",
    actions: [{ ...transfer("account2", "account3", "0.0001 SYS"), authorization: plain.authorization }],
    code: 3_090_004,
    message: "missing authority of account2",
  },
  {
    name: "too much CPU time",
    actions: [burn("account1", "cpu", 1, 160_000)],
    code: 3_080_004,
    message: "transaction was executing for too long 160000us reached on chain max_transaction_cpu_usage 150000us",
  },
  {
    name: "more CPU time than the transaction allows itself",
    actions: [burn("account1", "cpu", 1, 3000)],
    limits: { cpuMillis: 2 },
    code: 3_080_004,
    message:
      "billed CPU time (3000 us) is greater than the maximum billable CPU time for the transaction (2000 us) reached trx specified max_cpu_usage_ms 2000us",
  },
  {
    name: "more NET than the transaction allows itself",
    actions: [plain],
    limits: { netWords: 10 },
    code: 3_080_002,
    message: "transaction net usage is too high: 125 > 80",
  },
];

test.each(cases)("$name", ({ actions, keys, expiresIn, refBlockPrefix, limits, code, message }) => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork());
  const usual = virtual.reference();
  const reference = {
    ...usual,
    ...(expiresIn === undefined ? {} : { expirationSeconds: usual.expirationSeconds - 60 + expiresIn }),
    ...(refBlockPrefix === undefined ? {} : { refBlockPrefix }),
  };
  const before = virtual.chain(0).state.balance("account1", "SYS");
  const [answer] = virtual.broadcast(0, signedActions(actions, reference, keys, limits));
  const { failure } = answer!.verdict;
  expect(failure?.code).toBe(code);
  if (typeof message === "string") expect(failure?.frames[0]?.message).toBe(message);
  else expect(failure?.frames[0]?.message).toMatch(message);
  expect(virtual.chain(0).state.balance("account1", "SYS")).toEqual(before);
  expect(virtual.chain(0).pendingCount).toBe(0);
});

test("a duplicate is told, pending or included, until it expires", () => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork());
  const transaction = signedActions([plain], virtual.reference());
  const codes = [0, 1, 2, 70].map((wait) => {
    virtual.advance(wait);
    return virtual.broadcast(0, transaction)[0]!.verdict.failure?.code ?? null;
  });
  expect(codes).toEqual([null, 3_040_008, 3_040_008, 3_040_005]);
  expect(virtual.broadcast(1, transaction)[0]!.verdict.failure?.trace).toBeNull();
});

test("what was done before an action failed is taken back, and the trace tells how far it got", () => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork());
  const { failure } = virtual.ask(0, plain, transfer("account1", "account3", "1000.0000 SYS"));
  expect(failure?.trace?.receipt).toBeNull();
  const traces = failure?.trace?.actions.map(({ ordinal, creatorOrdinal, receiver, receipt }) => [
    ordinal,
    creatorOrdinal,
    receiver,
    receipt !== null,
  ]);
  expect(traces).toEqual([
    [1, 0, "eosio.token", true],
    [2, 0, "eosio.token", false],
    [3, 1, "account1", true],
    [4, 1, "account2", true],
    [5, 2, "account1", false],
    [6, 2, "account3", false],
  ]);
  expect(virtual.chain(0).state.balance("account2", "SYS")?.amount).toBe(10_000_000n);
});

test("an action that a contract does not know, or an account without code, is accepted", () => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork());
  const verdicts = [
    virtual.ask(0, by("account1", "eosio.token", "nosuch", Buffer.alloc(1))),
    virtual.ask(0, by("account1", "account2", "anything", Buffer.alloc(1))),
  ];
  for (const { applied, failure } of verdicts) {
    expect(failure).toBeNull();
    expect(applied?.trace.actions).toHaveLength(1);
    expect(applied).toMatchObject({ cpuMicros: 120, netWords: 12 });
  }
});

test("an account's CPU time and NET run out and come back in the course of a day", () => {
  const virtual = new VirtualAntelopeNetwork(
    smallAntelopeNetwork({ blockIntervalMs: 30_000 }, { cpuMicrosPerDay: 300, netBytesPerDay: 4000 }),
  );
  const send = (units: number) => virtual.ask(0, transfer("account1", "account2", `0.000${units} SYS`)).failure;
  expect([send(1), send(2)]).toEqual([null, null]);
  expect(send(3)?.frames[0]?.message).toBe(
    "billed CPU time (120 us) is greater than the maximum billable CPU time for the transaction (60 us) reached account cpu limit 60us",
  );
  virtual.advance(6 * 60 * 60 + 600);
  expect(send(4)).toBeNull();
  expect(send(5)?.code).toBe(3_080_004);
  const chain = virtual.chain(0);
  const account = chain.state.accounts.get("account1")!;
  const { used, available, max } = chain.state.limit(account, "net", chain.pendingMillis);
  expect(max).toBe(4000);
  expect(used + available).toBe(4000);
  expect(chain.state.limit(chain.state.accounts.get("account2")!, "net", 0)).toEqual({
    used: -1,
    available: -1,
    max: -1,
  });
});

test("RAM is billed to who makes a row and refused to who has none left", () => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork({}, { ramBytes: 3200 }));
  const used = (name: string) => virtual.chain(0).state.ramUsage.get(name)!;
  expect(used("account1")).toBe(3092);
  expect(virtual.ask(0, burn("account1", "ram", 1, 108)).failure).toBeNull();
  expect(virtual.ask(0, burn("account1", "ram", 2, 1)).failure?.frames[0]?.message).toBe(
    "account account1 has insufficient ram; needs 3201 bytes has 3200 bytes",
  );
  expect(
    virtual.ask(0, system("account1", "buyrambytes", { payer: "account1", receiver: "account1", bytes: 1 })).failure,
  ).toBeNull();
  expect(virtual.ask(0, burn("account1", "ram", 2, 1)).failure).toBeNull();
  const name = "newaccount11";
  const authority = {
    threshold: 1,
    keys: [],
    accounts: [{ permission: { actor: "account2", permission: "active" }, weight: 1 }],
    waits: [],
  };
  const created = system("account2", "newaccount", { creator: "account2", name, owner: authority, active: authority });
  const before = used("account2");
  const { applied } = virtual.ask(0, created, transfer("account2", name, "0.0001 SYS"));
  expect(applied?.trace.actions.map(({ ramDeltas }) => ramDeltas)).toEqual([
    [{ account: name, delta: 2916 }],
    [{ account: "account2", delta: 128 }],
    [],
    [],
  ]);
  expect(used("account2")).toBe(before + 128);
  // Whoever satisfies account2 satisfies the new account too; its first transfer makes it pay for its own row.
  expect(virtual.ask(0, transfer(name, "account3", "0.0001 SYS")).failure).toBeNull();
  expect(used("account2")).toBe(before);
});

test("permissions are added, linked, needed and taken away", () => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork());
  const auth = { threshold: 2, keys: [{ key: otherPublicKey, weight: 2 }], accounts: [], waits: [] };
  const withStress = { ...plain, authorization: [{ actor: "account1", permission: "stress" }] };
  const ask = (action: TestAction, key?: Uint8Array) =>
    virtual.broadcast(0, signedActions([action], virtual.reference(), [key]))[0]!.verdict.failure?.code ?? null;
  const update = { account: "account1", permission: "stress", parent: "active", auth };
  const link = { account: "account1", code: "eosio.token", type: "transfer", requirement: "stress" };
  expect(ask(withStress, otherKey)).toBe(3_040_000);
  expect(ask(system("account1", "updateauth", update))).toBeNull();
  expect(ask(withStress, otherKey)).toBe(3_090_005);
  expect(ask(system("account1", "linkauth", link))).toBeNull();
  expect(ask(withStress)).toBe(3_090_003);
  expect(ask(withStress, otherKey)).toBeNull();
  expect(ask(system("account1", "deleteauth", { account: "account1", permission: "stress" }))).toBe(3_050_000);
  expect(
    ask(system("account1", "unlinkauth", { account: "account1", code: "eosio.token", type: "transfer" })),
  ).toBeNull();
  virtual.advance(1);
  expect(ask(withStress, otherKey)).toBe(3_090_005);
});

test("links cost RAM, are told apart by their action, and keep permissions from being deleted", () => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork());
  const { state } = virtual.chain(0);
  const ask = (action: TestAction) => {
    // The same action twice is another transaction in another block.
    virtual.advance(1);
    return virtual.ask(0, action).failure?.code ?? null;
  };
  const ram = () => state.ramUsage.get("account1") as number;
  const permission = (name: string, parent: string) =>
    system("account1", "updateauth", {
      ...{ account: "account1", permission: name, parent },
      auth: {
        threshold: 1,
        keys: [],
        accounts: [{ permission: { actor: "account1", permission: "active" }, weight: 1 }],
        waits: [],
      },
    });
  const link = (changes: object) =>
    system("account1", "linkauth", {
      ...{ account: "account1", code: "eosio.token", type: "transfer", requirement: "active" },
      ...changes,
    });
  const before = ram();
  expect(ask(link({ requirement: "" }))).toBe(3_050_000);
  expect(ask(link({ code: "nobody" }))).toBe(3_060_002);
  expect(ask(link({ requirement: "parent" }))).toBe(3_060_001);
  expect(ask(link({}))).toBeNull();
  expect(ask(link({}))).toBe(3_050_000);
  expect(ask(link({ type: "open" }))).toBeNull();
  expect(ram() - before).toBe(2 * 136);
  expect(ask(permission("parent", "active"))).toBeNull();
  expect(ask(permission("child", "parent"))).toBeNull();
  expect(ask(link({ requirement: "child" }))).toBeNull();
  const remove = (name: string) => system("account1", "deleteauth", { account: "account1", permission: name });
  expect(ask(remove("parent"))).toBe(3_050_000);
  expect(ask(remove("child"))).toBe(3_050_000);
  expect(
    ask(system("account1", "unlinkauth", { account: "account1", code: "eosio.token", type: "transfer" })),
  ).toBeNull();
  expect(ask(remove("child"))).toBeNull();
  expect(ask(remove("parent"))).toBeNull();
  expect(ram() - before).toBe(136);
});
