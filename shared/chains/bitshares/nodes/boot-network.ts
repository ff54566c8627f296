import { z } from "zod";
import { AppError } from "../../../errors/app-error.ts";
import { waitUntil } from "../../../time/wait.ts";
import type { BootOptions } from "../../node-networks.ts";
import { fetchReference } from "../fetch-reference.ts";
import { privateKeyBytes, publicKeyText } from "../keys.ts";
import { accountsAnswer, chainIdAnswer } from "../node-answers.ts";
import { RpcClient } from "../rpc-client.ts";
import { addressOf, coreSymbol } from "./genesis.ts";
import { signedTransaction } from "./signed-transaction.ts";

const timeoutMs = 30_000;
/** A network whose containers have just been made needs a while until its first blocks are irreversible. */
const readyTimeoutMs = 120_000;
/** Until what was sent is in a block: several rounds of witnesses. */
const includedTimeoutMs = 60_000;
const expirationSeconds = 300;
const balanceClaim = 37;

const claimableAnswer = z.array(
  z.object({ id: z.string(), balance: z.object({ amount: z.coerce.bigint(), asset_id: z.string() }) }),
);

/** What a genesis gives to the funding account's key is claimed, which can be done once. */
export async function bootNetwork(options: BootOptions): Promise<void> {
  const { endpoint, funder, signal, tell } = options;
  const client = await connectWhenReady(options);
  try {
    const privateKey = privateKeyBytes(funder.privateKey, funder.name);
    const publicKey = publicKeyText(privateKey, coreSymbol);
    const [account] = await client.call("database", "lookup_account_names", [[funder.name]], accountsAnswer);
    if (!account) throw new AppError("ACCOUNT_MISSING", `${endpoint}: the network has no account ${funder.name}`);
    const findClaimable = () =>
      client.call("database", "get_balance_objects", [[addressOf(publicKey)]], claimableAnswer);
    const claimable = await findClaimable();
    if (claimable.length === 0) return;
    tell("claiming what the genesis gives");
    const operations = claimable.map(({ id, balance: { amount, asset_id } }): [number, unknown] => [
      balanceClaim,
      {
        // Claims are free.
        fee: { amount: 0, asset_id: "1.3.0" },
        deposit_to_account: account.id,
        balance_to_claim: id,
        balance_owner_key: publicKey,
        total_claimed: { amount: amount.toString(), asset_id },
      },
    ]);
    await send(client, operations, privateKey, options);
    await waitUntil(async () => (await findClaimable()).length === 0, {
      ...{ timeoutMs: includedTimeoutMs, everyMs: 250, signal },
      onTimeout: () =>
        new AppError("NETWORK_NOT_READY", `${endpoint}: the claim is in no block after ${includedTimeoutMs / 1000} s`),
    });
  } finally {
    client.close();
  }
}

async function connectWhenReady({ endpoint, chainId, signal, tell }: BootOptions): Promise<RpcClient> {
  tell(`waiting for blocks of ${endpoint}`);
  let last: unknown = null;
  await waitUntil(
    async () => {
      try {
        await fetchReference(endpoint, signal);
        return true;
      } catch (error) {
        signal.throwIfAborted();
        last = error;
        return false;
      }
    },
    { timeoutMs: readyTimeoutMs, everyMs: 500, signal, onTimeout: () => last as Error },
  );
  const client = await RpcClient.connect({ endpoint, timeoutMs, signal });
  const actual = await client.call("database", "get_chain_id", [], chainIdAnswer);
  if (actual === chainId) return client;
  client.close();
  throw new AppError("NETWORK_MISMATCH", `${endpoint} is a node of another network`, {
    problems: [{ path: endpoint, value: actual, expected: `expected chain ${chainId}` }],
  });
}

async function send(
  client: RpcClient,
  operations: readonly [number, unknown][],
  privateKey: Buffer,
  { endpoint, chainId, signal }: BootOptions,
): Promise<void> {
  const reference = await fetchReference(endpoint, signal);
  const transaction = signedTransaction({
    ...{ operations, chainId, reference, privateKey },
    expirationSeconds: Math.floor(reference.chainTimeMs / 1000) + expirationSeconds,
  });
  await client.call("network_broadcast", "broadcast_transaction", [transaction], z.null());
}
