import { AppError, type Problem } from "../../../errors/app-error.ts";
import type { MixEntry } from "../../../scenario/scenario.ts";
import { parseAmountRange, toUnits } from "../../../workload/amount.ts";
import type { AccountKey } from "../../driver.ts";
import type { SurveyOptions } from "../../provisioning.ts";
import { decodeAccountKeys } from "../../signing/account-keys.ts";
import { lookUpAssets, symbolsOf } from "../find-assets.ts";
import { privateKeyBytes, publicKeyText } from "../keys.ts";
import { assetPrecision } from "../named-operations.ts";
import { type AccountAnswer, accountsAnswer, amountsAnswer, isLifetimeMember } from "../node-answers.ts";
import type { KnownAsset } from "../operation-definition.ts";
import { defaultMarket } from "../parameters.ts";
import { keyProblem } from "../resolve-chain.ts";
import type { RpcClient } from "../rpc-client.ts";
import { FeeTable } from "./fee-table.ts";

/** `api_limit_get_accounts` and others are 100 or more unless the node's operator has changed them. */
const accountsPerCall = 100;
/** A compressed point and its checksum in base 58. */
const keyDigits = 50;

/** An account that setup deals with, whether it is there yet or not. */
export interface Party {
  readonly name: string;
  readonly privateKey: Buffer;
  readonly publicKey: string;
  /** Null: not there yet. */
  readonly answer: AccountAnswer | null;
  /** Smallest units by symbol. */
  readonly balances: ReadonlyMap<string, bigint>;
}

/** Everything that is asked of the chain before it can be said what is missing. */
export interface Scene {
  readonly client: RpcClient;
  readonly options: SurveyOptions;
  readonly fees: FeeTable;
  readonly core: KnownAsset;
  readonly funder: Party;
  /** The run's accounts, in their order. */
  readonly accounts: readonly Party[];
  /** Accounts that are there only to be upgraded, with keys of the run's accounts. */
  readonly basics: readonly Party[];
  /** Every asset that the workload deals in, besides the core asset; null: not there yet. */
  readonly assets: ReadonlyMap<string, KnownAsset | null>;
}

export async function lookAround(client: RpcClient, options: SurveyOptions): Promise<Scene> {
  const symbols = wantedSymbols(options);
  const { core, found } = await lookUpAssets(client, symbols);
  const assets = new Map(symbols.map((symbol, i) => [symbol, found[i] ?? null]));
  assets.delete(core.symbol);
  const known = [core, ...[...assets.values()].filter((asset) => asset !== null)];
  const { funder: funderKey, accounts } = options;
  const [funderAnswer] = await findAnswers(client, [funderKey.name]);
  if (!funderAnswer) throw noFunder(funderKey.name);
  refuseKeys([{ key: funderKey, answer: funderAnswer }], "the funding account cannot sign with the key given for it");
  const keyPrefix = (funderAnswer.active.key_auths[0]?.[0] ?? core.symbol).slice(0, -keyDigits);
  const basicKeys = basicAccounts(options);
  const keys = [...accounts, ...basicKeys];
  const answers = await findAnswers(
    client,
    keys.map((key) => key.name),
  );
  refuseKeys(
    keys.flatMap((key, i) => (answers[i] ? [{ key, answer: answers[i] }] : [])),
    "accounts of these names exist and belong to other keys",
  );
  const toParty = async (key: AccountKey, bytes: Buffer, answer: AccountAnswer | null): Promise<Party> => ({
    name: key.name,
    privateKey: bytes,
    publicKey: publicKeyText(bytes, keyPrefix),
    answer,
    balances: answer === null ? new Map() : await balancesOf(client, answer.id, known),
  });
  const decoded = decodeAccountKeys([funderKey, ...keys], privateKeyBytes);
  const parties = await Promise.all(
    [funderKey, ...keys].map((key, i) =>
      toParty(key, decoded[i] as Buffer, i === 0 ? funderAnswer : (answers[i - 1] ?? null)),
    ),
  );
  const [funder, ...others] = parties;
  return {
    client,
    options,
    fees: new FeeTable(client),
    core,
    funder: funder as Party,
    accounts: others.slice(0, accounts.length),
    basics: others.slice(accounts.length),
    assets,
  };
}

function noFunder(name: string): AppError {
  const problems = [{ path: name, expected: "expected an account of this name on the chain" }];
  return new AppError("ACCOUNT_MISSING", "the funding account does not exist on this chain", { problems });
}

function refuseKeys(found: readonly { key: AccountKey; answer: AccountAnswer }[], message: string): void {
  const problems = found.map(({ key, answer }) => keyProblem(key, answer)).filter((problem) => problem !== null);
  if (problems.length === 0) return;
  throw new AppError("ACCOUNT_KEY", message, {
    problems,
    hint: "Use the phrase or key file that they were made with, or another prefix.",
  });
}

async function findAnswers(client: RpcClient, names: readonly string[]): Promise<(AccountAnswer | null)[]> {
  const batches: Promise<(AccountAnswer | null)[]>[] = [];
  for (let i = 0; i < names.length; i += accountsPerCall) {
    const some = names.slice(i, i + accountsPerCall);
    batches.push(client.call("database", "lookup_account_names", [some], accountsAnswer));
  }
  return (await Promise.all(batches)).flat();
}

async function balancesOf(
  client: RpcClient,
  id: string,
  assets: readonly KnownAsset[],
): Promise<ReadonlyMap<string, bigint>> {
  const ids = assets.map((asset) => `1.3.${asset.instance}`);
  const amounts = await client.call("database", "get_account_balances", [id, ids], amountsAnswer);
  const units = new Map(amounts.map(({ asset_id, amount }) => [asset_id, amount]));
  return new Map(assets.map((asset, i) => [asset.symbol, units.get(ids[i] as string) ?? 0n]));
}

/** Of the workload, of what it uses up, and of the balances. */
function wantedSymbols({ workload, wanted }: SurveyOptions): string[] {
  const usesUp = workload.mix.some((entry) => isNamed(entry, consumingOperations));
  const balances = wanted.balances.flatMap((balance) => parseAmountRange(balance)?.symbol ?? []);
  return [...new Set([...workload.mix.flatMap(symbolsOf), ...(usesUp ? [defaultMarket[0]] : []), ...balances])];
}

/** Named operations that use up objects, which are about the usual asset unless they name another. */
const consumingOperations: readonly string[] = [
  ...["limit_order_cancel", "limit_order_update", "proposal_update", "proposal_delete"],
  ...["vesting_balance_withdraw", "htlc_redeem", "htlc_extend"],
];

export function isNamed({ template, operation }: MixEntry, operations: readonly string[]): boolean {
  return template === null && operations.includes(operation);
}

/** As many as the workload upgrades, with the keys of the run's accounts in turn. */
function basicAccounts({ workload, poolNeeds, accounts, wanted }: SurveyOptions): AccountKey[] {
  const entries = workload.mix.map((entry) => isNamed(entry, ["account_upgrade"]));
  const most = Math.max(0, ...poolNeeds.filter((_, i) => entries[i]));
  const count = most * entries.filter(Boolean).length;
  return Array.from({ length: count }, (_, i) => ({
    name: `${wanted.prefix.replace(/-$/, "")}-basic-${i + 1}`,
    privateKey: (accounts[i % accounts.length] as AccountKey).privateKey,
  }));
}

/** What each of the run's accounts has at least of an asset, in its smallest units. */
export function wantedUnits({ options: { wanted }, core, assets }: Scene, symbol: string): bigint {
  const ranges = wanted.balances.map((balance) => parseAmountRange(balance));
  const own = ranges.find((range) => range !== null && (range.symbol ?? core.symbol) === symbol);
  const usual = ranges.find((range) => range !== null && (range.symbol ?? core.symbol) === core.symbol);
  const precision = symbol === core.symbol ? core.precision : (assets.get(symbol)?.precision ?? assetPrecision);
  const amount = (own ?? usual)?.maximum;
  const units = amount === undefined ? null : toUnits(amount, precision);
  if (units !== null) return units;
  const problems: Problem[] = [
    {
      path: "accounts.create.balance",
      value: wanted.balances.join(", "),
      expected: `expected an amount of ${core.symbol} with at most ${precision} decimal places, and of other assets after it`,
    },
  ];
  throw new AppError("PLAN_IMPOSSIBLE", "the accounts cannot have that balance", { problems });
}

export function isMember({ answer }: Party): boolean {
  return answer !== null && isLifetimeMember(answer);
}
