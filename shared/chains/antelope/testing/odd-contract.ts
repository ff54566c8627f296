import { encodeAbi } from "../abi.ts";

/** An ABI with everything that makes one hard: bases, aliases, variants, lists, optional fields and extensions. */
export const oddAbi = {
  version: "eosio::abi/1.2",
  types: [{ new_type_name: "account_name", type: "name" }],
  structs: [
    { name: "pair", base: "", fields: [fieldOf("first", "uint16"), fieldOf("second", "string")] },
    { name: "parent", base: "", fields: [fieldOf("owner", "account_name"), fieldOf("flag", "bool")] },
    {
      name: "odd",
      base: "parent",
      fields: [
        fieldOf("small", "uint8"),
        fieldOf("large", "uint64"),
        fieldOf("signed", "int32"),
        fieldOf("either", "choice"),
        fieldOf("pairs", "pair[]"),
        fieldOf("names", "name[]"),
        fieldOf("maybe", "uint32?"),
        fieldOf("nothing", "uint32?"),
        fieldOf("hash", "checksum256"),
        fieldOf("blob", "bytes"),
        fieldOf("text", "string"),
        fieldOf("price", "float64"),
        fieldOf("worth", "asset"),
        fieldOf("until", "time_point_sec"),
        fieldOf("since", "time_point"),
        fieldOf("late", "uint32$"),
      ],
    },
    { name: "empty", base: "", fields: [] },
    { name: "tiny", base: "", fields: [fieldOf("nonce", "uint8")] },
  ],
  actions: ["odd", "empty", "tiny"].map((name) => ({ name, type: name, ricardian_contract: "" })),
  variants: [{ name: "choice", types: ["uint32", "pair"] }],
};

export const oddAbiBytes = Buffer.from(encodeAbi(oddAbi)).toString("hex");

/** Data of `odd` with a placeholder in nearly every field, in the order of the ABI. */
export const oddTemplate = {
  owner: { $account: "sender" },
  flag: true,
  small: { $integer: [3, 200] },
  large: { $counter: "number", start: 5_000_000_000 },
  signed: -5,
  either: {
    $choice: [
      ["uint32", { $integer: [1, 9] }],
      ["pair", { first: 1, second: { $text: 3 } }],
    ],
  },
  pairs: [
    { first: { $integer: [0, 65_535] }, second: { $decimal: [0.5, 2], digits: 3 } },
    { first: 7, second: { $counter: "hex", prefix: "é-" } },
  ],
  names: [{ $account: "any" }, { $account: "other" }, { $counter: "letters", prefix: "ls" }],
  maybe: { $choice: [null, 5, { $integer: [1, 4_000_000_000] }] },
  nothing: null,
  hash: { $hex: 32 },
  blob: { $hex: 300 },
  text: { $text: 200 },
  price: { $integer: [1, 5] },
  worth: { $asset: "0.5..12 EOS" },
  until: { $time: "+1h" },
  since: { $time: "2d" },
  late: { $integer: [1, 9] },
};

function fieldOf(name: string, type: string): { readonly name: string; readonly type: string } {
  return { name, type };
}
