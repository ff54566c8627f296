import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RpcClient } from "../../devnet/testing/rpc-client.ts";
import { devnetReadySchema } from "../../shared/devnet/config.ts";
import { toLetters } from "../../shared/workload/letters.ts";
import { Program } from "./programs.ts";

/** The published development key, which the one account of a fresh network has. */
export const funderKey = "5KQwrPbwdL6PhXujxW37FSSQZ1JiwsST4cqQzDeyXtP79zkvFD3";
const publicPart = "6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV";

/** How the tests of setup talk of a chain, and to it without its driver. */
export interface SetupChain {
  readonly chain: string;
  readonly funder: string;
  readonly coreSymbol: string;
  readonly precision: number;
  readonly prefix: string;
  /** Of each account in the tests. */
  readonly balance: string;
  readonly resources?: Readonly<Record<string, string>>;
  /** What a workload of this chain needs besides accounts. */
  readonly workload: Readonly<Record<string, unknown>>;
  genesis(balanceUnits: string): object;
  /** In smallest units. */
  balanceOf(endpoint: string, account: string): Promise<bigint>;
  exists(endpoint: string, account: string): Promise<boolean>;
  accountName(position: number): string;
}

async function asked<T>(endpoint: string, method: string, args: readonly unknown[]): Promise<T> {
  const client = await RpcClient.connect(endpoint);
  try {
    return await client.call<T>("database", method, [...args]);
  } finally {
    client.close();
  }
}

export const bitshares: SetupChain = {
  chain: "bitshares",
  funder: "nathan",
  coreSymbol: "BTS",
  precision: 5,
  prefix: "load-",
  balance: "10000 BTS",
  workload: { mix: { transfer: 6, limit_order_create: 2, limit_order_cancel: 1 } },
  genesis: (balanceUnits) => ({
    accounts: [
      { name: "nathan", publicKey: `BTS${publicPart}`, lifetimeMember: false, balances: { BTS: balanceUnits } },
    ],
  }),
  async balanceOf(endpoint, account) {
    const [{ amount } = { amount: 0 }] = await asked<{ amount: string | number }[]>(
      endpoint,
      "get_named_account_balances",
      [account, ["1.3.0"]],
    );
    return BigInt(amount);
  },
  async exists(endpoint, account) {
    const [found] = await asked<unknown[]>(endpoint, "lookup_account_names", [[account]]);
    return found !== null;
  },
  accountName: (position) => `load-${position + 1}`,
};

async function posted<T>(endpoint: string, call: string, body: object): Promise<T | null> {
  const response = await fetch(`${endpoint}/v1/chain/${call}`, { method: "POST", body: JSON.stringify(body) });
  return response.ok ? ((await response.json()) as T) : null;
}

export const antelope: SetupChain = {
  chain: "antelope",
  funder: "rich",
  coreSymbol: "EOS",
  precision: 4,
  prefix: "load",
  balance: "1000 EOS",
  resources: { ram: "16 KiB", cpu: "10 EOS", net: "10 EOS" },
  workload: {
    mix: {
      transfer: 4,
      stress: { weight: 1, operation: "transfer", amount: "1..5 STRESS" },
      ...{ sellram: 1, undelegatebw: 1, linkauth: 1, deleteauth: 1 },
    },
  },
  genesis: (balanceUnits) => ({
    accounts: [{ name: "rich", publicKey: `EOS${publicPart}`, balances: { EOS: balanceUnits } }],
    newAccounts: "without-resources",
    tokens: [{ symbol: "EOS", precision: 4, maxSupply: "1000000000000000000" }],
  }),
  async balanceOf(endpoint, account) {
    const found = await posted<string[]>(endpoint, "get_currency_balance", {
      ...{ code: "eosio.token", account, symbol: "EOS" },
    });
    return BigInt((found?.[0] ?? "0").split(" ")[0]?.replace(".", "") ?? 0);
  },
  exists: async (endpoint, account) => (await posted(endpoint, "get_account", { account_name: account })) !== null,
  accountName: (position) => `load${toLetters(position, 8)}`,
};

export interface SetupNetwork {
  readonly endpoints: readonly string[];
  stop(): Promise<void>;
}

/** A devnet with one account that has funds, and nothing else. */
export async function startPoorNetwork(
  { chain, genesis }: SetupChain,
  folder: string,
  options: { readonly balanceUnits: string; readonly nodes?: readonly object[] },
): Promise<SetupNetwork> {
  const config = join(folder, "network.json");
  const { balanceUnits, nodes = [] } = options;
  await writeFile(config, JSON.stringify({ chain, ports: [0, 0], nodes, genesis: genesis(balanceUnits) }));
  const devnet = new Program("devnet", ["--config", config, "--watch-stdin"]);
  const [line] = await devnet.says(/\{"event":"ready".*\}/);
  const ready = devnetReadySchema.parse(JSON.parse(line));
  return {
    endpoints: ready.nodes.map(({ url }) => url),
    async stop() {
      devnet.signal("SIGTERM");
      await devnet.finished;
    },
  };
}
