import { expect } from "@jest/globals";
import { bodyToJson } from "../../shared/chains/bitshares/packed-text.ts";
import type { ResolvedChain } from "../../shared/chains/driver.ts";
import { driverOf } from "../../shared/chains/registry.ts";
import { prepareSome } from "../../shared/chains/testing/prepare-some.ts";
import { uniformWorkload } from "../../shared/chains/testing/uniform-workload.ts";
import { bitsharesDevnetSchema } from "../../shared/devnet/config.ts";
import type { Workload } from "../../shared/scenario/scenario.ts";
import { type RunningDevnet, startDevnet } from "../devnet.ts";
import { RpcClient } from "./rpc-client.ts";

const driver = driverOf("bitshares");
const seed = 4;

export interface Sent {
  readonly resolved: ResolvedChain;
  readonly operations: readonly (readonly [number, Readonly<Record<string, unknown>>])[];
  call<Result>(method: string, args: readonly unknown[]): Promise<Result>;
}

type Parameters = Readonly<Record<string, unknown>>;

/** Sends transactions of one named operation to an embedded network that is made for them, as a run does. */
export class NamedRun {
  readonly #transactions: number;
  #devnet: RunningDevnet | null = null;
  #client: RpcClient | null = null;

  constructor(transactions: number) {
    this.#transactions = transactions;
  }

  get endpoint(): string {
    return this.#devnet?.ready.nodes[0]?.url as string;
  }

  /** Makes the accounts, the network and the transactions, and sends them all; the node must take each. */
  async send(operation: string, parameters: Parameters = {}): Promise<Sent> {
    const workload = uniformWorkload([operation], parameters);
    const transactions = this.#transactions;
    // Enough to create assets with; the issuer gets more for what only it may send.
    const balance = operation === "asset_create" ? "60000 BTS" : "10000 BTS";
    const { endpoint, network, accounts } = await this.start(workload, balance);
    const resolved = await driver.resolve({ endpoint, network, accounts, workload });
    expect(driver.cost(resolved, workload, [transactions]).shortAccounts).toEqual([]);
    for (const pool of resolved.pools) if (pool !== null) expect(pool).toBeGreaterThanOrEqual(transactions);
    const reference = await driver.reference(endpoint);
    const context = { chain: "bitshares", seed, network, workload, resolved, reference, transactions };
    const bodies = prepareSome({
      preparer: driver.createPreparer(context),
      workload,
      seed,
      // One operation a transaction, all of the same entry.
      poolOrdinalOf: (sequence) => sequence,
      sequences: Array.from({ length: transactions }, (_, i) => i),
      expirationSeconds: Math.floor(reference.chainTimeMs / 1000) + 3600,
    });
    const sizes = driver.operations.packedSizes;
    const mostBytes = sizes?.operationBytes({ ...(workload.mix[0] as Workload["mix"][0]) });
    const client = await RpcClient.connect(endpoint);
    this.#client = client;
    const sent = bodies.map(({ body }) => JSON.parse(bodyToJson(body)) as Pick<Sent, "operations">);
    for (const [i, transaction] of sent.entries()) {
      await client.call("network_broadcast", "broadcast_transaction", [transaction]);
      const room = (mostBytes as number) + (sizes?.overheadBytes as number);
      expect(bodies[i]?.packedBytes).toBeLessThanOrEqual(room);
    }
    return {
      resolved,
      operations: sent.map((transaction) => transaction.operations[0] as Sent["operations"][0]),
      call: (method, args) => client.call("database", method, args),
    };
  }

  /** A network and the accounts that an embedded network makes for the workload. */
  async start(workload: Workload, balance: string) {
    const poolNeeds = workload.mix.map(() => this.#transactions);
    const made = driver.embeddedGenesis({ seed, accounts: 6, balance, workload, poolNeeds });
    this.#devnet = await startDevnet(
      bitsharesDevnetSchema.parse({ chain: "bitshares", ports: [0], seed, genesis: made.genesis }),
    );
    const { endpoint } = this;
    const network = await driver.describe({
      endpoints: [endpoint],
      expectedChainId: null,
      timeoutMs: 10_000,
      maximumHeadAgeMs: Number.POSITIVE_INFINITY,
    });
    return { endpoint, network, accounts: made.accounts };
  }

  async stop(): Promise<void> {
    this.#client?.close();
    await this.#devnet?.stop();
    this.#client = null;
    this.#devnet = null;
  }
}
