import { SequenceRandom } from "../../../shared/workload/sequence-random.ts";

/** What was offered and what blocks took in of it, both per second. */
export interface Load {
  readonly offered: number;
  readonly carried: number;
}

/**
 * The universal scalability law X(N) = λN / (1 + σ(N − 1) + κN(N − 1)). Load comes from outside here and no number of
 * users is set, so N is the offered rate as a multiple of `unitPerSecond`, the lowest one that was measured.
 */
export interface ScalabilityLaw {
  readonly unitPerSecond: number;
  /** Carried per second at one unit. */
  readonly lambda: number;
  /** Contention, not below 0. */
  readonly sigma: number;
  /** Cost of keeping nodes in agreement, not below 0. */
  readonly kappa: number;
}

export interface ScalabilityFit {
  readonly law: ScalabilityLaw;
  /** Root mean square of how far the law is from the points, as a share of what they carried. */
  readonly relativeError: number;
  /** Offered rate at which the straight line of light load reaches the most that the law ever carries; null: never. */
  readonly kneePerSecond: Estimate | null;
  /** The law where it was measured, and up to `forecastReach` times as far. */
  readonly curve: readonly ForecastPoint[];
}

/** With the range in which 90 % of the refits to points drawn anew from the measured ones lie. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface ForecastPoint {
  readonly offered: number;
  readonly carried: Estimate;
  readonly beyondMeasured: boolean;
}

/** One more than there are parameters, or the law would go through the points whatever they are. */
const leastRates = 4;
const refits = 400;
const forecastReach = 2;
const curveSteps = 40;

/** Null where there are too few rates for a law with three parameters. */
export function fitScalability(loads: readonly Load[], seed: number): ScalabilityFit | null {
  const usable = loads.filter(({ offered, carried }) => offered > 0 && carried > 0);
  if (distinctRates(usable) < leastRates) return null;
  const law = leastSquares(usable);
  if (law === null) return null;
  const others = resampled(usable, seed);
  const largest = Math.max(...usable.map(({ offered }) => offered));
  const { unitPerSecond } = law;
  const curve = Array.from({ length: curveSteps + 1 }, (_, i) => {
    const offered = unitPerSecond + ((largest * forecastReach - unitPerSecond) * i) / curveSteps;
    return {
      offered,
      carried: estimate(
        carriedAt(law, offered),
        others.map((other) => carriedAt(other, offered)),
      ),
      beyondMeasured: offered > largest,
    };
  });
  const knee = kneeOf(law);
  return {
    law,
    relativeError: errorOf(law, usable),
    kneePerSecond:
      knee === null
        ? null
        : estimate(
            knee,
            others.map(kneeOf).filter((other) => other !== null),
          ),
    curve,
  };
}

export function carriedAt({ unitPerSecond, lambda, sigma, kappa }: ScalabilityLaw, offered: number): number {
  const n = offered / unitPerSecond;
  return (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

function kneeOf({ unitPerSecond, lambda, sigma, kappa }: ScalabilityLaw): number | null {
  const law = { unitPerSecond: 1, lambda, sigma, kappa };
  if (kappa > 0 && sigma < 1) return (unitPerSecond * carriedAt(law, Math.sqrt((1 - sigma) / kappa))) / lambda;
  return sigma > 0 ? unitPerSecond / sigma : null;
}

/**
 * N/X = a + b(N − 1) + cN(N − 1) is linear in a = 1/λ, b = σ/λ and c = κ/λ. Each equation is multiplied by X/N, so that
 * errors are shares of what was carried. Where the best fit has a negative σ or κ, the best one without it is taken.
 */
function leastSquares(loads: readonly Load[]): ScalabilityLaw | null {
  const unitPerSecond = Math.min(...loads.map(({ offered }) => offered));
  let best: ScalabilityLaw | null = null;
  for (const columns of [[0, 1, 2], [0, 1], [0, 2], [0]]) {
    const rows = loads.map(({ offered, carried }) => {
      const n = offered / unitPerSecond;
      const all = [1, n - 1, n * (n - 1)];
      return columns.map((column) => ((all[column] as number) * carried) / n);
    });
    const solved = solveNormalEquations(rows);
    if (solved === null) continue;
    const [a = 0, b = 0, c = 0] = [0, 1, 2].map((column) => solved[columns.indexOf(column)] ?? 0);
    if (a <= 0 || b < 0 || c < 0) continue;
    const law = { unitPerSecond, lambda: 1 / a, sigma: b / a, kappa: c / a };
    if (best === null || errorOf(law, loads) < errorOf(best, loads)) best = law;
  }
  return best;
}

/** x that makes each row · x nearest to 1; null where rows do not determine it. */
function solveNormalEquations(rows: readonly (readonly number[])[]): number[] | null {
  const size = rows[0]?.length ?? 0;
  const at = (row: readonly number[], i: number): number => row[i] ?? 0;
  const matrix = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_unused, j) => rows.reduce((sum, row) => sum + at(row, i) * at(row, j), 0)),
    rows.reduce((sum, row) => sum + at(row, i), 0),
  ]);
  for (let i = 0; i < size; i++) {
    const pivot = matrix[i] as number[];
    const divisor = at(pivot, i);
    if (!(Math.abs(divisor) > 1e-12)) return null;
    for (let j = i; j <= size; j++) pivot[j] = at(pivot, j) / divisor;
    for (const [k, row] of matrix.entries()) {
      if (k === i) continue;
      const factor = at(row, i);
      for (let j = i; j <= size; j++) row[j] = at(row, j) - factor * at(pivot, j);
    }
  }
  return matrix.map((row) => at(row, size));
}

function errorOf(law: ScalabilityLaw, loads: readonly Load[]): number {
  const squares = loads.map(({ offered, carried }) => (carriedAt(law, offered) / carried - 1) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / loads.length);
}

function resampled(loads: readonly Load[], seed: number): ScalabilityLaw[] {
  const random = new SequenceRandom();
  const laws: ScalabilityLaw[] = [];
  for (let i = 0; i < refits; i++) {
    random.reset(seed, i);
    const drawn = loads.map(() => loads[Math.floor(random.nextFraction() * loads.length)] as Load);
    const law = distinctRates(drawn) < leastRates - 1 ? null : leastSquares(drawn);
    if (law !== null) laws.push(law);
  }
  return laws;
}

function estimate(value: number, others: readonly number[]): Estimate {
  const sorted = [...others, value].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] as number;
  return { value, low: Math.min(value, at(0.05)), high: Math.max(value, at(0.95)) };
}

function distinctRates(loads: readonly Load[]): number {
  return new Set(loads.map(({ offered }) => offered)).size;
}
