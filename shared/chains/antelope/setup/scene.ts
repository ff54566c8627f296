import { AppError } from "../../../errors/app-error.ts";
import { parseAmountRange, toUnits } from "../../../workload/amount.ts";
import type { SigningAccount, SurveyOptions } from "../../provisioning.ts";
import { decodeAccountKeys } from "../../signing/account-keys.ts";
import { ContractTypes } from "../abi.ts";
import type { BroadcastCall, Token } from "../chain-data.ts";
import { findCoreToken, parseAmount } from "../find-core-token.ts";
import { type HttpClient, ifAnswered } from "../http-client.ts";
import { privateKeyBytes, publicKeyText } from "../keys.ts";
import { systemAccount } from "../named-actions.ts";
import { type AccountAnswer, ramMarketAnswer, rawAbiAnswer, tokenStatsAnswer } from "../node-answers.ts";
import { chooseCall, findAccount, findBalance, keyProblem, permissionOf } from "../resolve-chain.ts";
import { tokensOf } from "../workload-needs.ts";
import { type WantedResources, wantedResources } from "./resources.ts";

/** An account that setup deals with, whether it is there yet or not. */
export interface Party {
  readonly name: string;
  readonly privateKey: Buffer;
  readonly publicKey: string;
  /** Null: not there yet. */
  readonly answer: AccountAnswer | null;
  /** The one that its key satisfies; accounts that are made have it as `active`. */
  readonly permission: string;
  /** Smallest units by symbol; none where the token's contract has no row for the account. */
  readonly balances: ReadonlyMap<string, bigint>;
}

/** A token that the workload deals in. */
export interface TokenState extends Token {
  /** Null: not there yet. */
  readonly issuer: string | null;
  /** What may still be issued. */
  readonly issuable: bigint;
}

export interface Scene {
  readonly client: HttpClient;
  readonly options: SurveyOptions;
  readonly broadcastCall: BroadcastCall;
  readonly core: Token;
  /** The core token first. */
  readonly tokens: readonly TokenState[];
  readonly resources: WantedResources;
  /** Types of the system contract's actions; null where there is none. */
  readonly system: ContractTypes | null;
  /** Null where RAM is not for sale. */
  readonly ramMarket: { readonly base: bigint; readonly quote: bigint } | null;
  readonly types: ReadonlyMap<string, ContractTypes>;
  readonly funder: Party;
  readonly accounts: readonly Party[];
}

/** RAM of a balance: a row and its table. Whoever first sends some pays for it, until the owner sends of it. */
export const rowBytes = 240;
/** Of tokens that are made anew. */
const tokenPrecision = 4;
/** `asset::max_amount`. */
export const largestSupply = 2n ** 62n - 1n;

export async function lookAround(client: HttpClient, options: SurveyOptions): Promise<Scene> {
  const { network, signal, funder, accounts, wanted, workload } = options;
  const [broadcastCall, core] = await Promise.all([chooseCall({ network, signal }), findCoreToken(client)]);
  const tokens = await findTokens(client, core, tokensOf(workload.mix));
  const contracts = [...new Set([systemAccount, ...tokens.map(({ contract }) => contract)])];
  const types = await fetchTypes(client, contracts);
  const keys = [funder, ...accounts];
  const answers = await Promise.all(keys.map(({ name }) => findAccount(client, name)));
  refuseStrangers(keys, answers);
  const bytes = decodeAccountKeys(keys, privateKeyBytes);
  const parties = await Promise.all(
    keys.map(async (key, i): Promise<Party> => {
      const answer = answers[i] ?? null;
      const balances = await Promise.all(
        tokens.map(async (token) => {
          const found = answer === null || token.issuer === null ? null : await findBalance(client, key.name, token);
          return found === null ? [] : [[token.symbol, BigInt(found)] as const];
        }),
      );
      return {
        ...{ name: key.name, privateKey: bytes[i] as Buffer, publicKey: publicKeyText(bytes[i] as Buffer), answer },
        permission: (answer && permissionOf(key, answer)) ?? "active",
        balances: new Map(balances.flat()),
      };
    }),
  );
  return {
    ...{ client, options, broadcastCall, core, tokens, types },
    resources: wantedResources(wanted.resources, core),
    system: types.get(systemAccount) ?? null,
    ramMarket: await fetchRamMarket(client),
    funder: parties[0] as Party,
    accounts: parties.slice(1),
  };
}

function refuseStrangers(keys: readonly SigningAccount[], answers: readonly (AccountAnswer | null)[]): void {
  const [funder] = keys;
  if (!answers[0]) {
    const problems = [{ path: funder?.name ?? "", expected: "expected an account of this name on the chain" }];
    throw new AppError("ACCOUNT_MISSING", "the funding account does not exist on this chain", { problems });
  }
  const problems = keys.flatMap((key, i) => {
    const answer = answers[i];
    return answer && permissionOf(key, answer) === null ? [keyProblem(key, answer)] : [];
  });
  if (problems.length === 0) return;
  throw new AppError("ACCOUNT_KEY", "accounts of these names exist and belong to other keys", {
    problems,
    hint: "Use the phrase or key file that they were made with, or another prefix.",
  });
}

async function findTokens(client: HttpClient, core: Token, wanted: ReturnType<typeof tokensOf>): Promise<TokenState[]> {
  const named = wanted.filter(({ symbol }) => symbol !== null && symbol !== core.symbol);
  const others = await Promise.all(
    named.map(async ({ symbol, contracts }): Promise<TokenState> => {
      for (const contract of contracts) {
        const found = await tokenOf(client, contract, symbol as string);
        if (found !== null) return found;
      }
      const contract = contracts[0] as string;
      return { contract, symbol: symbol as string, precision: tokenPrecision, issuer: null, issuable: largestSupply };
    }),
  );
  const own = await tokenOf(client, core.contract, core.symbol);
  if (own === null) throw new AppError("RESOURCES_MISSING", `the chain has no token ${core.symbol} to pay with`);
  return [...new Map([own, ...others].map((token) => [token.symbol, token])).values()];
}

async function tokenOf(client: HttpClient, contract: string, symbol: string): Promise<TokenState | null> {
  const stats = await ifAnswered(client.call("get_currency_stats", { code: contract, symbol }, tokenStatsAnswer));
  const found = stats?.[symbol];
  const [supply, most] = [parseAmount(found?.supply ?? ""), parseAmount(found?.max_supply ?? "")];
  if (!found || supply === null || most === null) return null;
  const issuable = BigInt(most.units) - BigInt(supply.units);
  return { contract, symbol, precision: supply.precision, issuer: found.issuer, issuable };
}

async function fetchTypes(client: HttpClient, contracts: readonly string[]): Promise<Map<string, ContractTypes>> {
  const found = await Promise.all(
    contracts.map(async (contract) => {
      const answer = await ifAnswered(client.call("get_raw_abi", { account_name: contract }, rawAbiAnswer));
      return answer?.abi
        ? ([contract, new ContractTypes({ raw: Buffer.from(answer.abi, "base64").toString("hex") })] as const)
        : null;
    }),
  );
  return new Map(found.filter((entry) => entry !== null));
}

const marketRows = { json: true, code: systemAccount, scope: systemAccount, table: "rammarket", limit: 1 };

async function fetchRamMarket(client: HttpClient): Promise<Scene["ramMarket"]> {
  const market = await ifAnswered(client.call("get_table_rows", marketRows, ramMarketAnswer));
  const [row] = market?.rows ?? [];
  const [base, quote] = [parseAmount(row?.base?.balance ?? ""), parseAmount(row?.quote.balance ?? "")];
  return base === null || quote === null ? null : { base: BigInt(base.units), quote: BigInt(quote.units) };
}

/** As many of each token as of the core token, unless the balances say otherwise. */
export function wantedUnits({ options: { wanted }, core }: Scene, token: TokenState): bigint {
  const ranges = wanted.balances.map((balance) => parseAmountRange(balance));
  const find = (symbol: string) => ranges.find((range) => range !== null && (range.symbol ?? core.symbol) === symbol);
  const amount = (find(token.symbol) ?? find(core.symbol))?.maximum;
  const units = amount === undefined ? null : toUnits(amount, token.precision);
  if (units !== null) return units;
  const expected = `expected an amount of ${core.symbol} with at most ${token.precision} decimal places`;
  const problems = [{ path: "accounts.create.balance", value: wanted.balances.join(", "), expected }];
  throw new AppError("PLAN_IMPOSSIBLE", "the accounts cannot have that balance", { problems });
}
