import fc from "fast-check";
import { bid, borrow, lent, producers, publish, settle, settleAll, settled } from "./bitasset-operations.ts";
import {
  approve,
  dismiss,
  htlcCreate,
  htlcExtend,
  htlcRedeem,
  propose,
  updateOrder,
  vest,
  withdraw,
} from "./held-operations.ts";
import { cancel, sell, transfer } from "./sign.ts";

type Operation = readonly [number, object];

/** When networks in virtual time start. */
const start = Date.parse("2026-01-01T00:00:00Z");

/** Of `lendingGenesis`; two of them mostly, so that they often have what they need for what they do. */
export const drawnAccount = fc.oneof(fc.integer({ min: 17, max: 18 }), fc.integer({ min: 17, max: 24 }));
/** Few different amounts, so that prices meet often. */
export const drawnAmount = fc.constantFrom(1, 3, 7, 100, 999, 1000, 500_000_000_000);
/** Some within a run, some of them at the same time, some after it. */
export const drawnExpiration = fc
  .constantFrom(8, 9, 12, 25, 600)
  .map((after) => new Date(start + after * 1000).toISOString().slice(0, 19));
const account = drawnAccount;
const amount = drawnAmount;
const expiration = drawnExpiration;
/** Of an object that the run has made, as it mostly has of the first ones, or might make yet. */
export const drawnNumber = fc.oneof(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 12 }));
const number = drawnNumber;

function expiring([type, body]: Operation, until: string): Operation {
  return [type, { ...body, expiration: until }];
}

/** Approved before its last seconds or not at all, and carried out when it expires. */
function reviewed([type, body]: Operation, seconds: number): Operation {
  return [type, { ...body, review_period_seconds: seconds }];
}

/** Transfers and orders of the core asset and STRESS. */
export const marketOperations: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(account, account, amount).map(([from, to, sent]) => transfer(from, to, sent)),
  fc
    .tuple(account, amount, amount, fc.boolean(), fc.boolean())
    .map(([seller, sold, wanted, isBts, kill]) => sell(seller, sold, isBts ? 0 : 1, wanted, isBts ? 1 : 0, kill)),
  fc
    .tuple(account, amount, amount, expiration)
    .map(([seller, sold, wanted, until]) => expiring(sell(seller, sold, 0, wanted, 1), until)),
  fc.tuple(account, number).map(([owner, order]) => cancel(owner, order)),
);

const preimage = fc.constantFrom(Buffer.from("open"), Buffer.from("wrong"));
/** Short enough that some expire within a run, and some do not. */
const seconds = fc.constantFrom(1, 3, 20, 100);
const price = (base: number, quote: number, isBts: boolean) => ({
  new_price: {
    base: { amount: base, asset_id: isBts ? "1.3.0" : "1.3.1" },
    quote: { amount: quote, asset_id: isBts ? "1.3.1" : "1.3.0" },
  },
});

/** What is set aside for a time, and orders that are changed. */
export const heldOperations: fc.Arbitrary<Operation> = fc.oneof(
  fc
    .tuple(account, account, amount, seconds)
    .map(([from, to, sent, claim_period_seconds]) => htlcCreate(from, to, sent, { claim_period_seconds })),
  fc.tuple(account, number, preimage).map(([redeemer, htlc, shown]) => htlcRedeem(redeemer, htlc, shown)),
  fc.tuple(account, number, seconds).map(([issuer, htlc, more]) => htlcExtend(issuer, htlc, more)),
  fc
    .tuple(account, account, amount, seconds)
    .map(([creator, owner, sent, vesting_seconds]) =>
      vest(creator, owner, sent, [1, { start_claim: "1970-01-01T00:00:00", vesting_seconds }]),
    ),
  fc.tuple(account, number, amount).map(([owner, vesting, taken]) => withdraw(owner, vesting, taken)),
  fc
    .tuple(account, number, amount, amount, fc.boolean())
    .map(([seller, order, sold, wanted, isBts]) => updateOrder(seller, order, price(sold, wanted, isBts))),
  fc
    .tuple(account, number, expiration)
    .map(([seller, order, until]) => updateOrder(seller, order, { new_expiration: until })),
  fc
    .tuple(account, number, fc.constantFrom(-7, 1, 1000), fc.constantFrom(0, 1))
    .map(([seller, order, more, asset]) =>
      updateOrder(seller, order, { delta_amount_to_sell: { amount: more, asset_id: `1.3.${asset}` } }),
    ),
);

/** Proposals of operations of `inner`, and what becomes of them. */
export function proposalOperations(inner: fc.Arbitrary<Operation>): fc.Arbitrary<Operation> {
  return fc.oneof(
    fc.tuple(account, account, account, amount, expiration).map(([proposer, from, to, sent, until]) =>
      // Nested with an order that may fail, so that all of it is taken back.
      propose(proposer, until, transfer(from, to, sent), sell(from, sent, 1, 7, 0)),
    ),
    fc
      .tuple(account, expiration, fc.array(inner, { minLength: 1, maxLength: 2 }), fc.constantFrom(null, 1, 5))
      .map(([proposer, until, operations, review]) => {
        const proposed = propose(proposer, until, ...operations);
        return review === null ? proposed : reviewed(proposed, review);
      }),
    fc
      .tuple(account, account, number, expiration, fc.constantFrom(approve, dismiss), fc.constantFrom(1, 5))
      .map(([proposer, by, proposal, until, change, review]) =>
        reviewed(propose(proposer, until, change(by, proposal)), review),
      ),
    fc.tuple(account, number).map(([approver, proposal]) => approve(approver, proposal)),
    fc.tuple(account, number).map(([approver, proposal]) => dismiss(approver, proposal)),
  );
}

/** Of LENT and DEAD, from a price at which all is well to one at which nothing is. */
export const lendingOperations: fc.Arbitrary<Operation> = fc.oneof(
  fc
    .tuple(account, fc.constantFrom(0, 300, 5000, -900), fc.constantFrom(100, 1000, -100, 0))
    .map(([borrower, more, debt]) => borrow(borrower, more, debt)),
  fc
    .tuple(fc.constantFrom(17, 17, 18), fc.constantFrom(1, 2, 3, 30))
    .map(([publisher, collateral]) => publish(publisher, 1, collateral)),
  fc.constantFrom(3, 1).map((collateral) => publish(17, 1, collateral, settled)),
  fc.subarray([17, 18, 19], { minLength: 0 }).map((publishers) => producers(17, ...publishers)),
  fc
    .tuple(account, fc.constantFrom(7, 100, 1000), fc.constantFrom(lent, settled))
    .map(([holder, sent, asset]) => settle(holder, sent, asset)),
  fc
    .tuple(account, fc.constantFrom(0, 500), fc.constantFrom(0, 70))
    .map(([bidder, collateral, debt]) => bid(bidder, collateral, debt)),
  fc.constantFrom(1, 2).map((collateral) => settleAll(17, 1, collateral)),
  fc.tuple(account, amount).map(([seller, sold]) => sell(seller, sold % 1000, lent, 7, 0)),
);
