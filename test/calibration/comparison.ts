/** One quantity whose truth is known, and what the instrument made of it. */
export interface Comparison {
  readonly quantity: string;
  readonly unit: Unit;
  readonly truth: number | string;
  readonly measured: number | string;
  /** Where the measured value may lie, and why just there. */
  readonly tolerance: string;
  readonly ok: boolean;
  /** Holds on every machine, however late: no disturbance excuses it. */
  readonly unconditional?: true;
}

export type Unit = "ms" | "tx" | "tx/s" | "share" | "ppm" | "";

interface Named {
  readonly quantity: string;
  readonly unit: Unit;
}

export function same(quantity: string, truth: number | string, measured: number | string, unit: Unit = ""): Comparison {
  return { quantity, unit, truth, measured, tolerance: "exact", ok: truth === measured };
}

/** What no disturbance excuses. */
export function always(comparison: Comparison): Comparison {
  return { ...comparison, unconditional: true };
}

/** Counts that were taken twice, by the beacons and from the blocks, are the same on the slowest machine. */
export function accountsAddUp(...holds: readonly boolean[]): Comparison {
  return always(same("accounts add up", "true", String(holds.every(Boolean))));
}

export function near(
  { quantity, unit }: Named,
  truth: number,
  measured: number,
  tolerance: { readonly within: number; readonly because: string },
): Comparison {
  return {
    quantity,
    unit,
    truth,
    measured,
    tolerance: `±${toText(tolerance.within)} (${tolerance.because})`,
    ok: Math.abs(measured - truth) <= tolerance.within,
  };
}

export function between(
  { quantity, unit }: Named,
  truth: number | string,
  measured: number,
  range: { readonly lowest: number; readonly highest: number; readonly because: string },
): Comparison {
  const { lowest, highest, because } = range;
  const bounds =
    highest === Number.POSITIVE_INFINITY ? `≥ ${toText(lowest)}` : `${toText(lowest)} … ${toText(highest)}`;
  return {
    quantity,
    unit,
    truth,
    measured,
    tolerance: `${bounds} (${because})`,
    ok: measured >= lowest && measured <= highest,
  };
}

/** Three digits after the point at most: no figure here is known better. */
export function toText(value: number | string): string {
  if (typeof value === "string") return value;
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(3)));
}

/**
 * A control: what a wrong instrument would have measured in the same run must not agree with the truth, or the comparison
 * could not have failed.
 */
export function refuted(wrongInstrument: string, comparison: Comparison): Comparison {
  const { quantity, tolerance, ok } = comparison;
  return {
    ...comparison,
    quantity: `control: ${quantity}, ${wrongInstrument}`,
    tolerance: `must be outside ${tolerance}`,
    ok: !ok,
  };
}
