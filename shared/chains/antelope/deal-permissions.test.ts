import { expect, test } from "@jest/globals";
import type { ActionData } from "./chain-data.ts";
import { countDeletable, dealPermissions } from "./deal-permissions.ts";
import type { AccountAnswer } from "./node-answers.ts";

const limit = { available: -1, max: -1 };

function account(name: string, permissions: readonly { name: string; parent?: string; linked?: readonly unknown[] }[]) {
  const answer: AccountAnswer = {
    ...{ account_name: name, ram_quota: -1, ram_usage: 0, cpu_limit: limit, net_limit: limit },
    permissions: permissions.map((permission) => ({
      perm_name: permission.name,
      parent: permission.parent ?? "active",
      linked_actions: [...(permission.linked ?? [])],
      required_auth: { threshold: 1, keys: [] },
    })),
  };
  return answer;
}

const usual = [
  { name: "owner", parent: "" },
  { name: "active", parent: "owner" },
] as const;
const ann = account("ann", [
  ...usual,
  { name: "lsdela" },
  { name: "lsdelb", linked: [{ account: "eosio.token", action: "transfer" }] },
  { name: "lsdelc" },
  { name: "lsdeld", parent: "lsdelc" },
  { name: "trading" },
]);
const bob = account("bob", [...usual, { name: "lsdela" }]);

function deleting(prefix: string): ActionData {
  return {
    ...{ kind: "action", contract: "eosio", action: "deleteauth", actor: null, permission: null, tokens: [] },
    ...{ node: { kind: "constant", value: {} }, deletes: prefix },
  };
}

function entryNamed(name: string) {
  return { name, weight: 1, operation: "deleteauth", parameters: {}, template: null };
}

test("only permissions of the prefix are deleted that nothing depends on, each by whose it is and each once", () => {
  const mix = ["one", "two"].map(entryNamed);
  const dealt = dealPermissions(mix, [deleting("lsdel"), deleting("lsdel")], [ann, bob]) as ActionData[];
  const all = dealt.flatMap(({ owned }) => (owned?.names ?? []).map((name, i) => `${owned?.owners[i]} ${name}`));
  expect(all.sort()).toEqual(["0 lsdela", "0 lsdeld", "1 lsdela"]);
  expect(dealt.map(({ owned }) => owned?.names.length).sort()).toEqual([1, 2]);
  expect([ann, bob].map((answer) => countDeletable(answer, "lsdel"))).toEqual([2, 1]);
});

test("owner and active are deleted by no prefix, and other entries stay as they are", () => {
  const transfer = { ...deleting(""), deletes: undefined } as unknown as ActionData;
  const entries = [transfer, deleting("owner"), deleting("a")];
  const dealt = dealPermissions(["first", "second", "third"].map(entryNamed), entries, [ann, bob]) as ActionData[];
  expect(dealt[0]).toBe(transfer);
  expect(dealt.slice(1).map(({ owned }) => owned)).toEqual([
    { owners: [], names: [] },
    { owners: [], names: [] },
  ]);
});
