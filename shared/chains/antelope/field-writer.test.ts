import { expect, test } from "@jest/globals";
import { parseTemplate } from "../../workload/placeholders.ts";
import { type AbiType, ContractTypes, serializeAs } from "./abi.ts";
import { FieldCompiler, type FieldWriter } from "./field-writer.ts";
import { sampleToken } from "./sample-context.ts";
import { oddAbiBytes, oddTemplate } from "./testing/odd-contract.ts";
import { TransactionDraft } from "./transaction-draft.ts";

const types = new ContractTypes({ raw: oddAbiBytes });
const compiler = new FieldCompiler(types, [sampleToken]);
const oddType = types.actions.get("odd") as AbiType;

function written(write: FieldWriter, sequence: number): string {
  const actors = ["alice", "bob", "carol.x"].map((name) => ({ name, permission: "active" }));
  const draft = new TransactionDraft(actors, [0, 1, 2]);
  draft.begin(sequence, 1_800_000_000);
  draft.random.reset(7, sequence);
  write(draft, sequence * 3);
  return draft.data.bytes.toString("hex", 0, draft.data.length);
}

test("compiled templates give the same bytes as eosjs does each time", () => {
  const { node } = parseTemplate(oddTemplate);
  const compiled = compiler.compile(node, oddType);
  const library = compiler.throughLibrary(node, oddType);
  const seen = new Set<string>();
  for (let sequence = 0; sequence < 300; sequence++) {
    const bytes = written(compiled, sequence);
    expect(bytes).toBe(written(library, sequence));
    seen.add(bytes);
  }
  expect(seen.size).toBe(300);
});

test("fields may stand in any order in a template", () => {
  const data = {
    owner: "alice",
    flag: true,
    small: 3,
    large: "18446744073709551615",
    signed: -5,
    either: ["pair", { first: 1, second: "x" }],
    pairs: [],
    names: ["bob", "carol.x"],
    maybe: 7,
    nothing: null,
    hash: "ab".repeat(32),
    blob: "00ff",
    text: "é",
    price: 1.5,
    worth: "1.0000 EOS",
    until: "2026-11-21T00:00:00",
    since: "2026-11-21T00:00:00.500",
    late: 9,
  };
  // With a placeholder, so that it is compiled and not taken whole.
  const backwards = Object.fromEntries(Object.entries({ ...data, small: { $integer: [3, 3] } }).reverse());
  const bytes = written(compiler.compile(parseTemplate(backwards).node, oddType), 5);
  expect(bytes).toBe(Buffer.from(serializeAs(oddType, data)).toString("hex"));
});

test("values that do not fit are refused as eosjs refuses them", () => {
  const compiled = (changes: object): (() => string) => {
    const { node } = parseTemplate({ ...oddTemplate, ...changes });
    return () => written(compiler.compile(node, oddType), 1);
  };
  expect(compiled({ small: 256 })).toThrow("out of range");
  expect(compiled({ small: { $integer: [256, 256] } })).toThrow("out of range");
  expect(compiled({ hash: { $hex: 31 } })).toThrow("Binary data has incorrect size");
  expect(compiled({ owner: "UPPER" })).toThrow("Name");
  expect(compiled({ worth: { $asset: "1 TLOS" } })).toThrow("no token TLOS");
  expect(compiled({ worth: { $asset: "1.00001 EOS" } })).toThrow("at most 4 decimal places");
  const { owner: _owner, ...incomplete } = oddTemplate;
  const { node } = parseTemplate(incomplete);
  expect(() => written(compiler.compile(node, oddType), 1)).toThrow("missing");
});
