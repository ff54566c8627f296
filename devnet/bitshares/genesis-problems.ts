import type { BitsharesDevnetConfig } from "../../shared/devnet/config.ts";
import type { Problem } from "../../shared/errors/app-error.ts";
import { coreSymbol, maximumSupply, reservedNames } from "./chain/genesis.ts";
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
    ...orderProblems(genesis),
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

function orderProblems({ accounts, assets, orders }: Genesis): Problem[] {
  const names = new Set(accounts.map(({ name }) => name));
  const symbols = new Set([coreSymbol, ...assets.map(({ symbol }) => symbol)]);
  const left = new Map(
    accounts.flatMap(({ name, balances }) =>
      Object.entries(balances).map(([symbol, amount]) => [`${name} ${symbol}`, Number(amount)]),
    ),
  );
  return orders.flatMap(({ seller, sell, receive, count }, index) => {
    const path = `genesis.orders[${index}]`;
    if (!names.has(seller))
      return [{ path: `${path}.seller`, value: seller, expected: "expected an account of this genesis" }];
    const unknown = (["sell", "receive"] as const).filter((side) => !symbols.has({ sell, receive }[side].symbol));
    if (unknown.length > 0) {
      return unknown.map((side) => ({
        path: `${path}.${side}.symbol`,
        value: { sell, receive }[side].symbol,
        expected: "expected an asset of this genesis",
      }));
    }
    const rest = (left.get(`${seller} ${sell.symbol}`) ?? 0) - count * Number(sell.amount);
    left.set(`${seller} ${sell.symbol}`, rest);
    return rest < 0
      ? [
          {
            path: `${path}.sell.amount`,
            value: sell.amount,
            expected: `expected no more than what ${seller} has, for all ${count} orders`,
          },
        ]
      : [];
  });
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
