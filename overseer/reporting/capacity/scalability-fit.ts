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
  /** Carried per second at one unit, not above that unit: no network carries more than it is offered. */
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
  const unitPerSecond = Math.min(...usable.map(({ offered }) => offered));
  const law = leastSquares(usable, unitPerSecond);
  if (law === null) return null;
  const others = resampled(usable, unitPerSecond, seed);
  const largest = Math.max(...usable.map(({ offered }) => offered));
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

/** Of a, b and c those that are fitted; of the others b and c are 0, and a is as little as it can be. */
const fittedColumns = [[0, 1, 2], [0, 1], [0, 2], [0], [1, 2], [1], [2], []];

/**
 * N/X = a + b(N − 1) + cN(N − 1) is linear in a = 1/λ, b = σ/λ and c = κ/λ. Each equation is multiplied by X/N, so that
 * errors are shares of what was carried. Where the best fit has a negative σ or κ, or a λ that carries more than is
 * offered, the best one without that is taken.
 */
function leastSquares(loads: readonly Load[], unitPerSecond: number): ScalabilityLaw | null {
  const least = 1 / unitPerSecond;
  let best: ScalabilityLaw | null = null;
  for (const columns of fittedColumns) {
    const isFitted = columns.includes(0);
    const equations = loads.map(({ offered, carried }): Equation => {
      const n = offered / unitPerSecond;
      const all = [1, n - 1, n * (n - 1)].map((factor) => (factor * carried) / n);
      return {
        row: columns.map((column) => all[column] as number),
        value: isFitted ? 1 : 1 - least * (all[0] as number),
      };
    });
    const solved = solveNormalEquations(equations);
    if (solved === null) continue;
    const [a = 0, b = 0, c = 0] = [isFitted ? 0 : least, 0, 0].map(
      (otherwise, column) => solved[columns.indexOf(column)] ?? otherwise,
    );
    if (a < least || b < 0 || c < 0) continue;
    const law = { unitPerSecond, lambda: 1 / a, sigma: b / a, kappa: c / a };
    if (best === null || errorOf(law, loads) < errorOf(best, loads)) best = law;
  }
  return best;
}

interface Equation {
  readonly row: readonly number[];
  readonly value: number;
}

/** x that makes each row · x nearest to its value; null where rows do not determine it. */
function solveNormalEquations(equations: readonly Equation[]): number[] | null {
  const size = equations[0]?.row.length ?? 0;
  const at = (row: readonly number[], i: number): number => row[i] ?? 0;
  const matrix = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_unused, j) =>
      equations.reduce((sum, { row }) => sum + at(row, i) * at(row, j), 0),
    ),
    equations.reduce((sum, { row, value }) => sum + at(row, i) * value, 0),
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

/** In the unit of all points, that of the lowest: below its unit a law carries more than it is offered. */
function resampled(loads: readonly Load[], unitPerSecond: number, seed: number): ScalabilityLaw[] {
  const random = new SequenceRandom();
  const laws: ScalabilityLaw[] = [];
  for (let i = 0; i < refits; i++) {
    random.reset(seed, i);
    const drawn = loads.map(() => loads[Math.floor(random.nextFraction() * loads.length)] as Load);
    const law = distinctRates(drawn) < leastRates - 1 ? null : leastSquares(drawn, unitPerSecond);
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
