import type { Survey } from "../../provisioning.ts";
import { summariseStages } from "../../surveying/summarise-stages.ts";
import type { Scene } from "./scene.ts";
import type { Stage } from "./step.ts";

/** The stages that have steps, with what they cost. */
export function toSurvey(scene: Scene, stages: readonly Stage[], notes: readonly string[]): Omit<Survey, "outlook"> {
  const { core, funder, tokens, broadcastCall } = scene;
  const priced = stages.map(({ name, steps }) => ({
    name,
    steps: steps.map(({ sender, spends, gains = [] }) => ({ byFunder: sender === funder, fee: 0n, spends, gains })),
  }));
  const assets = tokens.map(({ symbol, precision }) => ({
    ...{ symbol, precision },
    available: funder.balances.get(symbol) ?? 0n,
  }));
  return {
    ...summariseStages(priced, { core: core.symbol, assets }),
    notes,
    steps: stages.find(({ steps }) => steps.length > 0)?.steps ?? [],
    data: { broadcastCall },
  };
}
