import { describe, expect, test } from "@jest/globals";
import { operationCatalogue } from "./operation-catalogue.ts";

function problems(
  operation: string,
  parameters: Record<string, unknown> = {},
  template: object | null = null,
): string[] {
  const entry = { name: "entry", operation, parameters, template: template as Record<string, unknown> | null };
  return operationCatalogue.validate(entry).map(({ path }) => path);
}

test("every named action is good without parameters and known by its full name too", () => {
  for (const operation of operationCatalogue.named) expect([operation, ...problems(operation)]).toEqual([operation]);
  for (const operation of operationCatalogue.all) expect(operationCatalogue.knows(operation)).toBe(true);
  expect(problems("eosio.token::transfer")).toEqual([]);
  expect(problems("eosio::delegatebw", { net: "1..2 EOS" })).toEqual([]);
});

test("actions of any contract are known by contract and name, and nothing else is", () => {
  expect(operationCatalogue.knows("swap.defi::deposit")).toBe(true);
  for (const operation of ["trnsfer", "limit_order_create", "a::B", "::x", "a::", "a:b", "toolongofaname::x"]) {
    expect([operation, operationCatalogue.knows(operation)]).toEqual([operation, false]);
  }
});

describe("parameters", () => {
  const good: [string, Record<string, unknown>][] = [
    ["transfer", { amount: "0.0001..10 EOS", memo: "5..20", contract: "other.token" }],
    ["transfer", { amount: 3, memo: 12 }],
    ["open", { token: "TLOS", contract: "my.token" }],
    ["issue", { amount: "5 EOS", memo: 10, actor: "issuer", permission: "issuing" }],
    ["buyram", { amount: "0.1..2 EOS" }],
    ["buyrambytes", { bytes: "100..2000" }],
    ["newaccount", { prefix: "abc" }],
    ["voteproducer", { producers: ["bp2", "bp1"] }],
    ["updateauth", { name: "load" }],
    ["cpu", { micros: "100..5000" }],
    ["net", { bytes: 4096 }],
  ];
  const bad: [string, Record<string, unknown>, string[]][] = [
    ["transfer", { amount: "0 EOS" }, ["amount"]],
    ["transfer", { amount: "1 eos", memo: 257, to: "bob" }, ["to", "amount", "memo"]],
    ["transfer", { amount: "1 EOS.X" }, ["amount"]],
    ["open", { token: "1 EOS" }, ["token"]],
    ["buyrambytes", { bytes: "1.5" }, ["bytes"]],
    ["buyrambytes", { contract: "other" }, ["contract"]],
    ["newaccount", { prefix: "toolong" }, ["prefix"]],
    ["voteproducer", { producers: ["Upper"] }, ["producers"]],
    ["cpu", { micros: 0 }, ["micros"]],
    ["net", { bytes: 70_000 }, ["bytes"]],
  ];
  test.each(good)("%s %j is good", (operation, parameters) => {
    expect(problems(operation, parameters)).toEqual([]);
  });

  test.each(bad)("%s %j has problems at %j", (operation, parameters, paths) => {
    expect(problems(operation, parameters).sort()).toEqual([...paths].sort());
  });
});

test("actions that have no generator need a template", () => {
  expect(problems("my.contract::doit")).toEqual(["template"]);
  expect(problems("my.contract::doit", {}, { owner: { $account: "sender" } })).toEqual([]);
  expect(problems("my.contract::doit", { actor: "someone", permission: "active" }, {})).toEqual([]);
});

test("templates are checked as far as that goes without the contract's ABI", () => {
  const template = { a: { $nonsense: 1 }, b: [{ $integer: [5, 1] }] };
  expect(problems("my.contract::doit", { amount: 1, actor: "Not A Name" }, template)).toEqual([
    "amount",
    "actor",
    "template.a",
    "template.b[0]",
  ]);
});
