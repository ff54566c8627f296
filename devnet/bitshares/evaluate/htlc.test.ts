import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { fees, htlcCreate, htlcExtend, htlcRedeem, sha256 } from "../../testing/held-operations.ts";
import { openMarket } from "../../testing/open-market.ts";

const bts = 0;
const assertCode = 10;

test("what a contract holds goes to whom it is for when somebody shows the preimage", () => {
  const { accept, gained, state } = openMarket();
  accept(htlcCreate(17, 18, 500));
  expect(gained(17, bts)).toBe(-500 - fees.htlc);
  expect(state.htlcs.get(0)).toMatchObject({ from: 17, to: 18, held: { amount: 500 }, preimageSize: 4 });
  accept(htlcRedeem(19, 0));
  expect(gained(18, bts)).toBe(500);
  expect(gained(19, bts)).toBe(-fees.htlc);
  expect(state.htlcs.size).toBe(0);
});

test("the one whom it is for can pay the fee out of what it gets", () => {
  const { accept, virtual, state } = openMarket({ genesis: { accounts: poorAccounts() } });
  accept(htlcCreate(17, 18, 500_000));
  virtual.advance(1);
  accept(htlcRedeem(18, 0));
  expect(state.balance(18, bts)).toBe(500_000 - fees.htlc);
});

function poorAccounts(): object[] {
  const publicKey = "BTS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV";
  return [
    { name: "trader-0", publicKey, balances: { BTS: "1000000000000" } },
    { name: "trader-1", publicKey, balances: {} },
  ];
}

test.each([
  [0, (data: Buffer) => createHash("ripemd160").update(data).digest("hex")],
  [1, (data: Buffer) => createHash("sha1").update(data).digest("hex")],
  [2, sha256],
] as const)("preimages are hashed as the contract says (%i)", (algorithm, digest) => {
  const { accept, refuse, state } = openMarket();
  const preimage = Buffer.from("any length", "utf8");
  accept(htlcCreate(17, 18, 1, { preimage_hash: [algorithm, digest(preimage)], preimage_size: 0 }));
  expect(refuse(htlcRedeem(18, 0, Buffer.from("any length!"))).said).toContain(
    "Provided preimage does not generate correct hash.",
  );
  accept(htlcRedeem(18, 0, preimage));
  expect(state.htlcs.size).toBe(0);
});

test("a preimage of another size, and a contract that is gone, are refused", () => {
  const { accept, refuse } = openMarket();
  accept(htlcCreate(17, 18, 500));
  expect(refuse(htlcRedeem(18, 0, Buffer.from("opened")))).toEqual({
    code: assertCode,
    said: "op.preimage.size() == htlc_obj->conditions.hash_lock.preimage_size: Preimage size mismatch.",
  });
  expect(refuse(htlcRedeem(18, 1)).said).toContain("Unable to find Object");
});

test.each([
  ["too long", { claim_period_seconds: 2_592_001, fee: { amount: 10_000_000, asset_id: "1.3.0" } }, "Timeout exceeds"],
  ["of more than one has", { amount: { amount: 2e12, asset_id: "1.3.0" } }, "Insufficient funds"],
  ["of nothing", { amount: { amount: 0, asset_id: "1.3.0" } }, "HTLC amount should be greater than zero"],
])("a contract %s is refused", (_, change, said) => {
  const { refuse } = openMarket();
  const refusal = refuse(htlcCreate(17, 18, 500, change));
  expect(refusal.code).toBe(assertCode);
  expect(refusal.said).toContain(said);
});

test("a contract put off to a time that no block falls between goes back once", () => {
  const { accept, gained, state, virtual } = openMarket({ blockIntervalMs: 3000 });
  accept(htlcCreate(17, 18, 500, { claim_period_seconds: 4 }));
  accept(htlcExtend(17, 0, 1));
  virtual.advance(20);
  expect(state.htlcs.size).toBe(0);
  expect(gained(17, bts)).toBe(-2 * fees.htlc);
});

test("what nobody claims in time goes back, and only the sender can put that off", () => {
  const { accept, refuse, gained, state, virtual } = openMarket();
  accept(htlcCreate(17, 18, 500), htlcCreate(17, 18, 700));
  expect(refuse(htlcExtend(18, 0, 60)).said).toContain("HTLC may only be extended by its creator.");
  expect(refuse(htlcExtend(17, 0, 2_592_000)).said).toContain("Extension pushes contract too far into the future");
  accept(htlcExtend(17, 0, 60));
  virtual.advance(65);
  expect([...state.htlcs.keys()]).toEqual([0]);
  expect(gained(17, bts)).toBe(-500 - 3 * fees.htlc);
  virtual.advance(60);
  expect(state.htlcs.size).toBe(0);
  expect(gained(17, bts)).toBe(-3 * fees.htlc);
});
