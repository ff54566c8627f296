import { afterEach, expect, test } from "@jest/globals";
import { driverOf } from "../../shared/chains/registry.ts";
import { uniformWorkload } from "../../shared/chains/testing/uniform-workload.ts";
import { NamedRun, type Sent } from "../testing/named-run.ts";

const driver = driverOf("bitshares");
const transactions = 12;
const run = new NamedRun(transactions);
const send: NamedRun["send"] = (operation, parameters) => run.send(operation, parameters);

afterEach(() => run.stop());

test("memos reach the chain encrypted, for the keys that the chain has of the recipients", async () => {
  const { operations, call } = await send("transfer", { amount: "1 BTS", memo: "1..300" });
  const [, { to, memo }] = operations[0] as Sent["operations"][0];
  const [recipient] = await call<{ options: { memo_key: string } }[]>("get_objects", [[to]]);
  expect((memo as { to: string }).to).toBe(recipient?.options.memo_key);
  expect(new Set(operations.map(([, fields]) => (fields.memo as { message: string }).message)).size).toBe(transactions);
});

test("accounts are created, each of a name of its own, and belong to their creators", async () => {
  const { operations, call } = await send("account_create", { prefix: "user" });
  const names = operations.map(([, { name }]) => name);
  expect(new Set(names).size).toBe(transactions);
  const created = await call<{ name: string; active: { account_auths: [string, number][] } }[]>(
    "lookup_account_names",
    [names],
  );
  expect(created.map((account) => account.name)).toEqual(names);
  expect(created.map((account) => account.active.account_auths)).toEqual(
    operations.map(([, { registrar }]) => [[registrar, 1]]),
  );
});

test("accounts are updated without losing their memo keys", async () => {
  const { resolved, operations, call } = await send("account_update");
  const names = resolved.accounts.map((account) => account.name);
  const accounts = await call<{ id: string; options: { memo_key: string }; active: { key_auths: [string][] } }[]>(
    "lookup_account_names",
    [names],
  );
  for (const { options, active } of accounts) expect(options.memo_key).toBe(active.key_auths[0]?.[0]);
  expect(new Set(operations.map(([, { account }]) => account)).size).toBeGreaterThan(1);
});

test("accounts that are no members become lifetime members, each once", async () => {
  const { resolved, operations, call } = await send("account_upgrade");
  expect(resolved.pools).toEqual([transactions]);
  const upgraded = operations.map(([, fields]) => fields.account_to_upgrade);
  expect(new Set(upgraded).size).toBe(transactions);
  const accounts = await call<{ lifetime_referrer: string }[]>("get_objects", [upgraded]);
  expect(accounts.map((account) => account.lifetime_referrer)).toEqual(upgraded);
});

test("accounts are put on lists and taken off again", async () => {
  const { operations, call } = await send("account_whitelist", { listing: "white" });
  const [, { authorizing_account: lister, account_to_list: listed }] = operations[0] as Sent["operations"][0];
  const [account] = await call<{ whitelisting_accounts: string[]; blacklisting_accounts: string[] }[]>("get_objects", [
    [listed],
  ]);
  expect(account?.whitelisting_accounts).toContain(lister);
  expect(account?.blacklisting_accounts).toEqual([]);
});

test.each([
  ["witness_vote", "num_witness", /^1:\d+$/],
  ["committee_vote", "num_committee", /^0:\d+$/],
] as const)("%s is for members that are active on the chain", async (operation, counted, kind) => {
  const { operations, call } = await send(operation, { votes: 3 });
  const [, { account }] = operations.at(-1) as Sent["operations"][0];
  const [voter] = await call<{ options: Record<string, unknown> & { votes: string[] } }[]>("get_objects", [[account]]);
  expect(voter?.options[counted]).toBe(3);
  expect(voter?.options.votes).toHaveLength(3);
  for (const vote of voter?.options.votes ?? []) expect(vote).toMatch(kind);
  const found = await call<unknown[]>("lookup_vote_ids", [voter?.options.votes]);
  expect(found.every((one) => one !== null)).toBe(true);
});

interface Supply {
  readonly current_supply: string | number;
}

test("the issuer issues an asset, and its supply grows by as much", async () => {
  const { resolved, operations, call } = await send("asset_issue", { amount: "1..3 STRESS" });
  const issued = operations.map(([, fields]) => Number((fields.asset_to_issue as { amount: unknown }).amount));
  const held = resolved.accounts.reduce((sum, account) => sum + Number(account.balances.STRESS), 0);
  const [{ current_supply: supply }] = await call<[Supply]>("get_objects", [["2.3.1"]]);
  expect(Number(supply) - held).toBe(issued.reduce((sum, amount) => sum + amount, 0));
});

test("what is reserved is gone from the supply", async () => {
  const { resolved, operations, call } = await send("asset_reserve", { amount: "1..3 STRESS" });
  const gone = operations.map(([, fields]) => Number((fields.amount_to_reserve as { amount: unknown }).amount));
  const held = resolved.accounts.reduce((sum, account) => sum + Number(account.balances.STRESS), 0);
  const [{ current_supply: supply }] = await call<[Supply]>("get_objects", [["2.3.1"]]);
  expect(held - Number(supply)).toBe(gone.reduce((sum, amount) => sum + amount, 0));
});

test("the issuer updates the description of an asset and leaves the rest as it is", async () => {
  const before = await send("asset_update");
  const [, last] = before.operations.at(-1) as Sent["operations"][0];
  const [asset] = await before.call<{ options: { description: string; max_supply: unknown } }[]>("get_objects", [
    ["1.3.1"],
  ]);
  expect(asset?.options.description).toBe((last.new_options as { description: string }).description);
  expect(Number(asset?.options.max_supply)).toBe(10 ** 15);
});

test("an issuer that is not among the accounts is told before anything is sent", async () => {
  const { resolved } = await send("custom");
  const { endpoint } = run;
  const network = await driver.describe({
    endpoints: [endpoint],
    expectedChainId: null,
    timeoutMs: 10_000,
    maximumHeadAgeMs: Number.POSITIVE_INFINITY,
  });
  const others = resolved.accounts.slice(1);
  const failure = driver.resolve({ endpoint, network, accounts: others, workload: uniformWorkload(["asset_issue"]) });
  await expect(failure).rejects.toMatchObject({ code: "RESOURCES_MISSING", problems: [{ value: "STRESS" }] });
});

test("assets are created, each of a symbol of its own", async () => {
  const { operations, call } = await send("asset_create", { prefix: "T" });
  const symbols = operations.map(([, { symbol }]) => symbol);
  expect(new Set(symbols).size).toBe(transactions);
  const created = await call<{ symbol: string }[]>("lookup_asset_symbols", [symbols]);
  expect(created.map((asset) => asset.symbol)).toEqual(symbols);
});

test("custom operations carry as many bytes as they are told to, other ones each time", async () => {
  const { operations } = await send("custom", { bytes: 40, id: 9 });
  const contents = operations.map(([, { data }]) => String(data));
  expect(new Set(contents).size).toBe(transactions);
  for (const content of contents) expect(content).toMatch(/^[0-9a-f]{80}$/);
});
