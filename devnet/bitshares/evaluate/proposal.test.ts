import { expect, test } from "@jest/globals";
import { PrivateKey } from "bitsharesjs";
import { approve, dismiss, fees, propose } from "../../testing/held-operations.ts";
import { inSeconds, openMarket } from "../../testing/open-market.ts";
import { cancel, sell, transfer } from "../../testing/sign.ts";

const bts = 0;
const transferFee = 2_000_000;

function setUp(change: Parameters<typeof openMarket>[0] = {}) {
  const market = openMarket(change);
  market.virtual.advance(3);
  return { ...market, later: inSeconds(market, 60) };
}

test("a proposal is carried out when the last one has approved, whose accounts pay for it", () => {
  const { accept, gained, state, later } = setUp();
  accept(propose(19, later, transfer(17, 20, 500), transfer(18, 20, 700)));
  expect(state.proposals.get(0)).toMatchObject({ proposer: 19, requiredActive: [17, 18], availableActive: [] });
  accept(approve(18, 0));
  expect(gained(20, bts)).toBe(0);
  expect(state.proposals.get(0)).toMatchObject({ availableActive: [18] });
  accept(approve(17, 0));
  expect(gained(20, bts)).toBe(1200);
  expect(gained(17, bts)).toBe(-500 - transferFee - fees.proposal);
  expect(state.proposals.size).toBe(0);
});

test("an approval can be taken back, but only one that was given", () => {
  const { accept, refuse, state, later } = setUp();
  accept(propose(19, later, transfer(17, 20, 500), transfer(18, 20, 700)));
  const back = { active_approvals_to_add: [], active_approvals_to_remove: ["1.2.17"] };
  expect(refuse(approve(17, 0, back)).said).toBe(
    "_proposal->available_active_approvals.find(id) != _proposal->available_active_approvals.end(): ",
  );
  accept(approve(17, 0));
  accept(approve(17, 0, back));
  expect(state.proposals.get(0)).toMatchObject({ availableActive: [] });
});

test("what fails leaves nothing behind, and the proposal says why", () => {
  const { accept, gained, state, later } = setUp();
  accept(propose(19, later, transfer(17, 20, 500), transfer(17, 20, 5e12)));
  accept(approve(17, 0));
  expect(gained(20, bts)).toBe(0);
  expect(gained(17, bts)).toBe(-fees.proposal);
  expect(state.proposals.get(0)?.failReason).toContain("Insufficient Balance");
});

test("a proposal that may be carried out only when it expires is carried out then", () => {
  const { accept, refuse, gained, virtual, state, later } = setUp();
  const [type, body] = propose(19, later, transfer(17, 20, 500));
  accept([type, { ...body, review_period_seconds: 30 }]);
  accept(approve(17, 0));
  expect(gained(20, bts)).toBe(0);
  virtual.advance(35);
  expect(refuse(approve(18, 0)).said).toContain("This proposal is in its review period.");
  virtual.advance(40);
  expect(gained(20, bts)).toBe(500);
  expect(state.proposals.size).toBe(0);
});

test.each([
  ["approve", approve(17, 0), 500],
  ["end", dismiss(17, 0), 0],
])("a proposal can %s one whose time ends with the same block", (_, operation, paid) => {
  const { accept, gained, virtual, state } = setUp({ blockIntervalMs: 3000 });
  accept(propose(19, inSeconds({ virtual }, 62), transfer(17, 20, 500)));
  const [type, body] = propose(19, inSeconds({ virtual }, 61), operation);
  accept([type, { ...body, review_period_seconds: 30 }]);
  accept(approve(17, 1));
  virtual.advance(75);
  expect(state.proposals.size).toBe(0);
  expect(gained(20, bts)).toBe(paid);
});

test("a proposal that nobody approved is gone when its time is over", () => {
  const { accept, gained, virtual, state, later } = setUp();
  accept(propose(19, later, transfer(17, 20, 500)));
  virtual.advance(70);
  expect(state.proposals.size).toBe(0);
  expect(gained(20, bts)).toBe(0);
});

test("whoever has to approve can end a proposal, and nobody else", () => {
  const { accept, refuse, state, later } = setUp();
  accept(propose(19, later, transfer(17, 20, 500)));
  expect(refuse(dismiss(19, 0)).said).toContain("Provided authority is not authoritative for this proposal.");
  accept(dismiss(17, 0));
  expect(state.proposals.size).toBe(0);
  expect(refuse(approve(17, 0)).said).toContain("Unable to find Object");
});

test("a proposal can approve another one", () => {
  const { accept, gained, later } = setUp();
  accept(propose(19, later, transfer(17, 20, 500)));
  accept(propose(19, later, approve(17, 0)));
  accept(approve(17, 1));
  expect(gained(20, bts)).toBe(500);
});

test("orders that a proposal places are matched like any other", () => {
  const { accept, gained, state, later } = setUp();
  accept(sell(18, 1000, 1, 500, 0));
  accept(propose(19, later, sell(17, 500, 0, 1000, 1)));
  accept(approve(17, 0));
  expect(gained(17, 1)).toBe(1000);
  expect(state.orders.size).toBe(0);
});

test.each([
  [
    "has expired",
    (later: string) => propose(19, later.replace(/^\d+/, "2020"), transfer(17, 20, 1)),
    "already expired",
  ],
  ["lies too far ahead", (later: string) => propose(19, later.replace(/^\d+/, "2029"), transfer(17, 20, 1)), "too far"],
  ["is empty", (later: string) => propose(19, later), "!proposed_ops.empty(): "],
  ["holds what can never be", (later: string) => propose(19, later, transfer(17, 17, 1)), "from != to: "],
  ["names one to come", (later: string) => propose(19, later, approve(17, 7)), "with a future id!"],
])("a proposal that %s is refused", (_, operation, said) => {
  const { refuse, later } = setUp();
  expect(refuse(operation(later)).said).toContain(said);
});

test("an approval needs the signature of each account that approves", () => {
  const { refuse, accept, later } = setUp();
  accept(propose(19, later, transfer(17, 20, 500)));
  // A witness has a key of its own.
  expect(refuse(approve(17, 0, { active_approvals_to_add: ["1.2.6"] })).code).toBe(4_010_001);
  const key = PrivateKey.fromSeed("somebody else").toPublicKey().toString("BTS");
  expect(refuse(approve(17, 0, { active_approvals_to_add: [], key_approvals_to_add: [key] })).code).toBe(4_010_003);
});

test("nothing that was approved happens twice", () => {
  const { accept, state, gained, later } = setUp();
  accept(sell(17, 100, 0, 300, 1));
  accept(propose(19, later, cancel(17, 0)), propose(19, later, cancel(17, 0)));
  accept(approve(17, 0), approve(17, 1));
  expect(state.orders.size).toBe(0);
  expect(state.proposals.get(1)?.failReason).toContain("does not exist");
  expect(gained(17, bts)).toBe(-2 * fees.proposal);
});

test("proposals carry out one another only as deep as nodes allow, whatever hangs on them", () => {
  const { accept, state, gained, later } = setUp();
  const deepest = 2 * 11;
  // Another amount each time, or it would be the same transaction.
  let paid = 500;
  for (const chain of [deepest, deepest + 1]) {
    const first = state.peekInstance("proposal");
    const before = gained(20, bts);
    paid += 1;
    accept(propose(19, later, transfer(17, 20, paid)));
    for (let next = first + 1; next < first + chain; next += 1) accept(propose(19, later, approve(17, next - 1)));
    accept(approve(17, first + chain - 1));
    const isCarriedOut = chain === deepest;
    expect(gained(20, bts) - before).toBe(isCarriedOut ? paid : 0);
    expect(state.proposals.size).toBe(isCarriedOut ? 0 : 1);
    if (!isCarriedOut) expect(state.proposals.get(first)?.failReason).toContain("nesting depth exceeded");
  }
});
