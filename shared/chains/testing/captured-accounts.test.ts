import { describe, expect, test } from "@jest/globals";
import type { CapturedDistribution, CapturedPopularity } from "../../scenario/scenario.ts";
import { packColumn } from "../../workload/captured-columns.ts";
import {
  createSampleContext as antelopeContext,
  sampleTransfer as antelopeTransfer,
} from "../antelope/sample-context.ts";
import {
  createSampleContext as bitsharesContext,
  sampleTransfer as bitsharesTransfer,
} from "../bitshares/sample-context.ts";
import type { PrepareContext } from "../driver.ts";
import { driverOf } from "../registry.ts";
import { type PreparedBody, prepareSome } from "./prepare-some.ts";

const transactions = 400;
const range = { minimum: 1000, maximum: 1499 };

/** The same two accounts again and again: as a faucet, or a bot that pays another. */
function captured(context: PrepareContext): PrepareContext {
  const counts = packColumn(new Uint16Array(transactions).fill(1));
  const operationsPerTransaction: CapturedDistribution = {
    kind: "captured",
    counts,
    entries: packColumn(new Uint8Array(transactions)),
    largest: 1,
    mean: 1,
    source: {
      ...{ capture: "", chainId: "", firstBlock: 1, lastBlock: 1, pace: 1, accounts: 2, runAccounts: 10, leftOut: [] },
      transactions: { captured: transactions, replayed: transactions },
      operations: { captured: transactions, replayed: transactions },
    },
  };
  const popularity: CapturedPopularity = {
    kind: "captured",
    counts,
    payers: packColumn(new Uint32Array(transactions).fill(3)),
    others: packColumn(new Uint32Array(transactions).fill(4)),
    sizes: packColumn(new Uint16Array(transactions)),
  };
  return { ...context, workload: { ...context.workload, operationsPerTransaction, popularity } };
}

const contexts: Readonly<Record<string, () => PrepareContext>> = {
  bitshares: () =>
    captured(bitsharesContext({ accounts: 10, entries: [{ ...bitsharesTransfer, ...range }], transactions })),
  antelope: () =>
    captured(antelopeContext({ accounts: 10, entries: [{ ...antelopeTransfer, ...range }], transactions })),
};

function prepare(context: PrepareContext, sequences: readonly number[]): PreparedBody[] {
  return prepareSome({
    preparer: driverOf(context.chain).createPreparer(context),
    workload: context.workload,
    seed: context.seed,
    sequences,
    expirationSeconds: 1_800_000_000,
  });
}

describe.each(Object.keys(contexts))("captured accounts of %s", (chain) => {
  const context = (contexts[chain] as () => PrepareContext)();
  const sequences = Array.from({ length: transactions }, (_, i) => i);

  test("never send the same transaction twice, although they are the same accounts each time", () => {
    const prepared = prepare(context, sequences);
    expect(new Set(prepared.map(({ matchKey }) => matchKey)).size).toBe(transactions);
    if (chain !== "bitshares") return;
    // The first account is 1.2.18; in a body, what every transfer has stands as a byte above ASCII.
    for (const { body } of prepared) {
      expect(Buffer.from(body).toString("latin1")).toMatch(/\D21\D22\D/);
    }
  });

  test("send the same transactions in any order and in any part", () => {
    const whole = prepare(context, sequences);
    const part = [311, 7, 80, 6];
    expect(prepare(context, part)).toEqual(part.map((sequence) => whole[sequence]));
  });

  test("are the ones that need funds", () => {
    const { resolved, workload } = context;
    const symbol = chain === "bitshares" ? "BTS" : "EOS";
    const poor = resolved.accounts.map((account, i) =>
      i === 3 ? { ...account, balances: { [symbol]: "1" } } : account,
    );
    const { shortAccounts } = driverOf(chain).cost({ ...resolved, accounts: poor }, workload, [transactions]);
    expect(shortAccounts).toEqual([resolved.accounts[3]?.name]);
  });
});

test("on BitShares amounts that are too few to make the difference are refused before anything is signed", () => {
  const few = { minimum: 1, maximum: 50 };
  const context = bitsharesContext({ accounts: 10, entries: [{ ...bitsharesTransfer, ...few }], transactions });
  expect(() => driverOf("bitshares").createPreparer(context)).not.toThrow();
  expect(() => driverOf("bitshares").createPreparer(captured(context))).toThrow(
    expect.objectContaining({ code: "PLAN_IMPOSSIBLE" }),
  );
});
