import type { Survey } from "../../provisioning.ts";
import { summariseStages } from "../../surveying/summarise-stages.ts";
import { assetPrecision } from "../named-operations.ts";
import type { Scene } from "./scene.ts";
import type { Stage } from "./step.ts";

/** The stages that have steps, with what they cost. */
export function toSurvey(scene: Scene, stages: readonly Stage[], notes: readonly string[]): Omit<Survey, "outlook"> {
  const { core, funder, assets } = scene;
  const priced = stages.map(({ name, steps }) => ({
    name,
    steps: steps.map(({ sender, fee, spends }) => ({ byFunder: sender === funder, fee, spends, gains: [] })),
  }));
  const others = [...assets].map(([symbol, asset]) => ({ symbol, precision: asset?.precision ?? assetPrecision }));
  const purse = [{ symbol: core.symbol, precision: core.precision }, ...others].map((asset) => ({
    ...asset,
    available: funder.balances.get(asset.symbol) ?? 0n,
  }));
  return {
    ...summariseStages(priced, { core: core.symbol, assets: purse }),
    notes,
    steps: stages.find(({ steps }) => steps.length > 0)?.steps ?? [],
    // Broadcasters of this chain need to know nothing.
    data: null,
  };
}
