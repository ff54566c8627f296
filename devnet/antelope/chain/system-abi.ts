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

const structs: Readonly<Record<string, Fields>> = {
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
  tables: [],
  ricardian_clauses: [],
  error_messages: [],
  abi_extensions: [],
};
