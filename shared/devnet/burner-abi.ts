/** Account of the devnet's contract that uses up CPU, RAM or NET on purpose, named as on networks that measure with one. */
export const burnerAccount = "eosmechanics";

/**
 * ABI of that contract. `nonce` only makes transactions differ; `micros` of CPU time are billed, `bytes` of RAM stay
 * with the owner, `payload` makes the transaction as large as wanted.
 */
export const burnerAbi = {
  version: "eosio::abi/1.2",
  types: [],
  structs: [
    {
      name: "cpu",
      base: "",
      fields: [
        { name: "owner", type: "name" },
        { name: "nonce", type: "uint64" },
        { name: "micros", type: "uint32" },
      ],
    },
    {
      name: "ram",
      base: "",
      fields: [
        { name: "owner", type: "name" },
        { name: "nonce", type: "uint64" },
        { name: "bytes", type: "uint32" },
      ],
    },
    {
      name: "net",
      base: "",
      fields: [
        { name: "owner", type: "name" },
        { name: "nonce", type: "uint64" },
        { name: "payload", type: "bytes" },
      ],
    },
  ],
  actions: [
    { name: "cpu", type: "cpu", ricardian_contract: "" },
    { name: "ram", type: "ram", ricardian_contract: "" },
    { name: "net", type: "net", ricardian_contract: "" },
  ],
  tables: [],
  ricardian_clauses: [],
  error_messages: [],
  abi_extensions: [],
  variants: [],
  action_results: [],
};
