import type { Token } from "./chain-data.ts";
import { type HttpClient, ifAnswered } from "./http-client.ts";
import { systemAccount, tokenAccount } from "./named-actions.ts";
import { nameWord } from "./names.ts";
import { currencyStatsAnswer, ramMarketAnswer, scopesAnswer } from "./node-answers.ts";

/** nodeos's own name for the core token where a network gives it none (CORE_SYMBOL_NAME in its build). */
const unnamedToken: Token = { contract: tokenAccount, symbol: "SYS", precision: 4 };
/** Where several tokens could be it, these are it first. */
const usualSymbols: readonly string[] = ["EOS", "TLOS", "WAX", "XPR", "UTX", "SYS"];
const ramMarket = { json: true, code: systemAccount, scope: systemAccount, table: "rammarket", limit: 1 };
const tokenTable = { code: tokenAccount, table: "stat", limit: 100 };
const amountPattern = /^(-?\d+)(?:\.(\d+))? ([A-Z]{1,7})$/;

/**
 * No call tells it. The system contract sells RAM for it; without that contract it is a token of eosio.token, a usual one
 * first.
 */
export async function findCoreToken(client: HttpClient): Promise<Token> {
  const market = await ifAnswered(client.call("get_table_rows", ramMarket, ramMarketAnswer));
  const price = market?.rows[0] === undefined ? null : parseAmount(market.rows[0].quote.balance);
  if (price !== null) return { contract: tokenAccount, symbol: price.symbol, precision: price.precision };
  const scopes = await ifAnswered(client.call("get_table_by_scope", tokenTable, scopesAnswer));
  const symbols = scopes === null ? usualSymbols : byUsage(scopes.rows.map(({ scope }) => symbolOfScope(scope)));
  for (const symbol of symbols) {
    const token = await findToken(client, tokenAccount, symbol);
    if (token !== null) return token;
  }
  return unnamedToken;
}

/** Null when the contract has no such token, or the account no such contract. */
export async function findToken(client: HttpClient, contract: string, symbol: string): Promise<Token | null> {
  const stats = await ifAnswered(client.call("get_currency_stats", { code: contract, symbol }, currencyStatsAnswer));
  const supply = stats?.[symbol] === undefined ? null : parseAmount(stats[symbol].supply);
  return supply === null ? null : { contract, symbol, precision: supply.precision };
}

/** Of text such as `998.7655 SYS`; null for anything else. */
export function parseAmount(
  text: string,
): { readonly units: string; readonly symbol: string; readonly precision: number } | null {
  const [, whole, fraction = "", symbol] = amountPattern.exec(text) ?? [];
  if (whole === undefined || symbol === undefined) return null;
  return { units: String(BigInt(whole + fraction)), symbol, precision: fraction.length };
}

function byUsage(symbols: readonly string[]): string[] {
  return [
    ...usualSymbols.filter((symbol) => symbols.includes(symbol)),
    ...symbols.filter((symbol) => !usualSymbols.includes(symbol)),
  ];
}

/** The letters of a symbol are the bytes of the number, the first in the lowest. */
function symbolOfScope(scope: string): string {
  const { low, high } = nameWord(scope);
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(low, 0);
  bytes.writeUInt32LE(high, 4);
  return bytes.toString("latin1").replaceAll("\0", "");
}
