import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ops, PrivateKey, PublicKey, Signature } from "bitsharesjs";
import { WebSocketServer } from "ws";
import { bootNetwork } from "./boot-network.ts";
import { addressOf } from "./genesis.ts";

const chainId = "12".repeat(32);
const privateKey = "5KQwrPbwdL6PhXujxW37FSSQZ1JiwsST4cqQzDeyXtP79zkvFD3";
const publicKey = PrivateKey.fromWif(privateKey).toPublicKey().toPublicKeyString("BTS");
const treasurer = {
  ...{ id: "1.2.17", name: "treasurer", membership_expiration_date: "1969-12-31T23:59:59" },
  ...{ active: { weight_threshold: 1, key_auths: [[publicKey, 1]] }, options: { memo_key: publicKey } },
};

interface Transaction {
  readonly operations: readonly (readonly [number, Readonly<Record<string, unknown>>])[];
  readonly signatures: readonly string[];
}

/** As much of a node as claiming takes: what a genesis gives to a key is there until a block has its claim. */
class GenesisNode {
  readonly transactions: Transaction[] = [];
  claimable: readonly object[] = [
    { id: "1.15.0", owner: addressOf(publicKey), balance: { amount: "1000000000000000", asset_id: "1.3.0" } },
  ];
  accounts: readonly object[] = [treasurer];
  /** Blocks go on, and have what was sent before. */
  makesBlocks = true;
  #head = 10;
  readonly #server = new WebSocketServer({ port: 0, host: "127.0.0.1" });

  constructor() {
    this.#server.on("connection", (socket) =>
      socket.on("message", (data) => {
        const { id, params } = JSON.parse(String(data)) as { id: number; params: [string, string, unknown[]] };
        socket.send(JSON.stringify({ id, result: this.#call(params[1], params[2]) }));
      }),
    );
  }

  async start(): Promise<void> {
    if (this.#server.address() === null) await once(this.#server, "listening");
  }

  get endpoint(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #call(method: string, args: readonly unknown[]): unknown {
    switch (method) {
      case "get_chain_id":
        return chainId;
      case "get_dynamic_global_properties":
        return this.#properties();
      case "get_block_header":
        return { previous: "0000000a".padEnd(40, "ab"), timestamp: "2026-01-01T00:00:00", witness: "1.6.1" };
      case "lookup_account_names":
        return (args[0] as string[]).map(
          (name) => this.accounts.find((one) => "name" in one && one.name === name) ?? null,
        );
      case "get_balance_objects": {
        const [addresses] = args as [string[]];
        const found = addresses.includes(addressOf(publicKey)) ? this.claimable : [];
        if (this.transactions.length > 0 && this.makesBlocks) this.claimable = [];
        return found;
      }
      case "broadcast_transaction":
        this.transactions.push(args[0] as Transaction);
        return null;
      default:
        // Apis have numbers.
        return method === "login" ? true : 2;
    }
  }

  #properties(): object {
    this.#head += 1;
    return {
      ...{ head_block_number: this.#head, head_block_id: "00".repeat(20), time: "2026-01-01T00:00:00" },
      ...{ last_irreversible_block_num: this.#head - 2, current_witness: "1.6.1" },
    };
  }
}

let node: GenesisNode;

beforeEach(async () => {
  node = new GenesisNode();
  await node.start();
});

afterEach(() => node.stop());

function boot(changes: Partial<Parameters<typeof bootNetwork>[0]> = {}): Promise<void> {
  return bootNetwork({
    ...{ endpoint: node.endpoint, chainId, bootPlan: null, funder: { name: "treasurer", privateKey } },
    readAsset: () => Promise.resolve(null),
    signal: new AbortController().signal,
    tell: () => undefined,
    ...changes,
  });
}

describe("a BitShares network", () => {
  test("has what its genesis gives to the funding account's key claimed by that account, for no fee", async () => {
    await boot();
    expect(node.transactions).toHaveLength(1);
    const [transaction] = node.transactions as [Transaction];
    const none = { amount: "0", asset_id: "1.3.0" };
    expect(transaction.operations).toMatchObject([
      [
        37,
        {
          ...{ fee: none, deposit_to_account: "1.2.17", balance_to_claim: "1.15.0", balance_owner_key: publicKey },
          total_claimed: { amount: "1000000000000000", asset_id: "1.3.0" },
        },
      ],
    ]);
    const { signatures, ...unsigned } = transaction;
    const signed = Buffer.concat([
      Buffer.from(chainId, "hex"),
      ops.transaction.toBuffer(ops.transaction.fromObject(unsigned)),
    ]);
    const key = PublicKey.fromStringOrThrow(publicKey, "BTS");
    expect(signatures.map((text) => Signature.fromHex(text).verifyBuffer(signed, key))).toEqual([true]);
  });

  test("is left alone when that is done", async () => {
    await boot();
    await boot();
    expect(node.transactions).toHaveLength(1);
  });

  test("is not touched when it is another, by its id or by its accounts", async () => {
    await expect(boot({ chainId: "34".repeat(32) })).rejects.toMatchObject({ code: "NETWORK_MISMATCH" });
    node.accounts = [];
    await expect(boot()).rejects.toMatchObject({ code: "ACCOUNT_MISSING" });
    expect(node.transactions).toEqual([]);
  });

  test("is waited for until a block has the claim, and no longer than somebody wants to wait", async () => {
    node.makesBlocks = false;
    const waiting = new AbortController();
    const booting = boot({ signal: waiting.signal });
    const ended = booting.catch((error: unknown) => error);
    while (node.transactions.length === 0) await new Promise((resolve) => setImmediate(resolve));
    waiting.abort(new Error("enough"));
    expect(await ended).toMatchObject({ message: "enough" });
  });
});
