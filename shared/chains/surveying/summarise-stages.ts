import type { CostLine, FundsLine, SetupStage } from "../provisioning.ts";

export interface Amount {
  readonly symbol: string;
  /** Smallest units. */
  readonly units: bigint;
}

/** What the chains' own steps come to. */
export interface PricedStep {
  readonly byFunder: boolean;
  /** In the core asset. */
  readonly fee: bigint;
  /** What it takes from its sender besides. */
  readonly spends: readonly Amount[];
  /** What it gives to the funding account. */
  readonly gains: readonly Amount[];
}

export interface PricedStage {
  readonly name: string;
  readonly steps: readonly PricedStep[];
}

/** The assets that the funding account may pay with. */
export interface Purse {
  readonly core: string;
  /** Of every asset, the core asset first. */
  readonly assets: readonly { readonly symbol: string; readonly precision: number; readonly available: bigint }[];
}

/** Stages that have steps, what they cost, and what the funding account needs. */
export function summariseStages(
  stages: readonly PricedStage[],
  purse: Purse,
): { readonly stages: SetupStage[]; readonly costs: CostLine[]; readonly funds: FundsLine[] } {
  const open = stages.filter(({ steps }) => steps.length > 0);
  return {
    stages: open.map(({ name, steps }) => ({ name, steps: steps.length })),
    costs: open.flatMap((stage) => costsOf(stage, purse)),
    funds: fundsOf(open, purse),
  };
}

function costsOf({ name, steps }: PricedStage, { core, assets }: Purse): CostLine[] {
  const precisions = new Map(assets.map(({ symbol, precision }) => [symbol, precision]));
  return (["funder", "accounts"] as const).flatMap((payer) => {
    const own = steps.filter(({ byFunder }) => byFunder === (payer === "funder"));
    const spent = sumBySymbol(own.flatMap(({ spends }) => spends));
    const fees = own.reduce((sum, { fee }) => sum + fee, 0n);
    const line = (what: string, asset: string, amount: bigint): CostLine[] => {
      const precision = precisions.get(asset) ?? 0;
      return amount === 0n ? [] : [{ what, count: own.length, amount: amount.toString(), asset, precision, payer }];
    };
    return [
      ...[...spent].flatMap(([symbol, units]) => line(name, symbol, units)),
      ...line(spent.size === 0 ? name : `fees to ${name}`, core, fees),
    ];
  });
}

/** Also of what it need not pay: what is there before and after tells what was paid. */
function fundsOf(stages: readonly PricedStage[], { core, assets }: Purse): FundsLine[] {
  const own = stages.flatMap(({ steps }) => steps).filter(({ byFunder }) => byFunder);
  const needed = sumBySymbol(own.flatMap(({ fee, spends }) => [{ symbol: core, units: fee }, ...spends]));
  const gained = sumBySymbol(own.flatMap(({ gains }) => gains));
  return assets.map(({ symbol, precision, available }) => {
    const lacking = (needed.get(symbol) ?? 0n) - (gained.get(symbol) ?? 0n);
    return {
      ...{ asset: symbol, precision, available: available.toString() },
      needed: (lacking > 0n ? lacking : 0n).toString(),
    };
  });
}

function sumBySymbol(amounts: readonly Amount[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { symbol, units } of amounts) sums.set(symbol, (sums.get(symbol) ?? 0n) + units);
  return sums;
}
