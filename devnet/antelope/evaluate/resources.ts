import { ChainFailure } from "../chain/failure.ts";
import type { Account } from "../chain/objects.ts";
import { type Asset, readAsset } from "./asset.ts";
import { assertion, type Call, type Handler, readData, requireAuthority } from "./call.ts";
import { addBalance, subtractBalance } from "./token.ts";

/** Where the system contract keeps what was paid for RAM and what is staked. */
export const ramAccount = "eosio.ram";
export const stakeAccount = "eosio.stake";
/**
 * A whole core token buys or stakes for this much. Real networks have markets and shares for it; what a load test needs
 * is that more tokens give more, at a price that its accounts can pay.
 */
export const ramBytesPerToken = 10_000;
const cpuMicrosPerToken = 1000;
const netBytesPerToken = 1000;

function buyram(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({ payer: data.name(), receiver: data.name(), quantity: readAsset(data) }));
  if (read instanceof ChainFailure) return read;
  const { payer, receiver, quantity } = read;
  const refusal = requireAuthority(call, payer) ?? checkCore(call, quantity, "must purchase a positive amount");
  if (refusal !== null) return refusal;
  return buy(call, payer, receiver, quantity.amount, scaled(call, quantity.amount, ramBytesPerToken));
}

function buyrambytes(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({ payer: data.name(), receiver: data.name(), bytes: data.uint32() }));
  if (read instanceof ChainFailure) return read;
  const { payer, receiver, bytes } = read;
  const missing = requireAuthority(call, payer);
  if (missing !== null) return missing;
  if (bytes === 0) return assertion("must purchase a positive amount");
  const unit = 10n ** BigInt(call.parameters.core.precision);
  const price = (BigInt(bytes) * unit + BigInt(ramBytesPerToken) - 1n) / BigInt(ramBytesPerToken);
  return buy(call, payer, receiver, price, bytes);
}

function sellram(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({ name: data.name(), bytes: data.int64() }));
  if (read instanceof ChainFailure) return read;
  const { name, bytes } = read;
  const missing = requireAuthority(call, name);
  if (missing !== null) return missing;
  if (bytes <= 0n) return assertion("cannot sell negative byte");
  const { state, parameters } = call;
  const account = state.accounts.get(name);
  if (account === undefined || account.ramBytes === null) return assertion("no resource row");
  const left = account.ramBytes - Number(bytes);
  if (left < (state.ramUsage.get(name) ?? 0)) return assertion("insufficient quota");
  const price = (bytes * 10n ** BigInt(parameters.core.precision)) / BigInt(ramBytesPerToken);
  if (price <= 0n) return assertion("token amount received from selling ram is too low");
  // The seller authorizes what it is paid, so a row that this makes is its own.
  const failure = move(call, ramAccount, name, price, name);
  if (failure !== null) return failure;
  state.accounts.set(name, { ...account, ramBytes: left });
  return null;
}

function buy(call: Call, payer: string, receiver: string, price: bigint, bytes: number): ChainFailure | null {
  const account = call.state.accounts.get(receiver);
  if (account === undefined) return assertion("receiver account does not exist");
  const failure = move(call, payer, ramAccount, price);
  if (failure !== null) return failure;
  if (account.ramBytes !== null) call.state.accounts.set(receiver, { ...account, ramBytes: account.ramBytes + bytes });
  return null;
}

function delegatebw(call: Call): ChainFailure | null {
  const read = readStake(call);
  if (read instanceof ChainFailure) return read;
  const { from, receiver, net, cpu } = read;
  const refusal = checkStake(call, from, net, cpu);
  if (refusal !== null) return refusal;
  if (net.amount + cpu.amount === 0n) return assertion("must stake a positive amount");
  const failure = move(call, from, stakeAccount, net.amount + cpu.amount);
  return failure ?? changeStake(call, from, receiver, net.amount, cpu.amount);
}

/** Real networks give the tokens back three days later. */
function undelegatebw(call: Call): ChainFailure | null {
  const read = readStake(call);
  if (read instanceof ChainFailure) return read;
  const { from, receiver, net, cpu } = read;
  const refusal = checkStake(call, from, net, cpu);
  if (refusal !== null) return refusal;
  if (net.amount + cpu.amount === 0n) return assertion("must unstake a positive amount");
  const stake = call.state.stakes.get(`${from} ${receiver}`);
  if ((stake?.net ?? 0n) < net.amount) return assertion("insufficient staked net bandwidth");
  if ((stake?.cpu ?? 0n) < cpu.amount) return assertion("insufficient staked cpu bandwidth");
  const failure = move(call, stakeAccount, from, net.amount + cpu.amount);
  return failure ?? changeStake(call, from, receiver, -net.amount, -cpu.amount);
}

function voteproducer(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({
    voter: data.name(),
    proxy: data.name(),
    producers: data.list(() => data.name()),
  }));
  if (read instanceof ChainFailure) return read;
  const { voter, proxy, producers } = read;
  const missing = requireAuthority(call, voter);
  if (missing !== null) return missing;
  if (proxy !== "" && producers.length > 0) return assertion("cannot vote for producers and proxy at same time");
  if (producers.length > 30) return assertion("attempt to vote for too many producers");
  const isSorted = producers.every((name, index) => index === 0 || (producers[index - 1] ?? "") < name);
  if (!isSorted) return assertion("producer votes must be unique and sorted");
  const known = new Set(call.parameters.producers.map(({ name }) => name));
  const unknown = producers.find((name) => !known.has(name));
  if (unknown !== undefined) return assertion(`producer ${unknown} is not registered`);
  call.state.votes.set(voter, { producers, proxy });
  return null;
}

interface StakeChange {
  readonly from: string;
  readonly receiver: string;
  readonly net: Asset;
  readonly cpu: Asset;
}

function readStake(call: Call): StakeChange | ChainFailure {
  return readData(call, (data) => ({
    from: data.name(),
    receiver: data.name(),
    net: readAsset(data),
    cpu: readAsset(data),
  }));
}

function checkStake(call: Call, from: string, net: Asset, cpu: Asset): ChainFailure | null {
  const missing = requireAuthority(call, from);
  if (missing !== null) return missing;
  if (net.amount < 0n || cpu.amount < 0n) return assertion("must stake a positive amount");
  return isCore(call, net) && isCore(call, cpu) ? null : assertion("must use core token");
}

function checkCore(call: Call, quantity: Asset, notPositive: string): ChainFailure | null {
  if (!isCore(call, quantity)) return assertion("must buy ram with core token");
  return quantity.amount > 0n ? null : assertion(notPositive);
}

function isCore({ parameters }: Call, { symbol, precision }: Asset): boolean {
  return symbol === parameters.core.symbol && precision === parameters.core.precision;
}

/** Limits follow what is staked in all; accounts without a limit stay without. */
function changeStake(call: Call, from: string, receiver: string, net: bigint, cpu: bigint): ChainFailure | null {
  const { state } = call;
  const account = state.accounts.get(receiver);
  if (account === undefined) return assertion("receiver account does not exist");
  const key = `${from} ${receiver}`;
  const before = state.stakes.get(key) ?? { net: 0n, cpu: 0n };
  const after = { net: before.net + net, cpu: before.cpu + cpu };
  if (after.net === 0n && after.cpu === 0n) state.stakes.delete(key);
  else state.stakes.set(key, after);
  // Differences of what the whole stakes are worth, so that nothing is left of rounding when all is taken back.
  const worth = (kind: "cpu" | "net", perToken: number): number =>
    scaled(call, after[kind], perToken) - scaled(call, before[kind], perToken);
  const changed: Account = {
    ...account,
    cpuMicrosPerDay: added(account.cpuMicrosPerDay, worth("cpu", cpuMicrosPerToken)),
    netBytesPerDay: added(account.netBytesPerDay, worth("net", netBytesPerToken)),
  };
  state.accounts.set(receiver, changed);
  return null;
}

function added(limit: number | null, change: number): number | null {
  return limit === null ? null : limit + change;
}

/** Rounded down. */
function scaled({ parameters }: Call, amount: bigint, perToken: number): number {
  return Number((amount * BigInt(perToken)) / 10n ** BigInt(parameters.core.precision));
}

/** `payer`: of the row of `to`, should it have none. */
function move(call: Call, from: string, to: string, amount: bigint, payer = from): ChainFailure | null {
  const quantity = { amount, symbol: call.parameters.core.symbol };
  const failure = subtractBalance(call, from, quantity);
  if (failure === null) addBalance(call, to, quantity, payer);
  return failure;
}

export const resourceActions: readonly (readonly [string, Handler])[] = Object.entries({
  buyram,
  buyrambytes,
  sellram,
  delegatebw,
  undelegatebw,
  voteproducer,
});
