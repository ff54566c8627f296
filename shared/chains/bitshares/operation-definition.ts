import type { AmountRange } from "../../workload/amount.ts";
import type { ParameterReader } from "../preparing/parameter-reader.ts";
import type { Asset } from "./chain-data.ts";
import { defaultMarket, readAmountOf } from "./parameters.ts";

/** An asset as the chain has it, for operations that deal with the asset itself. */
export interface KnownAsset extends Asset {
  /** The account's id, as in 1.2.x. */
  readonly issuer: string;
  /** Of what it has besides others when it is lent against collateral, as in 2.4.x; null where it is not. */
  readonly bitassetId: string | null;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What only the network knows and named operations are made with. */
export interface NetworkFindings {
  /** Some public key of the network, in its own form. */
  readonly publicKey: string;
  /** Makes names that no earlier run has used. */
  readonly headNumber: number;
  /** Those of `OperationUse.symbols`, in that order. */
  readonly assets: readonly KnownAsset[];
  /** Those of the kind of `OperationUse.votes`, such as 1:7. */
  readonly voteIds: readonly string[];
  /** Of a transfer without a memo, for those that hold one. */
  readonly transferFee: number;
}

/** How a mix entry uses a named operation, as far as that is known without a network. */
export interface OperationUse {
  /** The chain's own name of it. */
  readonly operation: string;
  /** Null: the core asset. */
  readonly symbols: readonly (string | null)[];
  readonly votes: VoteKind | null;
  /** Only lifetime members may send it. */
  readonly membersOnly: boolean;
  /** What each use takes from the sender for good besides the fee; of `symbols[0]`. */
  readonly spends: AmountRange | null;
  /** What the last use of each sender holds; of `symbols[1]`. */
  readonly holds: AmountRange | null;
  /** The fields with placeholders. */
  template(findings: NetworkFindings): Fields;
}

export type VoteKind = "witness" | "committee";

export type Fields = Readonly<Record<string, unknown>>;

export interface Definition {
  /** Where the entry's name is not the chain's own. */
  readonly operation?: string;
  readonly parameters: readonly string[];
  use(reader: ParameterReader): Partial<Omit<OperationUse, "template">> & Pick<OperationUse, "template">;
}

export const sender = { $account: "sender" };

export function amountOf({ minimum, maximum }: AmountRange, asset: Asset | undefined): unknown {
  return { $asset: `${minimum}..${maximum} ${asset?.symbol}` };
}

/** Of an asset that every embedded network has. */
export function readAssetAmount(reader: ParameterReader): AmountRange {
  return readAmountOf(reader, "amount", defaultMarket[0], "0.00001..1");
}

export function readWhole(reader: ParameterReader, key: string, fallback: number, least: number, most: number): number {
  return reader.read(key, fallback, `a whole number from ${least} to ${most}`, (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= least && value <= most ? value : null,
  );
}
