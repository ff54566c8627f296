import { expect, test } from "@jest/globals";
import { system, type TestAction, transfer } from "../../testing/antelope-actions.ts";
import { smallAntelopeNetwork, VirtualAntelopeNetwork } from "../../testing/virtual-antelope-network.ts";

const ofAccount = (...levels: readonly (readonly [string, string])[]) => ({
  threshold: 1,
  keys: [],
  accounts: levels.map(([actor, permission]) => ({ permission: { actor, permission }, weight: 1 })),
  waits: [],
});

function update(permission: string, parent: string, auth: object = ofAccount(["account1", "active"])): TestAction {
  return system("account1", "updateauth", { account: "account1", permission, parent, auth });
}

test.each([
  ["above each other", update("one", "two"), "Changing parent authority is not currently supported"],
  ["above owner", update("owner", "one"), "Cannot change owner authority's parent"],
  ["between active and owner", update("active", "one"), "Cannot change active authority's parent from owner"],
  ["beside owner", update("three", ""), "Only owner permission can have empty parent"],
  ["among those of the system", update("eosio.any", "active"), "are reserved"],
  ["without a name", update("", "active"), "empty name"],
])("permissions do not come to stand %s", (_, action, said) => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork());
  expect(virtual.ask(0, update("one", "active"), update("two", "one")).failure).toBeNull();
  expect(virtual.ask(0, action).failure?.frames[0]?.message).toContain(said);
});

test("permissions that all name each other are looked at once each", () => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork());
  const names = Array.from(
    { length: 60 },
    (_, index) => `p${String.fromCharCode(97 + (index % 26)).repeat(1 + Math.floor(index / 26))}`,
  );
  for (const name of names) expect(virtual.ask(0, update(name, "active")).failure).toBeNull();
  const all = ofAccount(...[...names].sort().map((name) => ["account1", name] as const));
  for (const name of names) expect(virtual.ask(0, update(name, "active", all)).failure).toBeNull();
  const action = {
    ...transfer("account1", "account2", "1.0000 SYS"),
    authorization: [{ actor: "account1", permission: "pa" }],
  };
  const link = { account: "account1", code: "eosio.token", type: "transfer", requirement: "pa" };
  expect(virtual.ask(0, system("account1", "linkauth", link)).failure).toBeNull();
  expect(virtual.ask(0, action).failure?.code).toBe(3_090_003);
});

test("a stake that is taken back whole leaves no row behind", () => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork());
  const parties = { from: "account1", receiver: "account2" };
  const stake = { stake_net_quantity: "2.0000 SYS", stake_cpu_quantity: "1.0000 SYS", transfer: false };
  const unstake = { unstake_net_quantity: "2.0000 SYS", unstake_cpu_quantity: "1.0000 SYS" };
  expect(virtual.ask(0, system("account1", "delegatebw", { ...parties, ...stake })).failure).toBeNull();
  expect(virtual.chain(0).state.stakes.size).toBe(1);
  expect(virtual.ask(0, system("account1", "undelegatebw", { ...parties, ...unstake })).failure).toBeNull();
  expect(virtual.chain(0).state.stakes.size).toBe(0);
});
