import type { BitsharesDevnetConfig } from "../../shared/devnet/config.ts";
import type { Problem } from "../../shared/errors/app-error.ts";
import { coreSymbol, reservedNames } from "./chain/genesis.ts";
import { maximumSupply } from "./chain/supply.ts";
import { isValidName } from "./chain/validate-operation.ts";
import { toKeyBytes } from "./codec/public-key.ts";

/** What the shape alone does not show: names that repeat or are missing, keys that are none, supplies that do not add up. */
export function bitsharesProblems({ genesis, witnesses, blockIntervalMs }: BitsharesDevnetConfig): readonly Problem[] {
  return [
    ...(blockIntervalMs % 1000 === 0
      ? []
      : [
          {
            path: "blockIntervalMs",
            value: String(blockIntervalMs),
            expected: "expected whole seconds: block times have no fractions",
          },
        ]),
    ...accountProblems(genesis, witnesses),
    ...assetProblems(genesis),
    ...referenceProblems(genesis),
    ...holdingProblems(genesis),
    ...supplyProblems(genesis),
  ];
}

type Genesis = BitsharesDevnetConfig["genesis"];

function accountProblems({ accounts, assets }: Genesis, witnesses: number): Problem[] {
  const symbols = new Set([coreSymbol, ...assets.map(({ symbol }) => symbol)]);
  const names = new Set<string>(reservedNames(witnesses));
  const keys = new Map<string, boolean>();
  const problems: Problem[] = [];
  for (const [index, { name, publicKey, balances }] of accounts.entries()) {
    const path = `genesis.accounts[${index}]`;
    if (!isValidName(name))
      problems.push({ path: `${path}.name`, value: name, expected: "expected a valid account name" });
    if (names.has(name))
      problems.push({ path: `${path}.name`, value: name, expected: "expected a name that is not used before" });
    names.add(name);
    if (!keys.has(publicKey)) keys.set(publicKey, toKeyBytes(publicKey) !== null);
    if (keys.get(publicKey) !== true) {
      problems.push({
        path: `${path}.publicKey`,
        value: publicKey,
        expected: "expected a public key that starts with BTS",
      });
    }
    for (const symbol of Object.keys(balances)) {
      if (!symbols.has(symbol))
        problems.push({ path: `${path}.balances.${symbol}`, expected: "expected an asset of this genesis" });
    }
  }
  return problems;
}

function assetProblems({ accounts, assets }: Genesis): Problem[] {
  const names = new Set(accounts.map(({ name }) => name));
  return assets.flatMap(({ symbol, issuer, maxSupply }, index) => {
    const path = `genesis.assets[${index}]`;
    const problems: Problem[] = [];
    if (symbol === coreSymbol)
      problems.push({
        path: `${path}.symbol`,
        value: symbol,
        expected: "expected another symbol than the core asset's",
      });
    if (!names.has(issuer))
      problems.push({ path: `${path}.issuer`, value: issuer, expected: "expected an account of this genesis" });
    if (Number(maxSupply) > maximumSupply) {
      problems.push({ path: `${path}.maxSupply`, value: maxSupply, expected: `expected at most ${maximumSupply}` });
    }
    return problems;
  });
}

/** What a genesis takes out of a balance to put it elsewhere. */
interface Holding {
  readonly path: string;
  /** Whose balance, and where that stands. */
  readonly owner: string;
  readonly ownerField: string;
  readonly amount: NamedAmount;
  readonly amountField: string;
  readonly count: number;
  readonly what: string;
}

type NamedAmount = Genesis["orders"][number]["sell"];

function holdingsOf({ assets, positions, orders, htlcs, vestingBalances }: Genesis): Holding[] {
  const core = (amount: string): NamedAmount => ({ symbol: coreSymbol, amount });
  return [
    ...assets.flatMap(({ issuer, bitasset }, index) =>
      bitasset?.settlementFund
        ? [
            {
              ...{
                path: `genesis.assets[${index}]`,
                owner: issuer,
                ownerField: "issuer",
                count: 1,
                what: "settled assets",
              },
              ...{ amount: core(bitasset.settlementFund), amountField: "bitasset.settlementFund" },
            },
          ]
        : [],
    ),
    ...positions.map(({ borrower, collateral }, index) => ({
      ...{ path: `genesis.positions[${index}]`, owner: borrower, ownerField: "borrower", count: 1, what: "positions" },
      ...{ amount: core(collateral), amountField: "collateral" },
    })),
    ...orders.map(({ seller, sell, count }, index) => ({
      ...{ path: `genesis.orders[${index}]`, owner: seller, ownerField: "seller" },
      ...{ amount: sell, amountField: "sell", count, what: "orders" },
    })),
    ...htlcs.map(({ from, amount }, index) => ({
      ...{ path: `genesis.htlcs[${index}]`, owner: from, ownerField: "from" },
      ...{ amount, amountField: "amount", count: 1, what: "contracts" },
    })),
    ...vestingBalances.map(({ owner, amount, count }, index) => ({
      ...{ path: `genesis.vestingBalances[${index}]`, owner, ownerField: "owner" },
      ...{ amount, amountField: "amount", count, what: "vesting balances" },
    })),
  ];
}

function holdingProblems(genesis: Genesis): Problem[] {
  const { accounts } = genesis;
  const left = new Map(
    accounts.flatMap(({ name, balances }) =>
      Object.entries(balances).map(([symbol, amount]) => [`${name} ${symbol}`, Number(amount)]),
    ),
  );
  const names = new Set(accounts.map(({ name }) => name));
  const symbols = new Set([coreSymbol, ...genesis.assets.map(({ symbol }) => symbol)]);
  return holdingsOf(genesis).flatMap(({ path, owner, amount, amountField, count, what }) => {
    // What is not there is told of elsewhere.
    if (!names.has(owner) || !symbols.has(amount.symbol)) return [];
    const place = `${owner} ${amount.symbol}`;
    const rest = (left.get(place) ?? 0) - count * Number(amount.amount);
    left.set(place, rest);
    if (rest >= 0) return [];
    const expected = `expected no more than what ${owner} has, for all ${count} ${what}`;
    const field = /^(?:collateral|bitasset)/.test(amountField) ? amountField : `${amountField}.amount`;
    return [{ path: `${path}.${field}`, value: amount.amount, expected }];
  });
}

/** Accounts and assets that are named but not there. */
function referenceProblems(genesis: Genesis): Problem[] {
  const names = new Set(genesis.accounts.map(({ name }) => name));
  const symbols = new Set([coreSymbol, ...genesis.assets.map(({ symbol }) => symbol)]);
  const account = (path: string, name: string): Problem[] =>
    names.has(name) ? [] : [{ path, value: name, expected: "expected an account of this genesis" }];
  const asset = (path: string, { symbol }: NamedAmount): Problem[] =>
    symbols.has(symbol)
      ? []
      : [{ path: `${path}.symbol`, value: symbol, expected: "expected an asset of this genesis" }];
  return [
    ...holdingsOf(genesis).flatMap(({ path, owner, ownerField, amount, amountField }) => [
      ...account(`${path}.${ownerField}`, owner),
      ...asset(`${path}.${amountField}`, amount),
    ]),
    ...genesis.positions.flatMap(({ debt }, index) =>
      genesis.assets.some(({ symbol, bitasset }) => symbol === debt.symbol && bitasset !== null)
        ? []
        : [
            {
              path: `genesis.positions[${index}].debt.symbol`,
              value: debt.symbol,
              expected: "expected an asset of this genesis that is a bitasset",
            },
          ],
    ),
    ...genesis.orders.flatMap(({ receive }, index) => asset(`genesis.orders[${index}].receive`, receive)),
    ...genesis.htlcs.flatMap(({ to }, index) => account(`genesis.htlcs[${index}].to`, to)),
    ...genesis.proposals.flatMap((proposal, index) => {
      const path = `genesis.proposals[${index}]`;
      return [
        ...(["proposer", "from", "to"] as const).flatMap((field) => account(`${path}.${field}`, proposal[field])),
        ...asset(`${path}.amount`, proposal.amount),
      ];
    }),
  ];
}

function supplyProblems({ accounts, assets }: Genesis): Problem[] {
  const limits = new Map<string, number>([
    [coreSymbol, maximumSupply],
    ...assets.map(({ symbol, maxSupply }) => [symbol, Number(maxSupply)] as const),
  ]);
  return [...limits].flatMap(([symbol, limit]) => {
    const total = accounts.reduce((sum, { balances }) => sum + Number(balances[symbol] ?? 0), 0);
    return total > limit
      ? [
          {
            path: "genesis.accounts",
            value: `${total} of ${symbol}`,
            expected: `expected balances of at most ${limit} together`,
          },
        ]
      : [];
  });
}
