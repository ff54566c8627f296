import type { CostLine, FundsLine, Survey } from "../../provisioning.ts";
import { assetPrecision } from "../named-operations.ts";
import type { Scene } from "./scene.ts";
import type { Amount, Stage, Step } from "./step.ts";

/** The stages that have steps, with what they cost. */
export function toSurvey(scene: Scene, stages: readonly Stage[], notes: readonly string[]): Survey {
  const open = stages.filter(({ steps }) => steps.length > 0);
  return {
    stages: open.map(({ name, steps }) => ({ name, steps: steps.length })),
    costs: open.flatMap((stage) => costsOf(scene, stage)),
    funds: fundsOf(scene, open),
    notes,
    steps: open[0]?.steps ?? [],
    // Broadcasters of this chain need to know nothing.
    data: null,
  };
}

function costsOf({ core, funder, assets }: Scene, { name, steps }: Stage): CostLine[] {
  const precisionOf = (symbol: string): number =>
    symbol === core.symbol ? core.precision : (assets.get(symbol)?.precision ?? assetPrecision);
  return (["funder", "accounts"] as const).flatMap((payer) => {
    const own = steps.filter(({ sender }) => (sender === funder) === (payer === "funder"));
    if (own.length === 0) return [];
    const spent = sumBySymbol(own.flatMap(({ spends }) => spends));
    const fees = own.reduce((sum, { fee }) => sum + fee, 0n);
    const line = (what: string, symbol: string, amount: bigint): CostLine[] =>
      amount === 0n
        ? []
        : [
            {
              what,
              count: own.length,
              amount: amount.toString(),
              asset: symbol,
              precision: precisionOf(symbol),
              payer,
            },
          ];
    return [
      ...[...spent].flatMap(([symbol, units]) => line(name, symbol, units)),
      ...line(spent.size === 0 ? name : `fees to ${name}`, core.symbol, fees),
    ];
  });
}

function fundsOf({ core, funder, assets }: Scene, stages: readonly Stage[]): FundsLine[] {
  const own = stages.flatMap(({ steps }) => steps).filter(({ sender }) => sender === funder);
  // The core asset and all others it could pay with, also where it need not: what is there before and after tells what was paid.
  const nothing = [core.symbol, ...assets.keys()].map((symbol) => ({ symbol, units: 0n }));
  const needed = sumBySymbol([...nothing, ...own.flatMap((step) => amountsOf(step, core.symbol))]);
  return [...needed].map(([symbol, units]) => ({
    asset: symbol,
    precision: symbol === core.symbol ? core.precision : (assets.get(symbol)?.precision ?? assetPrecision),
    needed: units.toString(),
    available: (funder.balances.get(symbol) ?? 0n).toString(),
  }));
}

function amountsOf({ fee, spends }: Step, coreSymbol: string): Amount[] {
  return [{ symbol: coreSymbol, units: fee }, ...spends];
}

function sumBySymbol(amounts: readonly Amount[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { symbol, units } of amounts) sums.set(symbol, (sums.get(symbol) ?? 0n) + units);
  return sums;
}
