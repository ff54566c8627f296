import type { BitsharesNetwork, BitsharesNode } from "../bitshares-network.ts";
import type { Block } from "../chain/block.ts";
import type { AppliedTransaction } from "../evaluate/apply-transaction.ts";
import { toNotice } from "./answer.ts";
import { renderDynamicProperties, renderObject } from "./render-objects.ts";
import type { Session } from "./session.ts";

type AnySession = Session<unknown>;

/** Tells every session what it asked to hear about new blocks. */
export function announceBlocks(
  blocks: readonly Block[],
  sessions: ReadonlySet<AnySession>,
  network: BitsharesNetwork,
  node: BitsharesNode,
): void {
  for (const session of sessions) {
    if (session.inclusionCallbacks.size > 0) for (const block of blocks) announceInclusions(block, session);
    if (session.subscribeCallback !== null) announceChanges(session.subscribeCallback, blocks, session, network, node);
    if (session.blockCallback === null) continue;
    for (const { id } of blocks) session.send(toNotice(session.blockCallback, `"${id}"`));
  }
}

function announceInclusions(block: Block, session: AnySession): void {
  const transactions = block.applied ?? [];
  for (const [index, applied] of transactions.entries()) {
    const { id } = applied.transaction;
    const callback = session.inclusionCallbacks.get(id);
    if (callback === undefined) continue;
    session.inclusionCallbacks.delete(id);
    callback(`{"id":"${id}","block_num":${block.number},"trx_num":${index},"trx":${withResults(applied)}}`);
  }
}

function withResults({ transaction, results }: AppliedTransaction): string {
  return `${transaction.json},"operation_results":[${results.join(",")}]}`;
}

/** A real node sends every object that changed and was asked for before; here those are the head, accounts and balances. */
function announceChanges(
  callback: number,
  blocks: readonly Block[],
  session: AnySession,
  network: BitsharesNetwork,
  node: BitsharesNode,
): void {
  const changed: unknown[] = [];
  const watchesHead = session.watched.has("2.1.0");
  if (watchesHead) changed.push(renderDynamicProperties(node, network));
  const touched = new Set<string>();
  for (const { applied } of blocks) {
    for (const { transaction } of applied ?? []) {
      for (const operation of transaction.operations) {
        touched.add(`1.2.${operation.payer}`);
        if (operation.kind === "transfer") touched.add(`1.2.${operation.to}`);
      }
    }
  }
  for (const id of touched) {
    if (!session.watched.has(id)) continue;
    const account = Number(id.slice(4));
    changed.push(renderObject(`2.6.${account}`, network, node));
    for (const asset of node.chain.state.assets.keys()) {
      const balance = renderObject(`2.5.${asset * 1_000_000 + account}`, network, node);
      if (balance !== null) changed.push(balance);
    }
  }
  if (changed.length > 0) session.send(toNotice(callback, JSON.stringify(changed)));
}
