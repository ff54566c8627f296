import { contracts, noCodeHash } from "../chain/contract.ts";
import type { Account, Permission, PermissionLink, Stake } from "../chain/objects.ts";
import type { Limited } from "../chain/state.ts";
import { nameToNumber } from "../codec/names.ts";
import { toMillisText } from "../codec/time-text.ts";
import type { Call } from "./call.ts";
import { interfaceOf } from "./contract-interface.ts";
import { RequestRefused } from "./error-answer.ts";
import { type Fields, readFields, readFlag, readText } from "./parameters.ts";
import { toDecimal } from "./render-act.ts";

/** A module without content: the contracts of the devnet are part of it. */
const emptyModule = Buffer.from("0061736d01000000", "hex");
const never = "1970-01-01T00:00:00.000";
const noRawAbiHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

export function account(body: string, call: Call): string {
  const fields = readFields(body);
  const found = findAccount(fields, call, { what: "info", line: 2538, method: "get_account" });
  const { head } = call.node.chain;
  const balance = coreBalance(found.name, call);
  return JSON.stringify({
    account_name: found.name,
    head_block_num: head.number,
    head_block_time: toMillisText(head.timestampMillis),
    privileged: found.isPrivileged,
    last_code_update: never,
    created: toMillisText(found.createdMillis),
    ...(balance !== null && { core_liquid_balance: balance }),
    ram_quota: found.ramBytes ?? -1,
    net_weight: found.netBytesPerDay ?? -1,
    cpu_weight: found.cpuMicrosPerDay ?? -1,
    net_limit: limitOf(found, "net", call),
    cpu_limit: limitOf(found, "cpu", call),
    ram_usage: call.node.chain.state.ramUsage.get(found.name) ?? 0,
    permissions: found.permissions
      .toSorted((a, b) => (nameToNumber(a.name) < nameToNumber(b.name) ? -1 : 1))
      .map((permission) => toPermission(permission, found.links)),
    ...stakesOf(found, call),
    refund_request: null,
    voter_info: voterInfo(found.name, call),
    rex_info: null,
    subjective_cpu_bill_limit: {
      used: 0,
      available: 0,
      max: 0,
      last_usage_update_time: "2000-01-01T00:00:00.000",
      current_used: 0,
    },
    eosio_any_linked_actions: [],
  });
}

export function abi(body: string, call: Call): string {
  const { name } = findAccount(readFields(body), call, { what: "account abi", line: 2271, method: "get_abi" });
  const definition = interfaceOf(name)?.definition;
  return JSON.stringify({ account_name: name, ...(definition !== undefined && { abi: definition }) });
}

export function rawAbi(body: string, call: Call): string {
  const fields = readFields(body);
  const { name } = findAccount(fields, call, { what: "account abi", line: 2345, method: "get_raw_abi" });
  const contract = contracts.get(name);
  const hash = contract?.abiHash ?? noRawAbiHash;
  const isKnown = readText(fields, "abi_hash") === hash;
  return JSON.stringify({
    account_name: name,
    code_hash: contract?.codeHash ?? noCodeHash,
    abi_hash: hash,
    ...(!isKnown && { abi: contract?.rawAbi.toString("base64") ?? "" }),
  });
}

export function rawCodeAndAbi(body: string, call: Call): string {
  const source = { what: "account code/abi", line: 2327, method: "get_raw_code_and_abi" };
  const { name } = findAccount(readFields(body), call, source);
  const contract = contracts.get(name);
  return JSON.stringify({
    account_name: name,
    wasm: contract === undefined ? "" : emptyModule.toString("base64"),
    abi: contract?.rawAbi.toString("base64") ?? "",
  });
}

export function codeHash(body: string, call: Call): string {
  const source = { what: "account code hash", line: 2309, method: "get_code_hash" };
  const { name } = findAccount(readFields(body), call, source);
  return JSON.stringify({ account_name: name, code_hash: contracts.get(name)?.codeHash ?? noCodeHash });
}

export function code(body: string, call: Call): string {
  const fields = readFields(body);
  const { name } = findAccount(fields, call, { what: "account code", line: 2295, method: "get_code" });
  if (!readFlag(fields, "code_as_wasm")) {
    const message = "Returning WAST from get_code is no longer supported";
    const details = [{ message, file: "chain_plugin.cpp", line: 2282, method: "get_code" }];
    throw new RequestRefused({
      code: 3_060_002,
      name: "account_query_exception",
      what: "Account Query Exception",
      details,
    });
  }
  const contract = contracts.get(name);
  const definition = interfaceOf(name)?.definition;
  return JSON.stringify({
    account_name: name,
    code_hash: contract?.codeHash ?? noCodeHash,
    wast: "",
    wasm: contract === undefined ? "" : emptyModule.toString("latin1"),
    ...(definition !== undefined && { abi: definition }),
  });
}

interface LookupSource {
  readonly what: string;
  readonly line: number;
  readonly method: string;
}

function findAccount(fields: Fields, { node }: Call, { what, line, method }: LookupSource): Account {
  const name = readText(fields, "account_name");
  const found = node.chain.state.accounts.get(name);
  if (found !== undefined) return found;
  const nulls = ", boost::tuples::null_type".repeat(8).slice(2);
  const message = `unable to retrieve ${what === "info" ? "account info" : what} (unknown key (boost::tuples::tuple<bool, eosio::chain::name, ${nulls}>): (0 ${name}))`;
  const details = [{ message, file: "chain_plugin.cpp", line, method }];
  throw new RequestRefused({
    code: 3_060_002,
    name: "account_query_exception",
    what: "Account Query Exception",
    details,
  });
}

function coreBalance(name: string, { node, network }: Call): string | null {
  const { symbol, precision } = network.parameters.core;
  const balance = node.chain.state.balance(name, symbol);
  return balance === undefined ? null : `${toDecimal(balance.amount, precision)} ${symbol}`;
}

function limitOf(found: Account, kind: Limited, { node }: Call): object {
  const { state, head } = node.chain;
  const { used, available, max } = state.limit(found, kind, head.timestampMillis);
  const lastMillis = state.usage(found.name, kind)?.atMillis ?? found.createdMillis;
  return { used, available, max, last_usage_update_time: toMillisText(lastMillis), current_used: used };
}

function toPermission({ name, parent, authority }: Permission, links: readonly PermissionLink[]): object {
  return {
    perm_name: name,
    parent,
    required_auth: {
      threshold: authority.threshold,
      keys: authority.keys,
      accounts: authority.accounts,
      waits: authority.waits.map(({ waitSeconds, weight }) => ({ wait_sec: waitSeconds, weight })),
    },
    linked_actions: links
      .filter(({ permission }) => permission === name)
      .map(({ contract, action }) => ({ account: contract, action: action === "" ? null : action })),
  };
}

/** What others and the account itself have staked for it; `null` where nobody has. */
function stakesOf({ name, ramBytes }: Account, { node, network }: Call): object {
  const { symbol, precision } = network.parameters.core;
  const write = (amount: bigint): string => `${toDecimal(amount, precision)} ${symbol}`;
  const received = [...node.chain.state.stakes.entries()].filter(([parties]) => parties.endsWith(` ${name}`));
  const sum = (kind: keyof Stake): bigint => received.reduce((total, [, stake]) => total + stake[kind], 0n);
  const own = node.chain.state.stakes.get(`${name} ${name}`);
  return {
    total_resources:
      received.length === 0
        ? null
        : { owner: name, net_weight: write(sum("net")), cpu_weight: write(sum("cpu")), ram_bytes: ramBytes ?? -1 },
    self_delegated_bandwidth:
      own === undefined ? null : { from: name, to: name, net_weight: write(own.net), cpu_weight: write(own.cpu) },
  };
}

function voterInfo(name: string, { node }: Call): object | null {
  const vote = node.chain.state.votes.get(name);
  if (vote === undefined) return null;
  return {
    owner: name,
    proxy: vote.proxy,
    producers: vote.producers,
    staked: 0,
    last_vote_weight: "0.00000000000000000",
    proxied_vote_weight: "0.00000000000000000",
    is_proxy: 0,
    flags1: 0,
    reserved2: 0,
    reserved3: "0.0000 ",
  };
}
