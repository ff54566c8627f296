import { describe, expect, test } from "@jest/globals";
import type { MixEntryInput } from "../driver.ts";
import { operationCatalogue } from "./operation-catalogue.ts";

function pathsOf(entry: Partial<MixEntryInput> & { readonly operation: string }): string[] {
  const whole = { name: entry.operation, parameters: {}, template: null, ...entry };
  return operationCatalogue.validate(whole).map((problem) => {
    expect(problem.expected).not.toBe("");
    return problem.path;
  });
}

describe("named operations", () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ["transfer", {}, []],
    ["transfer", { amount: "1..100 BTS" }, []],
    ["transfer", { amount: "1 BTS" }, []],
    ["transfer", { amount: 3 }, []],
    ["transfer", { amount: "100..1 BTS" }, ["amount"]],
    ["transfer", { amount: "0 BTS" }, ["amount"]],
    ["transfer", { amount: "some" }, ["amount"]],
    ["transfer", { amout: "1 BTS", memo: "x" }, ["amout", "memo"]],
    ["transfer", { memo: 12 }, []],
    ["transfer", { memo: "5..200" }, []],
    ["transfer", { memo: "0..200" }, ["memo"]],
    ["transfer", { memo: 4097 }, ["memo"]],
    ["account_upgrade", {}, []],
    ["account_upgrade", { members: 1 }, ["members"]],
    ["account_create", {}, []],
    ["account_create", { prefix: "user-1" }, []],
    ["account_create", { prefix: "Users", members: 1 }, ["members", "prefix"]],
    ["account_update", { votes: 1 }, ["votes"]],
    ["account_whitelist", { listing: "black" }, []],
    ["account_whitelist", { listing: "toString" }, ["listing"]],
    ["witness_vote", { votes: 5 }, []],
    ["committee_vote", { votes: 0 }, ["votes"]],
    ["asset_create", { prefix: "ABC" }, []],
    ["asset_create", { prefix: "ABCD" }, ["prefix"]],
    ["asset_issue", { amount: "1..5 STRESS" }, []],
    ["asset_issue", { amount: "1..5" }, ["amount"]],
    ["asset_reserve", { amount: "0 STRESS" }, ["amount"]],
    ["asset_update", { asset: "STRESS" }, []],
    ["asset_update", { asset: "stress" }, ["asset"]],
    ["custom", { bytes: 16, id: 65_535 }, []],
    ["custom", { bytes: 15, id: 65_536 }, ["bytes", "id"]],
    ["limit_order_create", {}, []],
    ["limit_order_create", { market: "STRESS/BTS", price: "0.5..2", amount: "1..5 STRESS", side: "buy" }, []],
    ["limit_order_create", { sell: "1..100 BTS", receive: "STRESS", expiresAfter: "1h", fillOrKill: true }, []],
    ["limit_order_create", { sell: "1..100 BTS", market: "STRESS/BTS" }, ["market"]],
    ["limit_order_create", { market: "STRESS/STRESS", side: "up", price: 0 }, ["price", "market", "side"]],
    [
      "limit_order_create",
      { amount: "1..5 BTS", expiresAfter: 3, fillOrKill: "yes" },
      ["expiresAfter", "fillOrKill", "amount"],
    ],
    ["limit_order_cancel", {}, []],
    ["limit_order_cancel", { market: "STRESS/BTS", of: 1 }, ["of"]],
    ["limit_order_update", { market: "STRESS/BTS", price: "1..1.5", expiresAfter: "2h" }, []],
    ["limit_order_update", { market: "STRESS", price: 0, expiresAfter: "soon" }, ["market", "price", "expiresAfter"]],
    ["call_order_update", { debt: "1..5 LENT", ratio: "2..3" }, []],
    ["call_order_update", { debt: "1..5", ratio: 1 }, ["debt", "ratio"]],
    ["asset_publish_feed", { asset: "LENT" }, []],
    ["asset_publish_feed", { asset: 1 }, ["asset"]],
    ["asset_settle", { amount: "1..2 SETTLED" }, []],
    ["asset_settle", { amount: 1 }, ["amount"]],
    ["bid_collateral", { debt: "1..2 SETTLED", collateral: "1 BTS" }, []],
    ["bid_collateral", { debt: "0 SETTLED", collateral: 0 }, ["debt", "collateral"]],
    ["proposal_create", { amount: "1..5 STRESS", expiresAfter: "1h" }, []],
    ["proposal_create", { amount: "0 BTS", expiresAfter: 0 }, ["amount", "expiresAfter"]],
    ["proposal_update", {}, []],
    ["proposal_delete", { of: 1 }, ["of"]],
    ["vesting_balance_create", { amount: "1 BTS", policy: "linear", vests: "1d" }, []],
    ["vesting_balance_create", { policy: "instant", vests: "0s" }, ["policy", "vests"]],
    ["vesting_balance_withdraw", { amount: "1 BTS" }, ["amount"]],
    ["htlc_create", { amount: "1..2 STRESS", claimable: "2h" }, []],
    ["htlc_create", { amount: "0", claimable: 5 }, ["amount", "claimable"]],
    ["htlc_redeem", { preimage: "00" }, ["preimage"]],
    ["htlc_extend", { by: "30m" }, []],
    ["htlc_extend", { by: 30 }, ["by"]],
  ])("%s with %j", (operation, parameters, expected) => {
    expect(pathsOf({ operation, parameters }).sort()).toEqual([...expected].sort());
  });
});

describe("templates", () => {
  const custom = { required_auths: [], id: 7, data: { $counter: "hex" } };

  test.each<[string, string, Record<string, unknown> | null, string[]]>([
    ["a good one", "custom", custom, []],
    ["none", "account_transfer", null, ["template"]],
    ["one without a counter", "custom", { ...custom, data: "00" }, ["template"]],
    ["an unknown field", "custom", { ...custom, dta: 1 }, ["template.dta"]],
    ["an unknown placeholder", "custom", { ...custom, id: { $number: 3 } }, ["template.id"]],
    ["a placeholder with a wrong value", "custom", { ...custom, id: { $integer: [9, 1] } }, ["template.id"]],
    ["a surplus option", "custom", { ...custom, id: { $integer: [1, 9], digits: 2 } }, ["template.id"]],
    ["a missing field", "custom", { data: { $counter: "hex" }, required_auths: [] }, ["template"]],
    ["a virtual operation", "fill_order", { fee: 1 }, ["operation"]],
    [
      "a counter in only one choice",
      "custom",
      { ...custom, data: { $choice: [{ $counter: "hex" }, "00"] } },
      ["template"],
    ],
    [
      "a counter in each choice",
      "custom",
      { ...custom, data: { $choice: [{ $counter: "hex" }, { $counter: "hex", start: 9 }] } },
      [],
    ],
  ])("%s", (_, operation, template, expected) => {
    expect(pathsOf({ operation, template })).toEqual(expected);
  });

  test("what the library cannot pack has no template", () => {
    expect(pathsOf({ operation: "limit_order_update", template: { order: "1.7.0" } })).toEqual(["template"]);
  });

  test("parameters beside a template are refused", () => {
    expect(pathsOf({ operation: "custom", template: custom, parameters: { amount: "1 BTS" } })).toEqual(["amount"]);
  });

  test("a named operation may have a template of its own", () => {
    const template = {
      to: { $account: "other" },
      amount: { amount: { $counter: true, start: 1 }, asset_id: "1.3.0" },
      extensions: [],
    };
    expect(pathsOf({ operation: "transfer", template })).toEqual([]);
  });
});

test("the catalogue has every operation that bitsharesjs knows", () => {
  expect(operationCatalogue.named).toEqual(expect.arrayContaining(["transfer", "limit_order_cancel", "witness_vote"]));
  expect(operationCatalogue.named.every((name) => operationCatalogue.knows(name))).toBe(true);
  expect(operationCatalogue.all).toHaveLength(75);
  expect(operationCatalogue.all).toEqual(expect.arrayContaining(["htlc_create", "credit_offer_accept"]));
});
