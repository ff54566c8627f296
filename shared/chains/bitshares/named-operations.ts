import { toLetters } from "../../workload/letters.ts";
import { ParameterReader, type Parsed, type RawParameters } from "../preparing/parameter-reader.ts";
import { bitassetOperations } from "./bitasset-operations.ts";
import { heldOperations } from "./held-operations.ts";
import {
  amountOf,
  type Definition,
  type Fields,
  type NetworkFindings,
  type OperationUse,
  readAssetAmount,
  readWhole,
  sender,
  type VoteKind,
} from "./operation-definition.ts";
import { payerFieldOf } from "./operation-payers.ts";
import { defaultMarket } from "./parameters.ts";

const proxyToSelf = "1.2.5";
/** Satisfied by whoever satisfies the sender's active authority: needs no key of its own. */
const sendersAuthority = { weight_threshold: 1, account_auths: [[sender, 1]], key_auths: [], address_auths: [] };
/** GRAPHENE_MAX_SHARE_SUPPLY. */
const maximumSupply = "1000000000000000";
/** Of assets that are made anew. */
export const assetPrecision = 5;
/** Longest name is 63 characters; the rest is for the numbers behind it. */
const longestPrefix = 30;
/** Symbols have at most 16 letters; thirteen count. */
const symbolPattern = /^[A-Z]{1,3}$/;
const stampLetters = 5;
/** As many random bytes never repeat. */
const fewestBytes = 16;
const mostBytes = 65_536;

const definitions: Readonly<Record<string, Definition>> = {
  account_create: {
    parameters: ["prefix"],
    use: (reader) => {
      const prefix = reader.read("prefix", "stress", "up to 30 lower-case letters, digits and dashes", readPrefix);
      return { membersOnly: true, template: (findings) => newAccount(prefix, findings) };
    },
  },
  account_update: {
    parameters: [],
    use: () => ({
      template: ({ publicKey }) => ({
        account: sender,
        new_options: accountOptions(publicKey, [[]], 0, 0),
        extensions: {},
      }),
    }),
  },
  account_whitelist: {
    parameters: ["listing"],
    use: (reader) => {
      const listing = reader.read("listing", [0, 1, 2, 3], "none, white, black or both", readListing);
      return {
        membersOnly: true,
        template: () => ({
          authorizing_account: sender,
          account_to_list: { $account: "other" },
          new_listing: { $choice: listing },
          extensions: [],
        }),
      };
    },
  },
  witness_vote: { operation: "account_update", parameters: ["votes"], use: (reader) => voting(reader, "witness") },
  committee_vote: { operation: "account_update", parameters: ["votes"], use: (reader) => voting(reader, "committee") },
  asset_create: {
    parameters: ["prefix"],
    use: (reader) => {
      const prefix = reader.read("prefix", "LST", "up to three capital letters", (value) =>
        typeof value === "string" && symbolPattern.test(value) ? value : null,
      );
      return { template: (findings) => newAsset(prefix, findings) };
    },
  },
  asset_issue: {
    parameters: ["amount"],
    use: (reader) => {
      const amount = readAssetAmount(reader);
      return {
        symbols: [amount.symbol],
        template: ({ assets: [asset] }) => ({
          issuer: asset?.issuer,
          asset_to_issue: amountOf(amount, asset),
          issue_to_account: sender,
          extensions: [],
        }),
      };
    },
  },
  asset_reserve: {
    parameters: ["amount"],
    use: (reader) => {
      const amount = readAssetAmount(reader);
      return {
        symbols: [amount.symbol],
        spends: amount,
        template: ({ assets: [asset] }) => ({
          payer: sender,
          amount_to_reserve: amountOf(amount, asset),
          extensions: [],
        }),
      };
    },
  },
  asset_update: {
    parameters: ["asset"],
    use: (reader) => {
      const symbol = reader.read<string>("asset", defaultMarket[0], 'an asset such as "STRESS"', (value) =>
        typeof value === "string" && /^[A-Z][A-Z0-9.]*$/.test(value) ? value : null,
      );
      return {
        symbols: [symbol],
        template: ({ assets: [asset] }) => ({
          issuer: asset?.issuer,
          asset_to_update: `1.3.${asset?.instance}`,
          // All else stays as it is.
          new_options: { ...asset?.options, description: { $counter: "hex" } },
          extensions: {},
        }),
      };
    },
  },
  custom: {
    parameters: ["bytes", "id"],
    use: (reader) => {
      const bytes = readWhole(reader, "bytes", 32, fewestBytes, mostBytes);
      const id = readWhole(reader, "id", 0, 0, 65_535);
      return { template: () => ({ payer: sender, required_auths: [], id, data: { $hex: bytes } }) };
    },
  },
  ...heldOperations,
  ...bitassetOperations,
};

/** Whether only the asset's issuer may send it. */
export function isIssuersOnly(use: OperationUse): boolean {
  return use.symbols.length > 0 && payerFieldOf(use.operation) === "issuer";
}

export const namedOperationNames: readonly string[] = Object.keys(definitions);

/** Null where the operation has no name here, or a template of its own. */
export function parseNamedOperation(operation: string, raw: RawParameters): Parsed<OperationUse> | null {
  const definition = Object.hasOwn(definitions, operation) ? definitions[operation] : undefined;
  if (definition === undefined) return null;
  const reader = new ParameterReader(raw, definition.parameters);
  const usual = {
    operation: definition.operation ?? operation,
    symbols: [],
    votes: null,
    membersOnly: false,
    spends: null,
    holds: null,
  };
  return { value: { ...usual, ...definition.use(reader) }, problems: reader.problems };
}

/** Stands for what the network will say where none is known yet. */
export function imaginedFindings(use: OperationUse): NetworkFindings {
  const asset = {
    symbol: "",
    instance: 16_000,
    precision: 5,
    issuer: "1.2.2000000",
    bitassetId: null,
    options: assetOptions(),
  };
  return {
    publicKey: "BTS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV",
    headNumber: 4_000_000_000,
    assets: use.symbols.map((symbol) => ({ ...asset, symbol: symbol ?? "BTS" })),
    voteIds: Array.from({ length: mostVotes }, (_, i) => `1:${i + 100}`),
    transferFee: 2_000_000,
  };
}

function newAccount(prefix: string, { publicKey, headNumber }: NetworkFindings): Fields {
  return {
    registrar: sender,
    referrer: sender,
    referrer_percent: 0,
    name: { $counter: "text", prefix: `${prefix}-${headNumber}-a` },
    owner: sendersAuthority,
    active: sendersAuthority,
    options: accountOptions(publicKey, [[]], 0, 0),
    extensions: {},
  };
}

/** The writer puts in the memo key of the account where it exists already. */
function accountOptions(memoKey: string, votes: readonly (readonly string[])[], witnesses: number, committee: number) {
  return {
    memo_key: memoKey,
    voting_account: proxyToSelf,
    num_witness: witnesses,
    num_committee: committee,
    votes: { $choice: votes },
    extensions: [],
  };
}

const mostVotes = 100;

function voting(reader: ParameterReader, kind: VoteKind): ReturnType<Definition["use"]> {
  const votes = readWhole(reader, "votes", 1, 1, mostVotes);
  return {
    votes: kind,
    template: ({ publicKey, voteIds }) => {
      const count = Math.min(votes, voteIds.length);
      const turns = voteIds.map((_, i) => [...voteIds, ...voteIds].slice(i, i + count));
      const isWitness = kind === "witness";
      return {
        account: sender,
        new_options: accountOptions(publicKey, turns, isWitness ? count : 0, isWitness ? 0 : count),
        extensions: {},
      };
    },
  };
}

function newAsset(prefix: string, { headNumber }: NetworkFindings): Fields {
  const stamp = toLetters(headNumber % 26 ** stampLetters, stampLetters).toUpperCase();
  return {
    issuer: sender,
    symbol: { $counter: "capitals", prefix: prefix + stamp },
    precision: assetPrecision,
    common_options: assetOptions(),
    is_prediction_market: false,
    extensions: [],
  };
}

/** Of an asset that is made anew. */
export function assetOptions(): Fields {
  return {
    max_supply: maximumSupply,
    market_fee_percent: 0,
    max_market_fee: 0,
    issuer_permissions: 79,
    flags: 0,
    // Of an asset that is being made, 1.3.1 stands for itself.
    core_exchange_rate: { base: { amount: 1, asset_id: "1.3.0" }, quote: { amount: 1, asset_id: "1.3.1" } },
    whitelist_authorities: [],
    blacklist_authorities: [],
    whitelist_markets: [],
    blacklist_markets: [],
    description: "",
    extensions: {},
  };
}

function readPrefix(value: unknown): string | null {
  if (typeof value !== "string" || value.length > longestPrefix) return null;
  return /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(value) ? value : null;
}

const listings: Readonly<Record<string, number>> = { none: 0, white: 1, black: 2, both: 3 };

function readListing(value: unknown): number[] | null {
  const listing = typeof value === "string" && Object.hasOwn(listings, value) ? listings[value] : undefined;
  return listing === undefined ? null : [listing];
}
