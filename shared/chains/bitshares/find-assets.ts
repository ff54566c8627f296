import { AppError, type Problem } from "../../errors/app-error.ts";
import type { MixEntry } from "../../scenario/scenario.ts";
import { parseTemplate } from "../../workload/placeholders.ts";
import type { Asset } from "./chain-data.ts";
import { parseNamedOperation } from "./named-operations.ts";
import { type AssetAnswer, assetsAnswer } from "./node-answers.ts";
import { instanceOf } from "./object-id.ts";
import type { KnownAsset } from "./operation-definition.ts";
import {
  parseCallOrder,
  parseHtlcCreate,
  parseOrderCancel,
  parseOrderCreate,
  parseOrderUpdate,
  parsePublishFeed,
  parseTransfer,
} from "./parameters.ts";
import type { RpcClient } from "./rpc-client.ts";

const coreAssetId = "1.3.0";

/** Every asset that the workload names, and the core asset. */
export class AssetTable {
  readonly core: Asset;
  readonly all: readonly Asset[];

  readonly #known: ReadonlyMap<string, KnownAsset>;

  constructor(known: readonly KnownAsset[]) {
    const [core, ...others] = known.map(({ symbol, precision, instance }) => ({ symbol, precision, instance }));
    this.core = core as Asset;
    this.#known = new Map(known.map((asset) => [asset.symbol, asset]));
    this.all = [this.core, ...others.filter((asset) => asset.instance !== this.core.instance)];
  }

  /** The core asset for null. Every symbol of the workload is there. */
  get(symbol: string | null): Asset {
    return symbol === null ? this.core : (this.all.find((asset) => asset.symbol === symbol) as Asset);
  }

  known(symbol: string | null): KnownAsset {
    return this.#known.get(symbol ?? this.core.symbol) as KnownAsset;
  }
}

export async function findAssets(client: RpcClient, mix: readonly MixEntry[]): Promise<AssetTable> {
  const symbols = [...new Set(mix.flatMap(symbolsOf))];
  const { core, found } = await lookUpAssets(client, symbols);
  const problems = symbols
    .filter((_, i) => !found[i])
    .map((symbol): Problem => ({ path: symbol, expected: "expected an asset of this symbol on the chain" }));
  if (problems.length > 0) {
    throw new AppError("RESOURCES_MISSING", "the chain lacks assets that the workload uses", { problems });
  }
  return new AssetTable([core, ...found.filter((asset) => asset !== null)]);
}

/** The core asset, which every chain has, and in the order of the symbols the others; null for those that are not there. */
export async function lookUpAssets(
  client: RpcClient,
  symbols: readonly string[],
): Promise<{ readonly core: KnownAsset; readonly found: readonly (KnownAsset | null)[] }> {
  const [core] = await client.call("database", "get_objects", [[coreAssetId]], assetsAnswer);
  if (!core) throw new AppError("RPC_FAILED", "the node does not know the core asset");
  const answers =
    symbols.length === 0 ? [] : await client.call("database", "lookup_asset_symbols", [symbols], assetsAnswer);
  return { core: toKnownAsset(core), found: answers.map((answer) => (answer === null ? null : toKnownAsset(answer))) };
}

function toKnownAsset({ id, symbol, precision, issuer, bitasset_data_id, options }: AssetAnswer): KnownAsset {
  return { symbol, precision, instance: instanceOf(id), issuer, bitassetId: bitasset_data_id ?? null, options };
}

/** Symbols of the assets that a mix entry deals with. */
export function symbolsOf(entry: MixEntry): string[] {
  return symbolCandidates(entry).filter((symbol) => symbol !== null);
}

function symbolCandidates({ operation, parameters, template }: MixEntry): (string | null)[] {
  if (template !== null) return [...parseTemplate(template).symbols];
  switch (operation) {
    case "transfer":
      return [parseTransfer(parameters).value.amount.symbol];
    case "limit_order_create": {
      const { baseSymbol, quoteSymbol } = parseOrderCreate(parameters).value;
      return [baseSymbol, quoteSymbol];
    }
    case "limit_order_cancel":
      return [...(parseOrderCancel(parameters).value.market ?? [])];
    case "limit_order_update":
      return [...(parseOrderUpdate(parameters).value.market ?? [])];
    case "call_order_update":
      return [parseCallOrder(parameters).value.debt.symbol];
    case "asset_publish_feed":
      return [parsePublishFeed(parameters).value.asset];
    case "htlc_create":
      return [parseHtlcCreate(parameters).value.amount.symbol];
    default:
      return [...(parseNamedOperation(operation, parameters)?.value.symbols ?? [])];
  }
}
