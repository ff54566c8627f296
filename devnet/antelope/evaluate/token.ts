import { ChainFailure } from "../chain/failure.ts";
import { type Token, tokenAccount } from "../chain/objects.ts";
import { type Asset, isSymbol, isValidAsset, readAsset, readSymbol } from "./asset.ts";
import { assertion, type Call, type Handler, readData, requireAuthority } from "./call.ts";

/** RAM of a row of `accounts`: 16 bytes of data and 112 of overhead. */
export const balanceRowBytes = 128;
const statRowBytes = 40 + 112;
const maximumMemoBytes = 256;

function transfer(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({
    from: data.name(),
    to: data.name(),
    quantity: readAsset(data),
    memo: data.lengthAndBytes(),
  }));
  if (read instanceof ChainFailure) return read;
  const { from, to, quantity, memo } = read;
  const { state, action } = call;
  if (from === to) return assertion("cannot transfer to self");
  const missing = requireAuthority(call, from);
  if (missing !== null) return missing;
  if (state.accounts.get(to) === undefined) return assertion("to account does not exist");
  const token = state.tokens.get(quantity.symbol);
  if (token === undefined) return assertion("unable to find key");
  call.notify(from);
  call.notify(to);
  const refusal = checkQuantity(quantity, token, "must transfer positive quantity") ?? checkMemo(memo);
  if (refusal !== null) return refusal;
  const payer = action.authorization.some(({ actor }) => actor === to) ? to : from;
  const failure = subtractBalance(call, from, quantity);
  if (failure !== null) return failure;
  addBalance(call, to, quantity, payer);
  return null;
}

function create(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({ issuer: data.name(), maximum: readAsset(data) }));
  if (read instanceof ChainFailure) return read;
  const { issuer, maximum } = read;
  const missing = requireAuthority(call, tokenAccount);
  if (missing !== null) return missing;
  if (!isSymbol(maximum.symbol)) return assertion("invalid symbol name");
  if (!isValidAsset(maximum)) return assertion("invalid supply");
  if (maximum.amount <= 0n) return assertion("max-supply must be positive");
  if (call.state.tokens.get(maximum.symbol) !== undefined) return assertion("token with symbol already exists");
  const { symbol, precision, amount } = maximum;
  call.state.tokens.set(symbol, { symbol, precision, supply: 0n, maxSupply: amount, issuer });
  call.addRam(tokenAccount, statRowBytes);
  return null;
}

function issue(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({ to: data.name(), quantity: readAsset(data), memo: data.lengthAndBytes() }));
  if (read instanceof ChainFailure) return read;
  const { to, quantity, memo } = read;
  const token = findToken(call, quantity, memo, "token with symbol does not exist, create token before issue");
  if (token instanceof ChainFailure) return token;
  if (to !== token.issuer) return assertion("tokens can only be issued to issuer account");
  const refusal =
    requireAuthority(call, token.issuer) ?? checkQuantity(quantity, token, "must issue positive quantity");
  if (refusal !== null) return refusal;
  if (quantity.amount > token.maxSupply - token.supply) return assertion("quantity exceeds available supply");
  call.state.tokens.set(token.symbol, { ...token, supply: token.supply + quantity.amount });
  addBalance(call, token.issuer, quantity, token.issuer);
  return null;
}

function retire(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({ quantity: readAsset(data), memo: data.lengthAndBytes() }));
  if (read instanceof ChainFailure) return read;
  const { quantity, memo } = read;
  const token = findToken(call, quantity, memo, "token with symbol does not exist");
  if (token instanceof ChainFailure) return token;
  const refusal =
    requireAuthority(call, token.issuer) ??
    checkQuantity(quantity, token, "must retire positive quantity") ??
    subtractBalance(call, token.issuer, quantity);
  if (refusal !== null) return refusal;
  call.state.tokens.set(token.symbol, { ...token, supply: token.supply - quantity.amount });
  return null;
}

function open(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({ owner: data.name(), ...readSymbol(data), payer: data.name() }));
  if (read instanceof ChainFailure) return read;
  const { owner, symbol, precision, payer } = read;
  const { state } = call;
  const missing = requireAuthority(call, payer);
  if (missing !== null) return missing;
  if (state.accounts.get(owner) === undefined) return assertion("owner account does not exist");
  const token = state.tokens.get(symbol);
  if (token === undefined) return assertion("symbol does not exist");
  if (token.precision !== precision) return assertion("symbol precision mismatch");
  if (state.balance(owner, symbol) !== undefined) return null;
  state.balances(symbol).set(owner, { amount: 0n, ramPayer: payer });
  call.addRam(payer, balanceRowBytes);
  return null;
}

function close(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({ owner: data.name(), ...readSymbol(data) }));
  if (read instanceof ChainFailure) return read;
  const { owner, symbol } = read;
  const missing = requireAuthority(call, owner);
  if (missing !== null) return missing;
  const row = call.state.balance(owner, symbol);
  if (row === undefined)
    return assertion("Balance row already deleted or never existed. Action won't have any effect.");
  if (row.amount !== 0n) return assertion("Cannot close because the balance is not zero.");
  call.state.balances(symbol).delete(owner);
  call.addRam(row.ramPayer, -balanceRowBytes);
  return null;
}

function findToken(call: Call, { symbol }: Asset, memo: Buffer, absent: string): Token | ChainFailure {
  if (!isSymbol(symbol)) return assertion("invalid symbol name");
  return checkMemo(memo) ?? call.state.tokens.get(symbol) ?? assertion(absent);
}

function checkMemo(memo: Buffer): ChainFailure | null {
  return memo.length > maximumMemoBytes ? assertion("memo has more than 256 bytes") : null;
}

function checkQuantity(quantity: Asset, token: Token, notPositive: string): ChainFailure | null {
  if (!isValidAsset(quantity)) return assertion("invalid quantity");
  if (quantity.amount <= 0n) return assertion(notPositive);
  return quantity.precision === token.precision ? null : assertion("symbol precision mismatch");
}

/** The owner pays for the row from then on, whoever did before. */
export function subtractBalance(
  call: Call,
  owner: string,
  { amount, symbol }: Pick<Asset, "amount" | "symbol">,
): ChainFailure | null {
  const row = call.state.balance(owner, symbol);
  if (row === undefined) return assertion("no balance object found");
  if (row.amount < amount) return assertion("overdrawn balance");
  if (row.ramPayer !== owner) {
    call.addRam(row.ramPayer, -balanceRowBytes);
    call.addRam(owner, balanceRowBytes);
  }
  call.state.balances(symbol).set(owner, { amount: row.amount - amount, ramPayer: owner });
  return null;
}

export function addBalance(
  call: Call,
  owner: string,
  { amount, symbol }: Pick<Asset, "amount" | "symbol">,
  payer: string,
): void {
  const row = call.state.balance(owner, symbol);
  if (row === undefined) call.addRam(payer, balanceRowBytes);
  call.state.balances(symbol).set(owner, {
    amount: (row?.amount ?? 0n) + amount,
    ramPayer: row?.ramPayer ?? payer,
  });
}

export const tokenActions: ReadonlyMap<string, Handler> = new Map(
  Object.entries({ transfer, create, issue, retire, open, close }),
);
