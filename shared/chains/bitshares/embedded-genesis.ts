import { AppError, type Problem } from "../../errors/app-error.ts";
import { parseAmountRange, toUnits } from "../../workload/amount.ts";
import { AccountPopularity } from "../../workload/popularity.ts";
import type { EmbeddedGenesis, EmbeddedGenesisOptions } from "../driver.ts";
import { derivedPrivateKey } from "../signing/derived-key.ts";
import { embeddedLending } from "./embedded-lending.ts";
import { embeddedPools } from "./embedded-pools.ts";
import { symbolsOf } from "./find-assets.ts";
import { publicKeyText, toWif } from "./keys.ts";
import { defaultMarket } from "./parameters.ts";

const coreSymbol = "BTS";
const precision = 5;
/** GRAPHENE_MAX_SHARE_SUPPLY: no asset may have more. */
const maximumSupply = 1_000_000_000_000_000n;
const fewestAccounts = 1;
/** What an account to be upgraded has: above the fee of an embedded network, 10,000 BTS. */
const upgradeBalance = 1_100_000_000n;
/** What one account sends for all, in smallest units: above the fees of an embedded network, 20 and 500 BTS. */
const issuersCosts: Readonly<Record<string, bigint>> = {
  asset_issue: 3_000_000n,
  asset_update: 60_000_000n,
  asset_publish_feed: 200_000n,
};

export function embeddedGenesis(options: EmbeddedGenesisOptions): EmbeddedGenesis {
  const { seed, workload } = options;
  const names = Array.from({ length: Math.max(fewestAccounts, options.accounts) }, (_, i) => `stress-${i}`);
  const keys = names.map((_, i) => derivedPrivateKey("loadstone", "bitshares", seed, "account", i));
  const upgrades = accountsToUpgrade(options, keys);
  const symbols = new Set([defaultMarket[0], ...workload.mix.flatMap(symbolsOf)]);
  symbols.delete(coreSymbol);
  const lending = embeddedLending({ mix: workload.mix, needs: options.poolNeeds, accounts: names.length });
  const reserved = upgradeBalance * BigInt(upgrades.length) + lending.funds;
  const balance = readBalance(options.balance, names.length, maximumSupply - reserved);
  if (typeof balance !== "bigint") {
    const problems = [balance];
    throw new AppError("PLAN_IMPOSSIBLE", "the accounts of the embedded network cannot have that balance", {
      problems,
    });
  }
  const popularity = new AccountPopularity(workload.popularity, names.length);
  const balances = Object.fromEntries(
    [coreSymbol, ...symbols].map((symbol) => [symbol, lending.balances.get(symbol) ?? balance.toString()]),
  );
  const issuersBalance =
    balance + lending.funds + issuersFees(options, maximumSupply - reserved - balance * BigInt(names.length));
  return {
    accounts: names.map((name, i) => ({ name, privateKey: toWif(keys[i] as Buffer) })),
    genesis: {
      accounts: [
        ...names.map((name, i) => ({
          name,
          publicKey: publicKeyText(keys[i] as Buffer, coreSymbol),
          // So that templates may register accounts.
          lifetimeMember: true,
          balances: i === 0 ? { ...balances, [coreSymbol]: issuersBalance.toString() } : balances,
        })),
        ...upgrades,
      ],
      assets: [...symbols].map((symbol) => ({
        symbol,
        precision,
        issuer: names[0] as string,
        maxSupply: maximumSupply.toString(),
        bitasset: lending.bitassets.get(symbol) ?? null,
      })),
      ...embeddedPools({ mix: workload.mix, needs: options.poolNeeds, names, popularity }),
    },
  };
}

/** The first account has issued all assets, and pays for whatever only the issuer may do. */
function issuersFees({ workload, poolNeeds }: EmbeddedGenesisOptions, atMost: bigint): bigint {
  const fees = workload.mix.reduce((sum, { template, operation }, i) => {
    const each = template === null ? (issuersCosts[operation] ?? 0n) : 0n;
    return sum + each * BigInt(poolNeeds[i] ?? 0);
  }, 0n);
  return fees < atMost ? fees : atMost;
}

/** As many accounts that are no members as the entries upgrade, with the keys of the others in turn. */
function accountsToUpgrade({ workload, poolNeeds }: EmbeddedGenesisOptions, keys: readonly Buffer[]): unknown[] {
  // Where several entries upgrade, each gets as many as the others.
  const entries = workload.mix.filter((entry) => entry.template === null && entry.operation === "account_upgrade");
  const most = Math.max(0, ...workload.mix.map((entry, i) => (entries.includes(entry) ? (poolNeeds[i] ?? 0) : 0)));
  const publicKeys = most === 0 ? [] : keys.map((key) => publicKeyText(key, coreSymbol));
  return Array.from({ length: most * entries.length }, (_, i) => ({
    name: `basic-${i}`,
    publicKey: publicKeys[i % keys.length],
    lifetimeMember: false,
    balances: { [coreSymbol]: upgradeBalance.toString() },
  }));
}

/** Smallest units of what each account has, or why they cannot have it. */
export function readBalance(text: string, accounts: number, supply: bigint): bigint | Problem {
  const range = parseAmountRange(text);
  const units = range && (range.symbol ?? coreSymbol) === coreSymbol ? toUnits(range.maximum, precision) : null;
  const problem = (expected: string): Problem => ({ path: "accounts.balance", value: text, expected });
  if (units === null || units === 0n) return problem('expected an amount of BTS such as "1000 BTS"');
  if (units * BigInt(accounts) <= supply) return units;
  const most = supply > 0n ? supply / BigInt(accounts) / 100_000n : 0n;
  return problem(`expected at most ${most} BTS for each of ${accounts} accounts`);
}
