import { z } from "zod";
import { accountsAnswer, amountsAnswer, isLifetimeMember } from "./node-answers.ts";
import { instanceOf } from "./object-id.ts";
import type { RpcClient } from "./rpc-client.ts";

/** `api_limit_get_key_references` and others are 100 unless the node's operator has changed them. */
const itemsPerCall = 100;
const coreAssetId = "1.3.0";
const referencesAnswer = z.array(z.array(z.string().regex(/^1\.2\.\d+$/)));

/** An account that the run's keys control and that is no lifetime member. */
export interface BasicAccount {
  readonly instance: number;
  /** Position of the run's account that has its key. */
  readonly holder: number;
}

/** Those that can pay `fee`, in order of their ids. `keys`: the public key that each of the run's accounts signs with. */
export async function findBasicAccounts(
  client: RpcClient,
  keys: readonly string[],
  fee: number,
): Promise<BasicAccount[]> {
  const holders = new Map<string, number>();
  for (const [position, key] of keys.entries()) if (!holders.has(key)) holders.set(key, position);
  const references = await inBatches([...holders.keys()], (some) =>
    client.call("database", "get_key_references", [some], referencesAnswer),
  );
  const ids = [...new Set(references.flat())];
  const answers = await inBatches(ids, (some) => client.call("database", "get_objects", [some], accountsAnswer));
  const basic = answers.flatMap((answer): BasicAccount[] => {
    if (answer === null || isLifetimeMember(answer)) return [];
    const { key_auths: auths, weight_threshold: threshold } = answer.active;
    const satisfying = auths.find(([key, weight]) => weight >= threshold && holders.has(key));
    const holder = satisfying && holders.get(satisfying[0]);
    return holder === undefined ? [] : [{ instance: instanceOf(answer.id), holder }];
  });
  const canPay = await Promise.all(basic.map(({ instance }) => holdsAtLeast(client, instance, fee)));
  return basic.filter((_, i) => canPay[i]).sort((a, b) => a.instance - b.instance);
}

async function inBatches<Item, Result>(
  items: readonly Item[],
  ask: (batch: readonly Item[]) => Promise<readonly Result[]>,
): Promise<Result[]> {
  const batches: Promise<readonly Result[]>[] = [];
  for (let i = 0; i < items.length; i += itemsPerCall) batches.push(ask(items.slice(i, i + itemsPerCall)));
  return (await Promise.all(batches)).flat();
}

async function holdsAtLeast(client: RpcClient, instance: number, fee: number): Promise<boolean> {
  const args = [`1.2.${instance}`, [coreAssetId]];
  const [balance] = await client.call("database", "get_account_balances", args, amountsAnswer);
  return (balance?.amount ?? 0n) >= BigInt(fee);
}
