import type { Abi } from "eosjs/dist/eosjs-rpc-interfaces.js";

type Fields = Readonly<Record<string, string>>;

/** Fields of each action of the system contract that the devnet gives an effect. */
const actions: Readonly<Record<string, Fields>> = {
  newaccount: { creator: "name", name: "name", owner: "authority", active: "authority" },
  updateauth: { account: "name", permission: "name", parent: "name", auth: "authority" },
  deleteauth: { account: "name", permission: "name" },
  linkauth: { account: "name", code: "name", type: "name", requirement: "name" },
  unlinkauth: { account: "name", code: "name", type: "name" },
  buyram: { payer: "name", receiver: "name", quant: "asset" },
  buyrambytes: { payer: "name", receiver: "name", bytes: "uint32" },
  sellram: { account: "name", bytes: "int64" },
  delegatebw: {
    from: "name",
    receiver: "name",
    stake_net_quantity: "asset",
    stake_cpu_quantity: "asset",
    transfer: "bool",
  },
  undelegatebw: {
    from: "name",
    receiver: "name",
    unstake_net_quantity: "asset",
    unstake_cpu_quantity: "asset",
  },
  voteproducer: { voter: "name", proxy: "name", producers: "name[]" },
};

/** Rows of the tables that clients ask the system contract for. */
const tables: readonly { readonly name: string; readonly type: string; readonly key: string }[] = [
  { name: "rammarket", type: "exchange_state", key: "supply" },
  { name: "delband", type: "delegated_bandwidth", key: "to" },
];

const structs: Readonly<Record<string, Fields>> = {
  connector: { balance: "asset", weight: "float64" },
  exchange_state: { supply: "asset", base: "connector", quote: "connector" },
  delegated_bandwidth: { from: "name", to: "name", net_weight: "asset", cpu_weight: "asset" },
  permission_level: { actor: "name", permission: "name" },
  key_weight: { key: "public_key", weight: "uint16" },
  permission_level_weight: { permission: "permission_level", weight: "uint16" },
  wait_weight: { wait_sec: "uint32", weight: "uint16" },
  authority: {
    threshold: "uint32",
    keys: "key_weight[]",
    accounts: "permission_level_weight[]",
    waits: "wait_weight[]",
  },
  ...actions,
};

export const systemAbi: Abi = {
  version: "eosio::abi/1.1",
  types: [],
  structs: Object.entries(structs).map(([name, fields]) => ({
    name,
    base: "",
    fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
  })),
  actions: Object.keys(actions).map((name) => ({ name, type: name, ricardian_contract: "" })),
  tables: tables.map(({ name, type, key }) => ({
    ...{ name, type, index_type: "i64", key_names: [key], key_types: ["uint64"] },
  })),
  ricardian_clauses: [],
  error_messages: [],
  abi_extensions: [],
};
