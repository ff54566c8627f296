import type { RateSegment } from "./scenario.ts";

/**
 * When the transactions of a paced phase are due. Transaction i is due when the integral of the rate passes i, counted
 * from the phase's start: at 50 tx/s the transactions are due at 0, 20, 40 … ms. The instant follows from i alone, so
 * nothing adds up over a long run. While the rate is zero nothing is due.
 */
export interface DueCursor {
  /** How many transactions are due in the phase: those with numbers 0 … `transactions` − 1. */
  readonly transactions: number;
  readonly durationMicros: number;
  /**
   * Microseconds from the phase's start at which its transaction `index` is due, fractional and always within the
   * phase. Any order of calls is allowed; ascending order needs no search.
   */
  dueOffsetMicros(index: number): number;
  /** `target[k]` becomes the due offset of transaction `first + k × step`, for as many as `target` holds. */
  fill(target: Float64Array, first: number, step?: number): void;
}

export function createDueCursor(segments: readonly RateSegment[]): DueCursor {
  return new SegmentedCursor(compile(segments));
}

/** For single look-ups; keep a cursor where there are many. */
export function dueOffsetMicros(segments: readonly RateSegment[], index: number): number {
  return createDueCursor(segments).dueOffsetMicros(index);
}

/**
 * How many transactions are due before the segments are over. Exact for rates written in decimal: 0.1 tx/s for 30 s are
 * three transactions, although 0.1 × 30 is a little more than 3 in floating point.
 */
export function transactionsIn(segments: readonly RateSegment[]): number {
  let integral = zero;
  for (const segment of segments) integral = add(integral, integralOf(segment));
  return ceiling(integral);
}

export function durationMicrosOf(segments: readonly RateSegment[]): number {
  return segments.reduce((sum, segment) => sum + segment.durationMicros, 0);
}

/** The offered rate at an instant of the phase, per second; 0 after its end. */
export function ratePerSecondAt(segments: readonly RateSegment[], offsetMicros: number): number {
  let start = 0;
  for (const segment of segments) {
    const into = offsetMicros - start;
    if (into < segment.durationMicros) {
      const { fromPerSecond: from, toPerSecond: to } = segment;
      return from + (to - from) * (into / segment.durationMicros);
    }
    start += segment.durationMicros;
  }
  return 0;
}

interface CompiledSegment {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly durationSeconds: number;
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
  /** The integral of the rate up to the segment's start and end. */
  readonly startCount: number;
  readonly endCount: number;
  /** Transactions `firstIndex` … `endIndex` − 1 are due in it. */
  readonly firstIndex: number;
  readonly endIndex: number;
}

function compile(segments: readonly RateSegment[]): CompiledSegment[] {
  const compiled: CompiledSegment[] = [];
  let integral = zero;
  let startMicros = 0;
  for (const segment of segments) {
    const end = add(integral, integralOf(segment));
    const endMicros = startMicros + segment.durationMicros;
    compiled.push({
      startMicros,
      endMicros,
      durationSeconds: segment.durationMicros / 1e6,
      fromPerSecond: segment.fromPerSecond,
      toPerSecond: segment.toPerSecond,
      startCount: toNumber(integral),
      endCount: toNumber(end),
      firstIndex: ceiling(integral),
      endIndex: ceiling(end),
    });
    integral = end;
    startMicros = endMicros;
  }
  return compiled;
}

/** The inverse of a profile's integral, also between whole transactions. */
export class ProfileInverse {
  /** The integral of the rate over the whole profile. */
  readonly expected: number;
  readonly durationMicros: number;
  readonly #segments: readonly CompiledSegment[];
  #at = 0;

  constructor(segments: readonly RateSegment[]) {
    this.#segments = compile(segments);
    const last = this.#segments.at(-1);
    this.expected = last?.endCount ?? 0;
    this.durationMicros = last?.endMicros ?? 0;
  }

  /**
   * Microseconds from the start at which the integral is `count`, from 0 up to but not including `expected`. Never in a
   * pause. Any order of calls is allowed; ascending order needs no search.
   */
  offsetMicros(count: number): number {
    let segment = this.#segments[this.#at] as CompiledSegment;
    while (count >= segment.endCount) segment = this.#segments[++this.#at] as CompiledSegment;
    while (count < segment.startCount) segment = this.#segments[--this.#at] as CompiledSegment;
    return offsetIn(segment, count);
  }
}

class SegmentedCursor implements DueCursor {
  readonly transactions: number;
  readonly durationMicros: number;
  readonly #segments: readonly CompiledSegment[];
  #at = 0;

  constructor(segments: readonly CompiledSegment[]) {
    this.#segments = segments;
    this.transactions = segments.at(-1)?.endIndex ?? 0;
    this.durationMicros = segments.at(-1)?.endMicros ?? 0;
  }

  dueOffsetMicros(index: number): number {
    if (!(index >= 0 && index < this.transactions)) {
      throw new RangeError(`transaction ${index} is not among the ${this.transactions} of the phase`);
    }
    let segment = this.#segments[this.#at] as CompiledSegment;
    while (index >= segment.endIndex) segment = this.#segments[++this.#at] as CompiledSegment;
    while (index < segment.firstIndex) segment = this.#segments[--this.#at] as CompiledSegment;
    return offsetIn(segment, index);
  }

  fill(target: Float64Array, first: number, step = 1): void {
    for (let k = 0; k < target.length; k++) target[k] = this.dueOffsetMicros(first + k * step);
  }
}

function offsetIn(segment: CompiledSegment, index: number): number {
  const { startMicros, endMicros, durationSeconds, fromPerSecond, toPerSecond } = segment;
  // From the slower end, so that every term under the root is positive and nothing cancels: a ramp down to zero would
  // otherwise lose half of the digits towards its end.
  const offset =
    toPerSecond >= fromPerSecond
      ? startMicros + 1e6 * timeOf(index - segment.startCount, fromPerSecond, toPerSecond, durationSeconds)
      : endMicros - 1e6 * timeOf(segment.endCount - index, toPerSecond, fromPerSecond, durationSeconds);
  if (offset < startMicros) return startMicros;
  // Rounding must not push the last transaction of a segment out of it: this is the next double but one below.
  return offset < endMicros ? offset : endMicros - endMicros * 2 ** -52;
}

/**
 * Seconds until `count` have come when the rate rises from `slow` to `fast` within `duration`: the positive root of
 * slow·t + (fast − slow)/(2·duration)·t² = count, in the form that divides by a sum ("citardauq").
 */
function timeOf(count: number, slow: number, fast: number, duration: number): number {
  if (count <= 0) return 0;
  return (2 * count) / (slow + Math.sqrt(slow * slow + (2 * (fast - slow) * count) / duration));
}

/** `numerator` / 10^`scale`. */
interface Decimal {
  readonly numerator: bigint;
  readonly scale: number;
}

const zero: Decimal = { numerator: 0n, scale: 0 };

/** (from + to) / 2 × duration, exactly: × 5 / 10 instead of / 2, and 10⁻⁶ for the microseconds. */
function integralOf(segment: RateSegment): Decimal {
  const rates = add(toDecimal(segment.fromPerSecond), toDecimal(segment.toPerSecond));
  const duration = toDecimal(segment.durationMicros);
  return { numerator: rates.numerator * duration.numerator * 5n, scale: rates.scale + duration.scale + 7 };
}

/** The shortest decimal that stands for this double: what was written in the scenario. */
function toDecimal(value: number): Decimal {
  const [mantissa, exponent = "0"] = value.toString().split("e") as [string, string?];
  const [whole, fraction = ""] = mantissa.split(".") as [string, string?];
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return scale >= 0 ? { numerator: digits, scale } : { numerator: digits * 10n ** BigInt(-scale), scale: 0 };
}

function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { numerator: raised(a, scale) + raised(b, scale), scale };
}

function raised(value: Decimal, scale: number): bigint {
  return value.numerator * 10n ** BigInt(scale - value.scale);
}

function ceiling(value: Decimal): number {
  const one = 10n ** BigInt(value.scale);
  return Number((value.numerator + one - 1n) / one);
}

function toNumber(value: Decimal): number {
  const one = 10n ** BigInt(value.scale);
  const whole = value.numerator / one;
  // Apart, because the numerator alone may be beyond what a double holds exactly.
  return Number(whole) + Number(value.numerator - whole * one) / Number(one);
}
