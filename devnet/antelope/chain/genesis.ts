import { burnerAccount } from "../../../shared/devnet/burner-abi.ts";
import type { AntelopeDevnetConfig } from "../../../shared/devnet/config.ts";
import { developmentKey } from "../../default-config.ts";
import { readKeyText } from "../codec/public-key.ts";
import { accountBytes } from "../evaluate/permissions.ts";
import { permissionBytes } from "../evaluate/read-authority.ts";
import { ramAccount, ramBytesPerToken, stakeAccount } from "../evaluate/resources.ts";
import { balanceRowBytes } from "../evaluate/token.ts";
import type { ChainParameters } from "./chain-parameters.ts";
import {
  type Account,
  type Authority,
  activePermission,
  type Balance,
  ownerPermission,
  type Permission,
  systemAccount,
  type Token,
  tokenAccount,
} from "./objects.ts";
import type { GenesisState } from "./state.ts";

/** Accounts that are there before those of the configuration, besides the producers'. */
export const reservedNames: readonly string[] = [
  systemAccount,
  tokenAccount,
  ramAccount,
  stakeAccount,
  burnerAccount,
  "eosio.null",
  "eosio.prods",
];

type GenesisAccount = AntelopeDevnetConfig["genesis"]["accounts"][number];

export function createGenesis({ genesis }: AntelopeDevnetConfig, parameters: ChainParameters): GenesisState {
  const { genesisMillis, producers, core } = parameters;
  const accounts = new Map<string, Account>();
  const add = (name: string, key: string, limits: Partial<GenesisAccount> = {}): void => {
    if (!accounts.has(name)) accounts.set(name, toAccount(name, key, genesisMillis, limits));
  };
  for (const name of reservedNames) add(name, developmentKey.antelopePublicKey);
  for (const { name, publicKey } of producers) add(name, publicKey);
  for (const account of genesis.accounts) {
    add(account.name, readKeyText(account.publicKey) ?? account.publicKey, account);
  }
  const balances = new Map(genesis.tokens.map(({ symbol }) => [symbol, toBalances(symbol, genesis.accounts)]));
  // What RAM and stakes have cost is there for whoever gives them back, and nobody pays for the rows of these two.
  for (const [name, amount] of heldBySystem(genesis.accounts, core.precision))
    balances.get(core.symbol)?.set(name, { amount, ramPayer: name });
  return {
    accounts,
    tokens: new Map(genesis.tokens.map((token) => [token.symbol, toToken(token, balances.get(token.symbol))])),
    balances,
    stakes: new Map(
      genesis.accounts.flatMap(({ name, staked }) =>
        staked === null ? [] : [[`${name} ${name}`, { cpu: BigInt(staked.cpu), net: BigInt(staked.net) }] as const],
      ),
    ),
    ramUsage: new Map([...accounts.values()].map((account) => [account.name, ramOf(account, balances.values())])),
  };
}

function toAccount(name: string, key: string, createdMillis: number, limits: Partial<GenesisAccount>): Account {
  const authority: Authority = { threshold: 1, keys: [{ key, weight: 1 }], accounts: [], waits: [] };
  return {
    name,
    createdMillis,
    isPrivileged: name === systemAccount,
    permissions: [
      { name: activePermission, parent: ownerPermission, authority },
      { name: ownerPermission, parent: "", authority },
      ...(limits.permissions ?? []).map((own) => ownPermission(name, own)),
    ],
    links: [],
    cpuMicrosPerDay: limits.cpuMicrosPerDay ?? null,
    netBytesPerDay: limits.netBytesPerDay ?? null,
    ramBytes: limits.ramBytes ?? null,
  };
}

/** Needs no key of its own. */
function ownPermission(account: string, name: string): Permission {
  const permission = { actor: account, permission: activePermission };
  const authority: Authority = { threshold: 1, keys: [], accounts: [{ permission, weight: 1 }], waits: [] };
  return { name, parent: activePermission, authority };
}

function heldBySystem(accounts: readonly GenesisAccount[], precision: number): (readonly [string, bigint])[] {
  let [ramUnits, stakedUnits] = [0n, 0n];
  for (const { ramBytes, staked } of accounts) {
    ramUnits += (BigInt(ramBytes ?? 0) * 10n ** BigInt(precision)) / BigInt(ramBytesPerToken);
    stakedUnits += BigInt(staked?.cpu ?? 0) + BigInt(staked?.net ?? 0);
  }
  return [
    [ramAccount, ramUnits],
    [stakeAccount, stakedUnits],
  ];
}

function toBalances(symbol: string, accounts: readonly GenesisAccount[]): Map<string, Balance> {
  const holders = accounts.filter(({ balances }) => balances[symbol] !== undefined);
  return new Map(holders.map(({ name, balances }) => [name, { amount: BigInt(balances[symbol]!), ramPayer: name }]));
}

function toToken(
  { symbol, precision, maxSupply }: AntelopeDevnetConfig["genesis"]["tokens"][number],
  balances: ReadonlyMap<string, Balance> | undefined,
): Token {
  let supply = 0n;
  for (const { amount } of balances?.values() ?? []) supply += amount;
  return { symbol, precision, supply, maxSupply: BigInt(maxSupply), issuer: systemAccount };
}

function ramOf({ name, permissions }: Account, balances: Iterable<ReadonlyMap<string, Balance>>): number {
  let bytes = accountBytes;
  for (const { authority } of permissions) bytes += permissionBytes(authority);
  for (const rows of balances) if (rows.has(name)) bytes += balanceRowBytes;
  return bytes;
}
