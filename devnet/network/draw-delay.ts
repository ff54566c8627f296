import type { Delay } from "../../shared/devnet/config.ts";
import type { Random } from "./random.ts";

export function drawDelayMs(delay: Delay, random: Random): number {
  switch (delay.kind) {
    case "fixed":
      return delay.ms;
    case "points":
      return drawPoint(delay.ms, delay.weights, random);
    case "log-normal":
      return delay.medianMs * Math.exp(delay.sigma * drawNormal(random));
  }
}

function drawPoint(ms: readonly number[], weights: readonly number[], random: Random): number {
  const total = weights.slice(0, ms.length).reduce((sum, weight) => sum + weight, 0);
  let rest = random() * total;
  for (const [index, value] of ms.entries()) {
    rest -= weights[index] ?? 0;
    if (rest < 0) return value;
  }
  return ms.at(-1)!;
}

/** Box and Muller; one minus the draw keeps the logarithm finite. */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
