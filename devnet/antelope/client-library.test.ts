import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  Action,
  APIClient,
  APIError,
  Asset,
  Name,
  PrivateKey,
  SignedTransaction,
  Transaction,
} from "@wharfkit/antelope";
import { Api, JsonRpc, RpcError } from "eosjs";
import { JsSignatureProvider } from "eosjs/dist/eosjs-jssig.js";
import { waitUntil } from "../../shared/time/wait.ts";
import { developmentKey } from "../default-config.ts";
import { type RunningDevnet, startDevnet } from "../devnet.ts";
import { recordedAntelopeNetwork } from "../testing/recorded-antelope-network.ts";

/** A key that belongs to nobody: the digest of nothing. */
const otherKey = "5KYZdUEo39z3FPrtuX2QbbwGnNP5zTd7yyr2SC1j299sBCnWjss";
const tapos = { blocksBehind: 1, expireSeconds: 60 };

interface Failure {
  readonly error: { readonly code: number; readonly name: string; readonly details: readonly { message: string }[] };
}

let devnet: RunningDevnet;
let url: string;

beforeAll(async () => {
  devnet = await startDevnet(recordedAntelopeNetwork());
  url = devnet.ready.nodes[0]!.url;
});

afterAll(async () => {
  await devnet.stop();
});

function transfer(from: string, to: string, quantity: string, memo: string) {
  return {
    account: "eosio.token",
    name: "transfer",
    authorization: [{ actor: from, permission: "active" }],
    data: { from, to, quantity, memo },
  };
}

async function failureOf(work: Promise<unknown>): Promise<Failure["error"]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RpcError) return (error.json as Failure).error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("eosjs", () => {
  let rpc: JsonRpc;
  const api = (key: string = developmentKey.privateKey) =>
    new Api({
      rpc,
      signatureProvider: new JsSignatureProvider([key]),
      textDecoder: new TextDecoder(),
      textEncoder: new TextEncoder(),
    });

  beforeAll(() => {
    rpc = new JsonRpc(url, { fetch });
  });

  async function balanceOf(account: string): Promise<number> {
    const [text] = (await rpc.get_currency_balance("eosio.token", account, "SYS")) as string[];
    return Math.round(Number.parseFloat(text!) * 10_000);
  }

  test("describes the network", async () => {
    const info = await rpc.get_info();
    expect(info.chain_id).toBe(devnet.ready.chainId);
    expect(info.head_block_num).toBeGreaterThanOrEqual(info.last_irreversible_block_num);
  });

  test("a transfer is built from the node's ABI, signed, accepted and included", async () => {
    const before = await balanceOf("bob");
    const result = (await api().transact(
      { actions: [transfer("alice", "bob", "0.0007 SYS", "by eosjs")] },
      tapos,
    )) as unknown as {
      readonly transaction_id: string;
      readonly processed: { readonly receipt: { readonly status: string }; readonly action_traces: readonly object[] };
    };
    expect(result.processed.receipt.status).toBe("executed");
    expect(await balanceOf("bob")).toBe(before + 7);
    const first = (await rpc.get_info()).last_irreversible_block_num;
    await waitUntil(() => holds(result.transaction_id, first), {
      timeoutMs: 5000,
      onTimeout: () => new Error("not included"),
    });
  });

  async function holds(id: string, from: number): Promise<boolean> {
    const { head_block_num: head } = await rpc.get_info();
    for (let number = from; number <= head; number += 1) {
      const block = await rpc.get_block(number);
      if (block.transactions.some(({ trx }: { readonly trx: { readonly id: string } }) => trx.id === id)) return true;
    }
    return false;
  }

  test("several actions go in one transaction, and all of them happen", async () => {
    const before = await balanceOf("bob");
    const actions = [1, 2, 3].map((index) => transfer("alice", "bob", `0.000${index} SYS`, `part ${index}`));
    await api().transact({ actions }, tapos);
    expect(await balanceOf("bob")).toBe(before + 6);
  });

  test("one action that fails undoes the others", async () => {
    const before = await balanceOf("bob");
    const actions = [transfer("alice", "bob", "0.0001 SYS", "undone"), transfer("alice", "bob", "999999.0000 SYS", "")];
    const failure = await failureOf(api().transact({ actions }, tapos));
    expect(failure.code).toBe(3_050_003);
    expect(failure.details[0]!.message).toBe("assertion failure with message: overdrawn balance");
    expect(await balanceOf("bob")).toBe(before);
  });

  test("a wrong key is refused", async () => {
    const stranger = api(otherKey);
    // Usually the node is asked which keys are needed; this one insists on its own.
    stranger.authorityProvider = { getRequiredKeys: () => stranger.signatureProvider.getAvailableKeys() };
    const transaction = { actions: [transfer("alice", "bob", "0.0001 SYS", "wrong key")] };
    expect((await failureOf(stranger.transact(transaction, tapos))).code).toBe(3_090_003);
  });

  test("the node refuses to name keys that would do when there are none", async () => {
    const transaction = { actions: [transfer("alice", "bob", "0.0001 SYS", "no key")] };
    expect((await failureOf(api(otherKey).transact(transaction, tapos))).code).toBe(3_090_003);
  });

  async function sign(memo: string): Promise<{ signatures: string[]; serializedTransaction: Uint8Array }> {
    const options = { ...tapos, broadcast: false };
    const signed = await api().transact({ actions: [transfer("alice", "bob", "0.0001 SYS", memo)] }, options);
    return signed as { signatures: string[]; serializedTransaction: Uint8Array };
  }

  test("the same transaction again is a duplicate", async () => {
    const signed = await sign("twice");
    await rpc.send_transaction(signed);
    expect((await failureOf(rpc.send_transaction(signed))).code).toBe(3_040_008);
  });

  test("a compressed transaction is taken", async () => {
    const { signatures, serializedTransaction } = await sign("small");
    const answer = (await rpc.push_transaction({
      signatures,
      compression: 1,
      serializedTransaction: deflateSync(serializedTransaction),
    })) as unknown as { readonly processed: { readonly receipt: { readonly status: string } } };
    expect(answer.processed.receipt.status).toBe("executed");
  });
});

describe("@wharfkit/antelope", () => {
  let client: APIClient;

  beforeAll(() => {
    client = new APIClient({ url, fetch });
  });

  async function signedTransfer(memo: string): Promise<SignedTransaction> {
    const info = await client.v1.chain.get_info();
    const { abi } = await client.v1.chain.get_abi("eosio.token");
    const action = Action.from(transfer("alice", "bob", "0.0002 SYS", memo), abi!);
    const transaction = Transaction.from({ ...info.getTransactionHeader(), actions: [action] });
    const signature = PrivateKey.from(developmentKey.privateKey).signDigest(transaction.signingDigest(info.chain_id));
    return SignedTransaction.from({ ...transaction, signatures: [signature] });
  }

  test("describes the network and an account", async () => {
    const info = await client.v1.chain.get_info();
    expect(String(info.chain_id)).toBe(devnet.ready.chainId);
    const account = await client.v1.chain.get_account("alice");
    const active = account.permissions.find(({ perm_name: name }) => name.equals("active"));
    expect(active!.required_auth.keys[0]!.key.toLegacyString()).toMatch(/^EOS6MRyAjQq8/);
  });

  test("a signed transaction is accepted, and the rows of the token's table show it", async () => {
    const rowsOf = async (account: string) => {
      const { rows } = await client.v1.chain.get_table_rows({ code: "eosio.token", scope: account, table: "accounts" });
      return Asset.from((rows[0] as { readonly balance: string }).balance).units.toNumber();
    };
    const before = await rowsOf("bob");
    const signed = await signedTransfer("by wharfkit");
    const sent = await client.v1.chain.send_transaction(signed);
    expect(sent.transaction_id).toBe(String(signed.id));
    expect(await rowsOf("bob")).toBe(before + 2);
  });

  test("send_transaction2 answers with the trace of a transaction that failed", async () => {
    const signed = await signedTransfer("altered");
    const altered = SignedTransaction.from({ ...signed, max_net_usage_words: 1000 });
    // The library makes an error of a trace that holds one.
    const error = await client.v1.chain.send_transaction2(altered).then(
      () => null,
      (cause: unknown) => cause,
    );
    if (!(error instanceof APIError)) throw error;
    expect(error.code).toBe(3_090_003);
    expect(error.response).toMatchObject({ status: 202, json: { processed: { receipt: null } } });
  });

  test("blocks and producers can be read", async () => {
    const { head_block_num: head, head_block_producer: producer } = await client.v1.chain.get_info();
    const block = await client.v1.chain.get_block(head);
    expect(block.producer.equals(producer)).toBe(true);
    const schedule = await client.v1.chain.get_producer_schedule();
    expect(schedule.active.producers.some(({ producer_name: name }) => name.equals(Name.from(producer)))).toBe(true);
  });
});
