import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { transfer } from "../../testing/antelope-actions.ts";
import { smallAntelopeNetwork, VirtualAntelopeNetwork } from "../../testing/virtual-antelope-network.ts";
import type { HttpAnswer } from "./error-answer.ts";
import { createRoutes } from "./routes.ts";

const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork());
virtual.send(0, transfer("account1", "account2", "1.0000 SYS"));
virtual.advance(2);
const routes = createRoutes(true);

function ask(path: string, body: string): HttpAnswer[] {
  const answers: HttpAnswer[] = [];
  const call = { network: virtual.network, node: virtual.network.nodes[0]! };
  routes.get(path)!(body, call, (answer) => answers.push(answer));
  return answers;
}

const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
const deepFields = `${'{"transaction":'.repeat(20_000)}1${"}".repeat(20_000)}`;
const names = [
  ...["account_name", "block_num_or_id", "block_num", "code", "table", "scope", "lower_bound", "upper_bound", "limit"],
  ...["symbol", "account", "id", "transaction", "available_keys", "actions", "packed_trx", "signatures", "compression"],
  ...["packed_context_free_data", "json", "reverse", "__proto__", "constructor", "expiration", "code_as_wasm"],
];
const value = fc.oneof(
  fc.constantFrom<unknown>(
    "account1",
    "eosio.token",
    "eosio",
    "accounts",
    "stat",
    "delband",
    "rammarket",
    "SYS",
    "4,SYS",
  ),
  fc.constantFrom<unknown>(
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "",
    "ff".repeat(32),
    "0".repeat(64),
  ),
  fc.constantFrom<unknown>(0, 1, -1, 1e300, 2 ** 53, 0.5, "18446744073709551616", true, null, "9".repeat(400)),
  fc.constantFrom<unknown>([], {}, [[]], { actions: [{ authorization: [{ actor: "__proto__" }] }] }, [
    { packed_trx: 7 },
  ]),
  fc.json().map((text) => JSON.parse(text) as unknown),
);
const body = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 }).map((one) => JSON.stringify(one)),
  },
  fc.constantFrom("", "{", "null", "7", "[]", "nonsense", '"text"', deep, deepFields, '{"__proto__":{"code":"eosio"}}'),
);

test.each([...routes.keys()])("whatever %s is asked, there is one well-formed answer", (path) => {
  fc.assert(
    fc.property(body, (asked) => {
      const answers = ask(path, asked);
      expect(answers).toHaveLength(1);
      const { status } = answers[0]!;
      const answer = JSON.parse(answers[0]!.body) as { readonly error?: unknown };
      if (status >= 400) expect(answer).toHaveProperty("error.what");
    }),
    { numRuns: 40 },
  );
});

test("a node that was asked all of that still takes transactions", () => {
  expect(virtual.ask(0, transfer("account1", "account2", "2.0000 SYS")).failure).toBeNull();
});
