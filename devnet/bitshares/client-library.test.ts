import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { developmentKey } from "../default-config.ts";
import { type RunningDevnet, startDevnet } from "../devnet.ts";
import { recordedNetwork } from "../testing/recorded-network.ts";

interface Api {
  exec(method: string, args: readonly unknown[]): Promise<unknown>;
}

interface Apis {
  instance(
    url?: string,
    connect?: boolean,
  ): { readonly init_promise: Promise<unknown>; readonly chain_id: string; db_api(): Api; history_api(): Api };
  close(): Promise<void>;
}

interface Builder {
  add_type_operation(name: string, operation: object): void;
  set_required_fees(): Promise<unknown>;
  add_signer(key: unknown, publicKey: string): void;
  broadcast(
    onBroadcast?: () => void,
  ): Promise<readonly { readonly id: string; readonly block_num: number; readonly trx: object }[]>;
  readonly operations: readonly (readonly [number, { readonly fee: { readonly amount: unknown } }])[];
}

interface Library {
  readonly TransactionBuilder: new () => Builder;
  readonly PrivateKey: { fromWif(wif: string): { toPublicKey(): { toPublicKeyString(prefix: string): string } } };
  readonly ChainStore: {
    init(subscribe?: boolean): Promise<unknown>;
    getAccount(name: string): unknown;
    clearCache(): void;
  };
}

// The libraries are CommonJS, and what their users do is what is tried here.
const require = createRequire(import.meta.url);
const { Apis } = require("bitsharesjs-ws") as { readonly Apis: Apis };
const { TransactionBuilder, PrivateKey, ChainStore } = require("bitsharesjs") as Library;

let devnet: RunningDevnet;

beforeAll(async () => {
  devnet = await startDevnet(recordedNetwork());
  await Apis.instance(devnet.ready.nodes[0]!.url, true).init_promise;
});

afterAll(async () => {
  await Apis.close();
  await devnet.stop();
});

test("the client library connects", () => {
  expect(Apis.instance().chain_id).toBe(devnet.ready.chainId);
});

test("a transfer built, priced, signed and broadcast by the client library is included", async () => {
  const builder = new TransactionBuilder();
  builder.add_type_operation("transfer", {
    fee: { amount: 0, asset_id: "1.3.0" },
    from: "1.2.18",
    to: "1.2.19",
    amount: { amount: 12_345, asset_id: "1.3.0" },
  });
  await builder.set_required_fees();
  const key = PrivateKey.fromWif(developmentKey.privateKey);
  builder.add_signer(key, key.toPublicKey().toPublicKeyString("BTS"));
  let isBroadcast = false;
  const [included] = await builder.broadcast(() => {
    isBroadcast = true;
  });
  expect(isBroadcast).toBe(true);
  expect(String(builder.operations[0]![1].fee.amount)).toBe("2000000");
  const block = (await Apis.instance().db_api().exec("get_block", [included!.block_num])) as {
    readonly transactions: readonly object[];
  };
  expect(block.transactions).toHaveLength(1);
  const balances = await Apis.instance().db_api().exec("get_account_balances", ["1.2.19", []]);
  expect(balances).toEqual([{ amount: "1000000012345", asset_id: "1.3.0" }]);
});

test("the client library's chain store synchronises", async () => {
  await ChainStore.init();
  expect(ChainStore.getAccount("stress-0")).not.toBeNull();
});
