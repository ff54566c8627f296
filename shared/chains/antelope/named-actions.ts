import { burnerAccount } from "../../devnet/burner-abi.ts";
import type { AmountRange } from "../../workload/amount.ts";
import { ParameterReader, type Parsed, type RawParameters } from "../preparing/parameter-reader.ts";
import type { Token } from "./chain-data.ts";
import { isName } from "./names.ts";
import { readAmount, readCount, readName, readNames, readWholeRange, type WholeRange } from "./read-parameters.ts";

export const systemAccount = "eosio";
export const tokenAccount = "eosio.token";

/** A token that a workload names: what `resolve` has to find the precision of. */
export interface TokenWanted {
  /** Null: the core token. */
  readonly symbol: string | null;
  /** Accounts whose contract may have issued it; the first that knows the symbol is meant. */
  readonly contracts: readonly string[];
}

/** How a mix entry uses an action, as far as that is known without a network. */
export interface ActionUse {
  readonly contract: string;
  readonly action: string;
  /** Null: the transaction's sender. */
  readonly actor: string | null;
  /** Null: the one that the actor's key satisfies. */
  readonly permission: string | null;
  readonly tokens: readonly TokenWanted[];
  /** Each use deletes a permission of the sender whose name begins so; null: none. */
  readonly deletes: string | null;
  /** The action's data with placeholders; `tokens` are those above, found. */
  template(tokens: readonly Token[]): Readonly<Record<string, unknown>>;
}

export interface NamedAction {
  readonly contract: string;
  readonly action: string;
  /** What the actor uses up besides the CPU time and NET that every action takes. */
  readonly uses: ActionUsage | null;
  parse(raw: RawParameters): Parsed<ActionUse>;
}

/**
 * `tokens`: every amount in the data. `stakes`: of what the actor has staked for itself, in the fields of the data.
 * Otherwise the field of the data that says how much, or how much it always is.
 */
export type ActionUsage =
  | { readonly kind: "tokens" }
  | { readonly kind: "stakes"; readonly cpu: string; readonly net: string }
  | { readonly kind: "cpu" | "ram"; readonly field: string }
  | { readonly kind: "ram"; readonly bytes: number };

type Fields = Readonly<Record<string, unknown>>;

const sender = { $account: "sender" };
const nonce = { $counter: "number" };
/** Satisfied by whoever satisfies the sender's active permission: needs no key of its own. */
const sendersAuthority = {
  threshold: 1,
  keys: [],
  accounts: [{ permission: { actor: sender, permission: "active" }, weight: 1 }],
  waits: [],
};

/** What nodes bill for a link of an action to a permission. */
const linkRamBytes = 136;
/** Permissions that `deleteauth` deletes are named with it, and no others. */
const deletedPrefix = "lsdel";
/** As many more letters tell enough of them apart. */
const longestDeletedPrefix = 6;

interface Definition {
  readonly contract: string;
  /** Besides `actor` and `permission`, and `contract` for those of a token's contract. */
  readonly parameters: readonly string[];
  readonly uses?: ActionUsage;
  /** See `ActionUse`. */
  deletes?(reader: ParameterReader): string;
  /** Gives the tokens wanted and the data made with them. */
  fields(reader: ParameterReader): {
    readonly tokens: readonly (string | null)[];
    data(tokens: readonly Token[]): Fields;
  };
}

const definitions: Readonly<Record<string, Definition>> = {
  open: {
    contract: tokenAccount,
    parameters: ["token"],
    fields: (reader) => ofSymbol(reader, (symbol) => ({ owner: sender, symbol, ram_payer: sender })),
  },
  close: {
    contract: tokenAccount,
    parameters: ["token"],
    fields: (reader) => ofSymbol(reader, (symbol) => ({ owner: sender, symbol })),
  },
  issue: {
    contract: tokenAccount,
    parameters: ["amount", "memo"],
    fields: (reader) => ofAmount(reader, (quantity, memo) => ({ to: sender, quantity, memo })),
  },
  retire: {
    contract: tokenAccount,
    parameters: ["amount", "memo"],
    uses: { kind: "tokens" },
    fields: (reader) => ofAmount(reader, (quantity, memo) => ({ quantity, memo })),
  },
  buyram: {
    contract: systemAccount,
    parameters: ["amount"],
    uses: { kind: "tokens" },
    fields: (reader) => {
      const amount = readAmount(reader, "amount", "1");
      const data = ([token]: readonly Token[]) => ({ payer: sender, receiver: sender, quant: assetOf(amount, token) });
      return { tokens: [amount.symbol], data };
    },
  },
  buyrambytes: {
    contract: systemAccount,
    parameters: ["bytes"],
    fields: (reader) => {
      const bytes = integer(readWholeRange(reader, "bytes", [1024, 1024], [1, 2 ** 32 - 1]));
      return plain({ payer: sender, receiver: sender, bytes });
    },
  },
  sellram: {
    contract: systemAccount,
    parameters: ["bytes"],
    uses: { kind: "ram", field: "bytes" },
    fields: (reader) => {
      const bytes = integer(readWholeRange(reader, "bytes", [128, 128], [1, 2 ** 32 - 1]));
      return plain({ account: sender, bytes });
    },
  },
  delegatebw: {
    contract: systemAccount,
    parameters: ["net", "cpu"],
    uses: { kind: "tokens" },
    fields: (reader) =>
      ofStake(reader, (net, cpu) => ({
        from: sender,
        receiver: sender,
        stake_net_quantity: net,
        stake_cpu_quantity: cpu,
        transfer: false,
      })),
  },
  undelegatebw: {
    contract: systemAccount,
    parameters: ["net", "cpu"],
    uses: { kind: "stakes", cpu: "unstake_cpu_quantity", net: "unstake_net_quantity" },
    fields: (reader) =>
      ofStake(reader, (net, cpu) => ({
        from: sender,
        receiver: sender,
        unstake_net_quantity: net,
        unstake_cpu_quantity: cpu,
      })),
  },
  newaccount: {
    contract: systemAccount,
    parameters: ["prefix"],
    fields: (reader) => {
      const name = { $counter: "letters", prefix: readPrefix(reader, "ls", 4) };
      return plain({ creator: sender, name, owner: sendersAuthority, active: sendersAuthority });
    },
  },
  voteproducer: {
    contract: systemAccount,
    parameters: ["producers", "proxy"],
    fields: (reader) => {
      // The contract wants them in the order of their numbers, which for names is that of their letters.
      const producers = [...readNames(reader, "producers")].sort();
      return plain({ voter: sender, proxy: readName(reader, "proxy") ?? "", producers });
    },
  },
  updateauth: {
    contract: systemAccount,
    parameters: ["name"],
    fields: (reader) =>
      plain({
        account: sender,
        permission: readName(reader, "name") ?? "stress",
        parent: "active",
        auth: sendersAuthority,
      }),
  },
  linkauth: {
    contract: systemAccount,
    parameters: ["contract", "prefix", "name"],
    uses: { kind: "ram", bytes: linkRamBytes },
    fields: (reader) => {
      const prefix = readPrefix(reader, "ls", 4);
      return plain({
        account: sender,
        code: readName(reader, "contract") ?? tokenAccount,
        // Of an action that is linked to it already, nodes refuse to hear it again.
        type: { $counter: "letters", prefix },
        requirement: readName(reader, "name") ?? "active",
      });
    },
  },
  deleteauth: {
    contract: systemAccount,
    parameters: ["prefix"],
    deletes: (reader) => readPrefix(reader, deletedPrefix, longestDeletedPrefix),
    fields: () => plain({ account: sender, permission: deletedPrefix }),
  },
  cpu: {
    contract: burnerAccount,
    parameters: ["micros"],
    uses: { kind: "cpu", field: "micros" },
    fields: (reader) => {
      const micros = integer(readWholeRange(reader, "micros", [1000, 1000], [1, 2 ** 32 - 1]));
      return plain({ owner: sender, nonce, micros });
    },
  },
  ram: {
    contract: burnerAccount,
    parameters: ["bytes"],
    uses: { kind: "ram", field: "bytes" },
    fields: (reader) => {
      const bytes = integer(readWholeRange(reader, "bytes", [128, 128], [1, 2 ** 32 - 1]));
      return plain({ owner: sender, nonce, bytes });
    },
  },
  net: {
    contract: burnerAccount,
    parameters: ["bytes"],
    fields: (reader) => plain({ owner: sender, nonce, payload: { $hex: readCount(reader, "bytes", 1024, 65_536) } }),
  },
};

export const namedActions: ReadonlyMap<string, NamedAction> = new Map(
  Object.entries(definitions).map(([action, definition]) => [action, toNamedAction(action, definition)]),
);

function toNamedAction(action: string, definition: Definition): NamedAction {
  const { contract: usual, uses = null } = definition;
  const choosable = usual === tokenAccount ? ["contract"] : [];
  const parameters = [...definition.parameters, ...choosable, "actor", "permission"];
  return {
    contract: usual,
    action,
    uses,
    parse(raw) {
      const reader = new ParameterReader(raw, parameters);
      const contract = (choosable.length > 0 ? readName(reader, "contract") : null) ?? usual;
      const { tokens, data } = definition.fields(reader);
      const use: ActionUse = {
        contract,
        action,
        actor: readName(reader, "actor"),
        permission: readName(reader, "permission"),
        deletes: definition.deletes?.(reader) ?? null,
        tokens: tokens.map((symbol) => ({ symbol, contracts: usual === tokenAccount ? [contract] : [tokenAccount] })),
        template: data,
      };
      return { value: use, problems: reader.problems };
    },
  };
}

function readPrefix(reader: ParameterReader, fallback: string, longest: number): string {
  return reader.read("prefix", fallback, `up to ${longest} letters of a name`, (value) =>
    isName(value) && value.length <= longest ? value : null,
  );
}

type FieldsOf = ReturnType<Definition["fields"]>;

function plain(data: Fields): FieldsOf {
  return { tokens: [], data: () => data };
}

function ofSymbol(reader: ParameterReader, data: (symbol: string) => Fields): FieldsOf {
  const symbol = reader.read<string | null>("token", null, 'a token such as "EOS"', (value) =>
    typeof value === "string" && /^[A-Z]{1,7}$/.test(value) ? value : null,
  );
  return { tokens: [symbol], data: ([token]) => data(token ? `${token.precision},${token.symbol}` : "") };
}

function ofAmount(reader: ParameterReader, data: (quantity: unknown, memo: unknown) => Fields): FieldsOf {
  const amount = readAmount(reader, "amount", "1");
  const memo = readCount(reader, "memo", 0, 256);
  return {
    tokens: [amount.symbol],
    data: ([token]) => data(assetOf(amount, token), memo === 0 ? "" : { $text: memo }),
  };
}

function ofStake(reader: ParameterReader, data: (net: unknown, cpu: unknown) => Fields): FieldsOf {
  const net = readAmount(reader, "net", "1");
  const cpu = readAmount(reader, "cpu", "1");
  return {
    tokens: [net.symbol, cpu.symbol],
    data: ([netToken, cpuToken]) => data(assetOf(net, netToken), assetOf(cpu, cpuToken)),
  };
}

function assetOf({ minimum, maximum }: AmountRange, token: Token | undefined): unknown {
  return { $asset: `${minimum}..${maximum} ${token?.symbol ?? ""}` };
}

function integer([minimum, maximum]: WholeRange): unknown {
  return minimum === maximum ? minimum : { $integer: [minimum, maximum] };
}
