import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { marketNetwork } from "../../testing/market-network.ts";
import { sell, transfer } from "../../testing/sign.ts";
import { VirtualNetwork } from "../../testing/virtual-network.ts";
import { databaseApi } from "./database-api.ts";
import { dispatch } from "./dispatch.ts";
import { historyApi } from "./history-api.ts";
import { openSession } from "./login-api.ts";
import type { Api } from "./method.ts";
import { networkBroadcastApi } from "./network-broadcast-api.ts";
import { Session } from "./session.ts";

const virtual = new VirtualNetwork(marketNetwork());
virtual.send(0, [transfer(17, 18, 5)]);
virtual.send(0, [sell(17, 500, 0, 1000, 1)]);
virtual.advance(2);
virtual.send(0, [sell(18, 700, 1, 100, 0)]);

async function ask(text: string): Promise<readonly string[]> {
  const answers: string[] = [];
  const session = openSession(new Session<Api>((sent) => answers.push(sent)));
  const [node] = virtual.network.nodes;
  dispatch(text, { network: virtual.network, node: node!, session }, (answer) => answers.push(answer));
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  return answers;
}

function nested(depth: number): unknown {
  let value: unknown = "1.2.17";
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { operations: value };
  return value;
}

const value = fc.oneof(
  fc.constantFrom(
    "1.2.17",
    "1.3.0",
    "1.3.1",
    "1.7.0",
    "1.11.0",
    "trader-0",
    "BTS",
    "STRESS",
    "2.1.0",
    "1.6.1",
    "1:0",
    "",
  ),
  fc.constantFrom<unknown>(0, 1, 10, -1, 1e300, 0.5, true, null, 2 ** 53, "18446744073709551616", "9".repeat(400)),
  fc.constantFrom<unknown>(
    "__proto__",
    "constructor",
    "toString",
    "1.2.__proto__",
    "1.3.999999999999",
    "2.5.1e9",
    "1.7.",
  ),
  fc.constantFrom<unknown>(nested(20), nested(300)),
  fc.array(fc.constantFrom<unknown>("1.2.17", "1.3.0", "trader-0", 1, null, [0, {}], "x.y.z"), { maxLength: 3 }),
  fc.constantFrom<unknown>(
    {},
    { operations: [[0, {}]] },
    { operations: [[5, {}]], expiration: "9999-01-01T00:00:00" },
    { ref_block_num: "x" },
  ),
  // Names that JavaScript's objects have of themselves.
  fc
    .constantFrom('{"toString":1}', '{"valueOf":1,"toString":1}', '{"__proto__":{"toString":1}}', '[{"toString":1}]')
    .map((text) => JSON.parse(text) as unknown),
  fc.json().map((text) => JSON.parse(text) as unknown),
);
const apis = { database: databaseApi, history: historyApi, network_broadcast: networkBroadcastApi };
const methods = Object.entries(apis).flatMap(([name, api]) => [...api.keys()].map((method) => [name, method] as const));

test.each(methods)("whatever %s.%s is asked, there is one well-formed answer", async (api, method) => {
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 5 }), async (args) => {
      const answers = await ask(JSON.stringify({ id: 1, method: "call", params: [api, method, args] }));
      expect(answers).toHaveLength(1);
      const answer = JSON.parse(answers[0]!) as { readonly id: number; readonly error?: { readonly message: string } };
      expect(answer.id).toBe(1);
      // That one stands for an error that nobody thought of.
      expect(answer.error?.message ?? "").not.toContain("unspecified:");
    }),
    { numRuns: 60 },
  );
});

test("whatever is no request is answered with an error, too", async () => {
  for (const text of [
    "",
    "nonsense",
    "null",
    "7",
    '"text"',
    "{",
    '{"id":1}',
    '{"id":1,"method":"call"}',
    '{"id":1,"method":"call","params":{}}',
    '{"id":1,"method":"call","params":["__proto__","get_info",[]]}',
    '{"id":1,"method":"call","params":["database","__proto__",[]]}',
    '{"id":1,"method":"call","params":["database","constructor",[]]}',
    '{"id":1,"method":"call","params":[1e300,"get_chain_id",[]]}',
    '{"id":1,"method":"constructor","params":[]}',
    `{"id":1,"method":"call","params":["database","get_objects",[${"[".repeat(50_000)}${"]".repeat(50_000)}]]}`,
  ]) {
    const answers = await ask(text);
    expect(answers).toHaveLength(1);
    expect(JSON.parse(answers[0]!)).toHaveProperty("error");
  }
});

test("whatever a message looks like, there is at most one answer, and none that stands for an error of the node's own", async () => {
  const message = fc.record({ id: fc.constant(1), method: fc.oneof(fc.constant("call"), value), params: value });
  const calls = fc.tuple(value, value, value).map((params) => ({ id: 1, method: "call", params }));
  await fc.assert(
    fc.asyncProperty(fc.oneof(message, calls, value), async (sent) => {
      const answers = await ask(JSON.stringify(sent));
      expect(answers.length).toBeLessThanOrEqual(1);
      for (const answer of answers) expect(answer).not.toContain("unspecified:");
    }),
    { numRuns: 500 },
  );
});
