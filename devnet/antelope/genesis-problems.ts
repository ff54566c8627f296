import type { AntelopeDevnetConfig } from "../../shared/devnet/config.ts";
import type { Problem } from "../../shared/errors/app-error.ts";
import { producerNames } from "./chain/chain-parameters.ts";
import { reservedNames } from "./chain/genesis.ts";
import { isAccountName } from "./codec/names.ts";
import { readKeyText } from "./codec/public-key.ts";
import { maximumAmount } from "./evaluate/asset.ts";

/** What the shape alone does not show: names that repeat or are none, keys that are none, supplies that do not add up. */
export function antelopeProblems({ genesis, producers, parameters }: AntelopeDevnetConfig): readonly Problem[] {
  return [
    ...accountProblems(genesis, producers),
    ...tokenProblems(genesis),
    ...limitProblem(
      "maximumTransactionCpuMicros",
      parameters.maximumTransactionCpuMicros,
      parameters.maximumBlockCpuMicros,
    ),
    ...limitProblem("maximumTransactionBytes", parameters.maximumTransactionBytes, parameters.maximumBlockBytes),
  ];
}

type Genesis = AntelopeDevnetConfig["genesis"];

function accountProblems({ accounts, tokens }: Genesis, producers: number): Problem[] {
  const symbols = new Set(tokens.map(({ symbol }) => symbol));
  const names = new Set<string>([...reservedNames, ...producerNames(producers)]);
  const keys = new Map<string, boolean>();
  return accounts.flatMap(({ name, publicKey, balances, permissions }, index) => {
    const path = `genesis.accounts[${index}]`;
    const problems: Problem[] = [];
    if (!isAccountName(name)) {
      const expected = "expected a valid account name: up to 12 of the characters a to z, 1 to 5 and the dot";
      problems.push({ path: `${path}.name`, value: name, expected });
    }
    if (names.has(name))
      problems.push({ path: `${path}.name`, value: name, expected: "expected a name that is not used before" });
    names.add(name);
    if (!keys.has(publicKey)) keys.set(publicKey, readKeyText(publicKey) !== null);
    if (keys.get(publicKey) !== true) {
      const expected = "expected a public key that starts with EOS or PUB_K1_";
      problems.push({ path: `${path}.publicKey`, value: publicKey, expected });
    }
    for (const [at, permission] of permissions.entries()) {
      if (
        !isAccountName(permission) ||
        ["owner", "active"].includes(permission) ||
        permissions.indexOf(permission) !== at
      ) {
        const expected = "expected another name of a permission than owner, active and those before it";
        problems.push({ path: `${path}.permissions[${at}]`, value: permission, expected });
      }
    }
    for (const symbol of Object.keys(balances)) {
      if (!symbols.has(symbol))
        problems.push({ path: `${path}.balances.${symbol}`, expected: "expected a token of this genesis" });
    }
    return problems;
  });
}

function tokenProblems({ accounts, tokens }: Genesis): Problem[] {
  const seen = new Set<string>();
  return tokens.flatMap(({ symbol, maxSupply }, index) => {
    const path = `genesis.tokens[${index}]`;
    const problems: Problem[] = [];
    if (seen.has(symbol))
      problems.push({ path: `${path}.symbol`, value: symbol, expected: "expected a symbol that is not used before" });
    seen.add(symbol);
    if (BigInt(maxSupply) > maximumAmount)
      problems.push({ path: `${path}.maxSupply`, value: maxSupply, expected: `expected at most ${maximumAmount}` });
    const total = accounts.reduce((sum, { balances }) => sum + BigInt(balances[symbol] ?? 0), 0n);
    if (total > BigInt(maxSupply)) {
      const expected = `expected balances of at most ${maxSupply} together`;
      problems.push({ path: "genesis.accounts", value: `${total} of ${symbol}`, expected });
    }
    return problems;
  });
}

/** What could never be part of a block would wait for one for ever. */
function limitProblem(name: string, limit: number, blockLimit: number): Problem[] {
  if (limit <= blockLimit) return [];
  const expected = `expected at most what a block may hold, which is ${blockLimit}`;
  return [{ path: `parameters.${name}`, value: String(limit), expected }];
}
