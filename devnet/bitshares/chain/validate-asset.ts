import { isObject, type JsonObject } from "../codec/json.ts";
import { worker } from "../codec/recover-keys.ts";
import { assertion, type ChainFailure } from "./failure.ts";
import { maximumSupply } from "./supply.ts";

const wholePercent = 10_000;
const ratios = { least: 1001, most: 32_000 } as const;
const mostPrecision = 12;
const globalSettle = 0x20;
const fedBits = 0x80 | 0x100;

/** What the options of an asset must be for the chain to be able to reckon with it. */
export function validateAssetOptions(options: JsonObject): ChainFailure | null {
  const supply = Number(options.max_supply);
  const fee = Number(options.max_market_fee);
  const flags = Number(options.flags);
  return firstBroken("asset_ops.cpp", [
    [supply > 0, 284, "max_supply > 0: "],
    [supply <= maximumSupply, 285, "max_supply <= GRAPHENE_MAX_SHARE_SUPPLY: "],
    [Number(options.market_fee_percent) <= wholePercent, 287, "market_fee_percent <= GRAPHENE_100_PERCENT: "],
    [fee >= 0 && fee <= maximumSupply, 293, "max_market_fee >= 0 && max_market_fee <= GRAPHENE_MAX_SHARE_SUPPLY: "],
    [
      (flags & globalSettle) === 0,
      297,
      "0 == (flags & global_settle): Can not set global_settle flag, it is for issuer permission only",
    ],
    [
      (flags & fedBits) !== fedBits,
      301,
      "(flags & (witness_fed_asset | committee_fed_asset)) != (witness_fed_asset | committee_fed_asset): ",
    ],
  ]);
}

/** The same of what an asset has that is lent. */
export function validateBitassetOptions(options: JsonObject): ChainFailure | null {
  const extensions = isObject(options.extensions) ? options.extensions : {};
  const ratioRules = ["initial_collateral_ratio", "maintenance_collateral_ratio", "maximum_short_squeeze_ratio"].map(
    (name, index): Rule => {
      const given = extensions[name] ?? null;
      const isWithin = given === null || (Number(given) >= ratios.least && Number(given) <= ratios.most);
      return [isWithin, 256 + 5 * index, `*extensions.value.${name} >= GRAPHENE_MIN_COLLATERAL_RATIO: `];
    },
  );
  return firstBroken("asset_ops.cpp", [
    [Number(options.minimum_feeds) > 0, 245, "minimum_feeds > 0: "],
    [
      Number(options.force_settlement_offset_percent) <= wholePercent,
      246,
      "force_settlement_offset_percent <= GRAPHENE_100_PERCENT: ",
    ],
    [
      Number(options.maximum_force_settlement_volume) <= wholePercent,
      247,
      "maximum_force_settlement_volume <= GRAPHENE_100_PERCENT: ",
    ],
    ...ratioRules,
  ]);
}

export function validateAssetCreate(body: JsonObject): ChainFailure | null {
  const lending = isObject(body.bitasset_opts) ? body.bitasset_opts : null;
  const source = "asset_ops.cpp";
  return (
    firstBroken(source, [[isValidSymbol(String(body.symbol)), 110, "is_valid_symbol(symbol): "]]) ??
    validateAssetOptions(isObject(body.common_options) ? body.common_options : {}) ??
    firstBroken(source, [
      [
        body.is_prediction_market !== true || lending !== null,
        119,
        "bitasset_opts.valid(): Cannot have a User-Issued Asset implement a prediction market.",
      ],
    ]) ??
    (lending === null ? null : validateBitassetOptions(lending)) ??
    firstBroken(source, [[Number(body.precision) <= mostPrecision, 129, "precision <= 12: "]])
  );
}

type Rule = readonly [holds: boolean, line: number, format: string];

function firstBroken(file: string, rules: readonly Rule[]): ChainFailure | null {
  for (const [holds, line, format] of rules) {
    if (!holds) return assertion({ file, line, method: "validate", thread: worker() }, { format });
  }
  return null;
}

function isValidSymbol(symbol: string): boolean {
  return (
    /^[A-Z][A-Z0-9]*(?:\.[A-Z0-9]+)?$/.test(symbol) &&
    /[A-Z]$/.test(symbol) &&
    symbol.length >= 3 &&
    symbol.length <= 16
  );
}
