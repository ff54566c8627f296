import { systemAccount, tokenAccount } from "../chain/objects.ts";
import type { State } from "../chain/state.ts";
import { nameToNumber } from "../codec/names.ts";
import type { Call } from "./call.ts";
import { interfaceOf } from "./contract-interface.ts";
import { RequestRefused } from "./error-answer.ts";
import { pageRows } from "./page-rows.ts";
import { type Fields, readFields, readFlag, readText } from "./parameters.ts";
import { toDecimal } from "./render-act.ts";
import { systemRows } from "./system-rows.ts";
import { packAsset, readKey, toKeyName, toSymbolCode } from "./table-key.ts";
import type { Row } from "./table-row.ts";

export function currencyBalance(body: string, call: Call): string {
  const fields = readFields(body);
  requireTable(readText(fields, "code"), "accounts", call);
  const symbol = readText(fields, "symbol").toUpperCase();
  const rows = balanceRows(readText(fields, "account"), call.node.chain.state);
  return JSON.stringify(rows.filter((row) => symbol === "" || row.symbol === symbol).map(({ json }) => json.balance));
}

export function currencyStats(body: string, call: Call): string {
  const fields = readFields(body);
  requireTable(readText(fields, "code"), "stat", call);
  const symbol = readText(fields, "symbol").toUpperCase();
  const row = statRow(symbol, call.node.chain.state);
  return JSON.stringify(row === null ? {} : { [symbol]: row.json });
}

export function tableRows(body: string, call: Call): string {
  const fields = readFields(body);
  const [code, table] = [readText(fields, "code"), readText(fields, "table")];
  requireTable(code, table, call);
  const scope = readKey(readText(fields, "scope"), "scope");
  const page = pageRows(rowsOf(code, table, scope, call), fields, "");
  const isJson = readFlag(fields, "json");
  const write = ({ json, packed }: Row): object | string => (isJson ? json : packed.toString("hex"));
  const rows = readFlag(fields, "show_payer")
    ? page.rows.map((row) => ({ data: write(row), payer: row.payer }))
    : page.rows.map(write);
  return JSON.stringify({ rows, more: page.next !== null, next_key: nextKey(page.next, fields) });
}

export function tableByScope(body: string, call: Call): string {
  const fields = readFields(body);
  const table = readText(fields, "table");
  const scopes = readText(fields, "code") === tokenAccount ? scopesOf(table, call.node.chain.state) : [];
  const page = pageRows(scopes, fields, " scope");
  const rows = page.rows.map(({ key, ...row }) => ({ code: tokenAccount, scope: toKeyName(key), ...row }));
  return JSON.stringify({ rows, more: page.next === null ? "" : toKeyName(page.next.key) });
}

function requireTable(code: string, table: string, { node }: Call): void {
  if (node.chain.state.accounts.get(code) === undefined) {
    throw new RequestRefused({
      code: 3_060_002,
      name: "account_query_exception",
      what: "Account Query Exception",
      details: [
        { message: `Fail to retrieve account for ${code}`, file: "chain_plugin.cpp", line: 1540, method: "get_abi" },
      ],
    });
  }
  if (interfaceOf(code)?.tables.includes(table)) return;
  throw new RequestRefused({
    code: 3_060_003,
    name: "contract_table_query_exception",
    what: "Contract Table Query Exception",
    details: [
      {
        message: `Table ${table} is not specified in the ABI`,
        file: "chain_plugin.cpp",
        line: 1552,
        method: "get_table_type",
      },
    ],
  });
}

function rowsOf(code: string, table: string, scope: bigint, call: Call): readonly Row[] {
  const { state } = call.node.chain;
  if (code === systemAccount) return systemRows(table, toKeyName(scope), call);
  if (code !== tokenAccount) return [];
  if (table === "accounts") return balanceRows(toKeyName(scope), state);
  const symbol = [...state.tokens.keys()].find((known) => toSymbolCode(known) === scope);
  const row = symbol === undefined ? null : statRow(symbol, state);
  return row === null ? [] : [row];
}

interface BalanceRow extends Row {
  readonly symbol: string;
  readonly json: { readonly balance: string };
}

function balanceRows(owner: string, state: State): readonly BalanceRow[] {
  const rows: BalanceRow[] = [];
  for (const { symbol, precision } of state.tokens.values()) {
    const balance = state.balance(owner, symbol);
    if (balance === undefined) continue;
    rows.push({
      symbol,
      key: toSymbolCode(symbol),
      json: { balance: `${toDecimal(balance.amount, precision)} ${symbol}` },
      packed: packAsset(balance.amount, precision, symbol),
      payer: balance.ramPayer,
    });
  }
  return rows;
}

function statRow(symbol: string, state: State): Row | null {
  const token = state.tokens.get(symbol);
  if (token === undefined) return null;
  const { precision, supply, maxSupply, issuer } = token;
  const issuerBytes = Buffer.alloc(8);
  issuerBytes.writeBigUInt64LE(nameToNumber(issuer));
  return {
    key: toSymbolCode(symbol),
    json: {
      supply: `${toDecimal(supply, precision)} ${symbol}`,
      max_supply: `${toDecimal(maxSupply, precision)} ${symbol}`,
      issuer,
    },
    packed: Buffer.concat([packAsset(supply, precision, symbol), packAsset(maxSupply, precision, symbol), issuerBytes]),
    payer: tokenAccount,
  };
}

interface Scope {
  readonly key: bigint;
  readonly table: string;
  readonly payer: string;
  readonly count: number;
}

/** Of one table, or of both when none is named. */
function scopesOf(table: string, state: State): readonly Scope[] {
  const scopes: Scope[] = [];
  if (table === "" || table === "accounts") {
    const counts = new Map<string, number>();
    const payers = new Map<string, string>();
    for (const symbol of state.tokens.keys()) {
      for (const [owner, { ramPayer }] of state.balances(symbol).entries()) {
        counts.set(owner, (counts.get(owner) ?? 0) + 1);
        if (!payers.has(owner)) payers.set(owner, ramPayer);
      }
    }
    for (const [owner, count] of counts) {
      scopes.push({ key: nameToNumber(owner), table: "accounts", payer: payers.get(owner) ?? owner, count });
    }
  }
  if (table === "" || table === "stat") {
    for (const symbol of state.tokens.keys()) {
      scopes.push({ key: toSymbolCode(symbol), table: "stat", payer: tokenAccount, count: 1 });
    }
  }
  return scopes;
}

function nextKey(next: Row | null, fields: Fields): string {
  if (next === null) return "";
  return readText(fields, "key_type") === "name" ? toKeyName(next.key) : String(next.key);
}
