import { AppError, type Problem } from "../../errors/app-error.ts";
import { decimalsOf, parseAmountRange, toUnits } from "../../workload/amount.ts";
import { toLetters } from "../../workload/letters.ts";
import type { EmbeddedGenesis, EmbeddedGenesisOptions } from "../driver.ts";
import { derivedPrivateKey } from "../signing/derived-key.ts";
import { publicKeyText, toPrivateKeyText } from "./keys.ts";
import { systemAccount } from "./named-actions.ts";
import { planEntry } from "./plan-entry.ts";
import { tokensOf } from "./workload-needs.ts";

const defaultSymbol = "EOS";
const usualPrecision = 4;
const largestPrecision = 18;
/** `asset::max_amount`: no token may have more. */
const maximumSupply = 2n ** 62n - 1n;
const fewestAccounts = 1;
const longestName = 12;
const sellableRamBytes = 2 ** 26;
/** Whole tokens. */
const mostStaked = 100_000n;

export function embeddedGenesis(options: EmbeddedGenesisOptions): EmbeddedGenesis {
  const { seed, workload } = options;
  const names = Array.from({ length: Math.max(fewestAccounts, options.accounts) }, (_, i) => accountName(i));
  const keys = names.map((_, i) => derivedPrivateKey("loadstone", "antelope", seed, "account", i));
  const balance = readBalance(options.balance, names.length);
  if (!("units" in balance)) {
    const problems = [balance];
    throw new AppError("PLAN_IMPOSSIBLE", "the accounts of the embedded network cannot have that balance", {
      problems,
    });
  }
  const { symbol: core, precision, units } = balance;
  const symbols = new Set([core, ...tokensOf(workload.mix).map((token) => token.symbol ?? core)]);
  const balances = Object.fromEntries([...symbols].map((symbol) => [symbol, units.toString()]));
  const permissions = permissionsToDelete(options, names.length);
  return {
    accounts: names.map((name, i) => ({ name, privateKey: toPrivateKeyText(keys[i] as Buffer) })),
    genesis: {
      accounts: names.map((name, i) => ({
        ...{ name, publicKey: publicKeyText(keys[i] as Buffer), balances },
        ...givenBack({ options, accounts: names.length, precision }),
        ...(permissions[i]?.length && { permissions: permissions[i] }),
      })),
      tokens: [...symbols].map((symbol) => ({ symbol, precision, maxSupply: maximumSupply.toString() })),
    },
  };
}

interface GivenBack {
  readonly options: EmbeddedGenesisOptions;
  readonly accounts: number;
  readonly precision: number;
}

/** RAM to sell and stakes to take back, more than a run needs: how much it is decides nothing else. */
function givenBack({ options: { workload }, accounts, precision }: GivenBack): object {
  const has = (action: string): boolean => workload.mix.some((entry) => useOf(entry)?.action === action);
  // Together with the balances no more than there may be of a token.
  const most = maximumSupply / 16n / BigInt(accounts);
  const wanted = mostStaked * 10n ** BigInt(precision);
  const staked = (wanted < most ? wanted : most).toString();
  return {
    ...(has("sellram") && { ramBytes: sellableRamBytes }),
    ...(has("undelegatebw") && { staked: { cpu: staked, net: staked } }),
  };
}

function useOf(entry: EmbeddedGenesisOptions["workload"]["mix"][number]) {
  const plan = planEntry(entry)?.value;
  return plan?.kind === "action" && plan.use.contract === systemAccount ? plan.use : null;
}

/** As many for each entry that deletes some as it does, dealt to the accounts in turn. */
function permissionsToDelete({ workload, poolNeeds }: EmbeddedGenesisOptions, accounts: number): string[][] {
  const dealt = Array.from({ length: accounts }, (): string[] => []);
  const prefixes = workload.mix.map((entry) => useOf(entry)?.deletes ?? null);
  const neediest = Math.max(0, ...poolNeeds.filter((_, i) => prefixes[i] !== null));
  let made = 0;
  for (const prefix of prefixes) {
    if (prefix === null) continue;
    for (let i = 0; i < neediest; i++, made++) {
      dealt[made % accounts]?.push(prefix + toLetters(made, longestName - prefix.length));
    }
  }
  return dealt;
}

/** Twelve characters, which is what networks demand of accounts whose names nobody has bid for. */
function accountName(index: number): string {
  return `stress1${toLetters(index, 5)}`;
}

export interface Balance {
  readonly symbol: string;
  /** Decimal places: as many as the balance is written with, but no fewer than four. */
  readonly precision: number;
  readonly units: bigint;
}

/** What each account has, or why they cannot have it. */
export function readBalance(text: string, accounts: number): Balance | Problem {
  const problem = (expected: string): Problem => ({ path: "accounts.balance", value: text, expected });
  const range = parseAmountRange(text);
  const symbol = range?.symbol ?? defaultSymbol;
  if (!range || !/^[A-Z]{1,7}$/.test(symbol)) return problem('expected an amount of a token such as "1000 EOS"');
  const precision = Math.max(usualPrecision, decimalsOf(range.maximum));
  if (precision > largestPrecision) return problem(`expected at most ${largestPrecision} decimal places`);
  const units = toUnits(range.maximum, precision);
  if (units === null || units === 0n) return problem('expected an amount above 0 such as "1000 EOS"');
  if (units * BigInt(accounts) <= maximumSupply) return { symbol, precision, units };
  const most = maximumSupply / BigInt(accounts) / 10n ** BigInt(precision);
  return problem(`expected at most ${most} ${symbol} for each of ${accounts} accounts`);
}
