import { afterEach, expect, test } from "@jest/globals";
import { NamedRun } from "../testing/named-run.ts";

const transactions = 12;
const run = new NamedRun(transactions);
const send: NamedRun["send"] = (operation, parameters) => run.send(operation, parameters);

afterEach(() => run.stop());

function idsOf({ operations }: Awaited<ReturnType<typeof send>>, field: string): string[] {
  const ids = operations.map(([, body]) => String(body[field]));
  expect(new Set(ids).size).toBe(transactions);
  return ids;
}

test("orders are updated, each once, to a price farther away and a later end", async () => {
  const sent = await send("limit_order_update", { price: "1.5..2", expiresAfter: "2h" });
  const ids = idsOf(sent, "order");
  const orders = await sent.call<{ sell_price: { quote: { amount: string } }; expiration: string }[]>("get_objects", [
    ids,
  ]);
  for (const [i, order] of orders.entries()) {
    const [, body] = sent.operations[i] as (typeof sent.operations)[0];
    expect(order.expiration).toBe(body.new_expiration);
    const ratio = Number(order.sell_price.quote.amount) / 100_000_000_000;
    expect(ratio).toBeGreaterThanOrEqual(1.5);
    expect(ratio).toBeLessThanOrEqual(2);
  }
});

test("proposals are made, each of which asks another account for a transfer", async () => {
  const { operations, resolved, call } = await send("proposal_create", { amount: "1..3 STRESS" });
  const [, { proposed_ops: proposed }] = operations[0] as (typeof operations)[0];
  const [[type, inner]] = (proposed as { op: [number, { from: string; fee: unknown }] }[]).map(({ op }) => op) as [
    [number, { from: string; fee: unknown }],
  ];
  expect(type).toBe(0);
  expect(inner.fee).toEqual({ amount: "2000000", asset_id: "1.3.0" });
  const waiting = await Promise.all(
    resolved.accounts.map(({ id }) => call<{ proposer: string }[]>("get_proposed_transactions", [id])),
  );
  expect(waiting.flat()).toHaveLength(transactions);
  expect(waiting[resolved.accounts.findIndex(({ id }) => id === inner.from)]).not.toEqual([]);
});

test("proposals are approved and carried out, each once", async () => {
  const sent = await send("proposal_update");
  const ids = idsOf(sent, "proposal");
  expect(await sent.call("get_objects", [ids])).toEqual(ids.map(() => null));
  const transferFee = 2_000_000;
  for (const { id, balances } of sent.resolved.accounts) {
    const own = sent.operations.filter(([, body]) => body.fee_paying_account === id);
    const fees = own.map(([, body]) => Number((body.fee as { amount: unknown }).amount) + transferFee);
    const [core] = await sent.call<{ amount: string | number }[]>("get_account_balances", [id, ["1.3.0"]]);
    expect(Number(balances.BTS) - Number(core?.amount)).toBe(fees.reduce((sum, fee) => sum + fee, 0));
  }
});

test("proposals are deleted by those who would have had to approve them", async () => {
  const sent = await send("proposal_delete");
  const ids = idsOf(sent, "proposal");
  expect(await sent.call("get_objects", [ids])).toEqual(ids.map(() => null));
});

test.each([["coin-days"], ["linear"]])("balances are set aside to vest (%s)", async (policy) => {
  const { operations, resolved, call } = await send("vesting_balance_create", { amount: "1..3 BTS", policy });
  const balances = await Promise.all(
    resolved.accounts.map(({ id }) => call<{ balance: { amount: number } }[]>("get_vesting_balances", [id])),
  );
  const held = balances.flat().reduce((sum, { balance }) => sum + balance.amount, 0);
  const sent = operations.map(([, body]) => (body.amount as { amount: number }).amount);
  expect(held).toBe(sent.reduce((sum, amount) => sum + Number(amount), 0));
});

test("what has vested is withdrawn, each balance once", async () => {
  const sent = await send("vesting_balance_withdraw");
  const ids = idsOf(sent, "vesting_balance");
  const balances = await sent.call<{ balance: { amount: number } }[]>("get_objects", [ids]);
  expect(balances.map(({ balance }) => balance.amount)).toEqual(ids.map(() => 0));
});

test("contracts are made that a later run can open", async () => {
  const { operations, resolved, call } = await send("htlc_create", { amount: "1..3 STRESS", claimable: "3h" });
  const listed = await call<{ transfer: { from: string }; conditions: { hash_lock: { preimage_hash: unknown } } }[]>(
    "list_htlcs",
    ["1.16.0", 100],
  );
  expect(listed.map(({ conditions }) => conditions.hash_lock.preimage_hash)).toEqual(
    operations.map(([, body]) => body.preimage_hash),
  );
  const [first] = resolved.accounts;
  const own = await call<{ transfer: { from: string } }[]>("get_htlc_by_from", [first?.name, "1.16.0", 100]);
  expect(own.every(({ transfer }) => transfer.from === first?.id)).toBe(true);
});

test("contracts are opened by those whom they are for, each once", async () => {
  const sent = await send("htlc_redeem");
  const ids = idsOf(sent, "htlc_id");
  expect(await sent.call("get_objects", [ids])).toEqual(ids.map(() => null));
  for (const [, body] of sent.operations) expect(body.preimage).toMatch(/^[0-9a-f]{64}$/);
});

test("contracts are kept open for longer by those whose they are", async () => {
  const sent = await send("htlc_extend", { by: "2h" });
  const ids = idsOf(sent, "htlc_id");
  const htlcs = await sent.call<{ conditions: { time_lock: { expiration: string } } }[]>("get_objects", [ids]);
  const ends = new Set(htlcs.map(({ conditions }) => conditions.time_lock.expiration));
  // All were to end at the same time, a week after the genesis.
  expect(ends.size).toBe(1);
});
