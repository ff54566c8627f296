import { expect, test } from "@jest/globals";
import { burnerAbi, burnerAccount } from "../../devnet/burner-abi.ts";
import type { MixEntry } from "../../scenario/scenario.ts";
import { encodeAbi } from "./abi.ts";
import { AntelopePreparer } from "./antelope-preparer.ts";
import type { EntryData } from "./chain-data.ts";
import { createSampleContext, sampleToken } from "./sample-context.ts";
import { oddAbiBytes, oddTemplate } from "./testing/odd-contract.ts";
import { recordedTokenAbi } from "./testing/recorded-exchanges.ts";
import { contractsOf, type EntryContext, toEntries, tokensOf } from "./workload-needs.ts";

const telos = { contract: "other.token", symbol: "TLOS", precision: 2 };
const context: EntryContext = {
  coreToken: sampleToken,
  tokens: [sampleToken, telos],
  abis: {
    "eosio.token": { raw: recordedTokenAbi() },
    "other.token": { raw: recordedTokenAbi() },
    [burnerAccount]: { raw: Buffer.from(encodeAbi(burnerAbi)).toString("hex") },
    oddcontract: { raw: oddAbiBytes },
  },
  accounts: ["alice", "bob"],
};

function mixEntry(operation: string, parameters: object = {}, template: object | null = null): MixEntry {
  return { name: operation, weight: 1, operation, parameters, template } as MixEntry;
}

function entriesOf(...mix: MixEntry[]): EntryData[] {
  return toEntries(mix, context);
}

function problemsOf(mix: MixEntry[], changes: Partial<EntryContext> = {}): { code: string; paths: string[] } {
  try {
    toEntries(mix, { ...context, ...changes });
  } catch (error) {
    const { code, problems } = error as { code: string; problems: { path: string }[] };
    return { code, paths: problems.map(({ path }) => path) };
  }
  return { code: "none", paths: [] };
}

test("names the contracts and tokens that have to be asked for", () => {
  const mix = [
    mixEntry("transfer"),
    mixEntry("transfer", { amount: "1 TLOS", contract: "other.token" }),
    mixEntry("cpu"),
    mixEntry("oddcontract::odd", {}, oddTemplate),
    mixEntry("oddcontract::empty", {}, {}),
  ];
  expect(contractsOf(mix)).toEqual(["eosio.token", "other.token", burnerAccount, "oddcontract"]);
  expect(tokensOf(mix)).toEqual([
    { symbol: "TLOS", contracts: ["other.token"] },
    { symbol: "EOS", contracts: ["oddcontract", "eosio.token"] },
  ]);
});

test("amounts become smallest units of the token they name", () => {
  const [core, other] = entriesOf(
    mixEntry("transfer", { amount: "0.5..10" }),
    mixEntry("transfer", { amount: "1.25 TLOS", contract: "other.token", memo: "2..9" }),
  );
  expect(core).toMatchObject({ token: sampleToken, minimum: 5000, maximum: 100_000, maximumMemo: 0 });
  expect(other).toMatchObject({ token: telos, minimum: 125, maximum: 125, minimumMemo: 2, maximumMemo: 9 });
});

test("transfers without an amount go from the smallest unit to ten", () => {
  expect(entriesOf(mixEntry("transfer"))[0]).toMatchObject({ minimum: 1, maximum: 100_000 });
  const coreToken = { ...sampleToken, precision: 0 };
  expect(toEntries([mixEntry("transfer")], { ...context, coreToken })[0]).toMatchObject({ minimum: 1, maximum: 10 });
});

test("every named action of the recorded and the burner's contract can be prepared", () => {
  const entries = entriesOf(
    ...["open", "close", "retire", "cpu", "ram", "net"].map((operation) => mixEntry(operation)),
    mixEntry("issue", { amount: "1..2 EOS", memo: 7, actor: "alice" }),
  );
  const sample = createSampleContext({ entries, accounts: 3, data: { abis: context.abis } });
  const accounts = sample.resolved.accounts.map((account, i) => (i === 1 ? { ...account, name: "alice" } : account));
  const preparer = new AntelopePreparer({ ...sample, resolved: { ...sample.resolved, accounts } });
  const described = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
  const target = Buffer.alloc(10_000);
  for (let entry = 0; entry < entries.length; entry++) {
    const request = { sequence: 1, expirationSeconds: 1_800_000_000, entries: Uint16Array.of(entry), operations: 1 };
    expect(preparer.prepare({ ...request, poolOrdinals: Uint32Array.of(0) }, target, 0, described)).toBe(true);
  }
});

test("what the network lacks is named for every entry", () => {
  const mix = [
    mixEntry("transfer", { amount: "1 NOPE" }),
    mixEntry("oddcontract::nosuch", {}, {}),
    mixEntry("absent::doit", {}, {}),
    mixEntry("transfer"),
  ];
  const paths = ["mix.transfer", "mix.oddcontract::nosuch", "mix.absent::doit"];
  expect(problemsOf(mix)).toEqual({ code: "RESOURCES_MISSING", paths });
});

test("data that does not fit the contract is refused with the place in the template", () => {
  const { owner: _owner, ...incomplete } = oddTemplate;
  const cases: [MixEntry, string][] = [
    [mixEntry("oddcontract::odd", {}, { ...oddTemplate, colour: "red" }), ".template.colour"],
    [mixEntry("oddcontract::odd", {}, { ...oddTemplate, small: "x" }), ".template"],
    [mixEntry("oddcontract::odd", {}, incomplete), ".template"],
    [mixEntry("oddcontract::empty", { actor: "stranger" }, {}), ".actor"],
    [mixEntry("transfer", { amount: "0.00001" }), ""],
  ];
  for (const [entry, path] of cases) {
    expect(problemsOf([entry])).toEqual({ code: "PLAN_IMPOSSIBLE", paths: [`mix.${entry.name}${path}`] });
  }
});

test("a transfer needs two accounts and a contract whose transfer is the usual one", () => {
  const transfer = mixEntry("transfer");
  expect(problemsOf([transfer], { accounts: ["alice"] })).toEqual({ code: "PLAN_IMPOSSIBLE", paths: ["mix.transfer"] });
  const odd = encodeAbi({
    version: "eosio::abi/1.1",
    structs: [{ name: "transfer", base: "", fields: [{ name: "id", type: "uint64" }] }],
    actions: [{ name: "transfer", type: "transfer", ricardian_contract: "" }],
  });
  const abis = { "eosio.token": { raw: Buffer.from(odd).toString("hex") } };
  expect(problemsOf([transfer], { abis })).toEqual({ code: "PLAN_IMPOSSIBLE", paths: ["mix.transfer"] });
});
