import type { ReplaySource, Workload } from "../../shared/scenario/scenario.ts";
import { formatCount, formatNumber, formatShare } from "./figures-text.ts";

/** What a workload replays; null where it draws its transactions. */
export function replaySourceOf({
  operationsPerTransaction,
}: Pick<Workload, "operationsPerTransaction">): ReplaySource | null {
  return operationsPerTransaction.kind === "captured" ? operationsPerTransaction.source : null;
}

/** What is replayed and what is not, a sentence each. */
export function replayTexts(source: ReplaySource): string[] {
  const { capture, chainId, firstBlock, lastBlock, pace, transactions, operations, leftOut } = source;
  const speed = pace === 1 ? "at its original pace" : `at ${formatNumber(pace)} times its pace`;
  return [
    `${capture}: blocks ${firstBlock} to ${lastBlock} of chain ${chainId.slice(0, 8)}…, ${speed}.`,
    `Of ${formatCount(transactions.captured)} transactions with ${formatCount(operations.captured)} operations, ` +
      `${formatCount(transactions.replayed)} with ${formatCount(operations.replayed)} can be replayed` +
      (leftOut.length === 0 ? "." : `; left out are ${leftOutText(source)}.`),
    accountsText(source),
  ];
}

function leftOutText({ leftOut, operations }: ReplaySource): string {
  return leftOut
    .map(({ kind, operations: count, reason }) => {
      return `${kind} (${formatCount(count)}, ${formatShare(count / operations.captured)}: ${reason})`;
    })
    .join(", ");
}

function accountsText({ accounts, runAccounts }: ReplaySource): string {
  const shared = accounts - runAccounts;
  if (shared <= 0) return `Each of the ${formatCount(accounts)} captured accounts is an account of the run.`;
  return (
    `${formatCount(accounts)} captured accounts are ${formatCount(runAccounts)} of the run: the busiest have one of their own, ` +
    `and ${formatCount(shared)} share one with others.`
  );
}
