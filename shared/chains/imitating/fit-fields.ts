import type { TrafficOperation, TrafficValue } from "../traffic.ts";

type Template = Readonly<Record<string, unknown>>;

/** Beyond this the rarer ones are left to the common ones. */
const mostChoices = 8;
/** Beginning and end of what is taken for the range of amounts: a few outliers must not stretch it. */
const amountQuantiles = [0.05, 0.95] as const;
const amountPattern = /^(-?\d+)(?:\.(\d+))? (\S+)$/;
const largestAmountUnits = Number.MAX_SAFE_INTEGER;

/**
 * A template of the fields that examples of one kind have: what is the same in all of them stays, what varies becomes a
 * placeholder with the range or the values that were seen. `foreign` names what exists on their network only, which
 * no template can say; the template then means nothing.
 */
export function fitFields(samples: readonly TrafficOperation[]): {
  readonly template: Template;
  readonly foreign: readonly string[];
} {
  const foreign = new Set<string>();
  const records = samples.map(({ fields }) => fields).filter(isRecord);
  const [common = []] = groupsBy(records, (record) => Object.keys(record).sort().join(" "));
  const template = Object.fromEntries(
    Object.keys(common[0] ?? {}).map((key) => [
      key,
      fitValues(
        common.map((record) => record[key] as TrafficValue),
        foreign,
      ),
    ]),
  );
  return { template, foreign: [...foreign].sort() };
}

/**
 * Another value for every operation in the first place of a template that can take one: free text, or enough random
 * data. Null where there is none.
 */
export function withCounter(template: Template): Template | null {
  for (const [key, value] of Object.entries(template)) {
    const tag = tagOf(value);
    if (tag === "$text" || tag === "$hex")
      return { ...template, [key]: { $counter: tag === "$text" ? "text" : "hex" } };
    if (isRecord(value) && tag === null) {
      const inner = withCounter(value);
      if (inner !== null) return { ...template, [key]: inner };
    }
  }
  return null;
}

function fitValues(values: readonly TrafficValue[], foreign: Set<string>): unknown {
  const groups = groupsBy(values, shapeOf);
  const options = groups.slice(0, mostChoices).map((group) => fitAlike(group, foreign));
  return options.length === 1 ? options[0] : { $choice: options };
}

/** Values of the same shape: equal tags, lists as long as each other, records with the same fields. */
function fitAlike(values: readonly TrafficValue[], foreign: Set<string>): unknown {
  const [first] = values as [TrafficValue];
  if (Array.isArray(first)) {
    return first.map((_, i) =>
      fitValues(
        values.map((value) => (value as readonly TrafficValue[])[i] as TrafficValue),
        foreign,
      ),
    );
  }
  if (typeof first === "number") return fitNumbers(values as readonly number[]);
  if (!isRecord(first)) return fitConstants(values);
  const tag = tagOf(first);
  if (tag === null) {
    return Object.fromEntries(
      Object.keys(first).map((key) => [
        key,
        fitValues(
          values.map((value) => (value as Record<string, TrafficValue>)[key] as TrafficValue),
          foreign,
        ),
      ]),
    );
  }
  const tagged = values.map((value) => (value as Record<string, TrafficValue>)[tag] as TrafficValue);
  return fitTagged(tag, tagged, foreign);
}

function fitTagged(tag: string, values: readonly TrafficValue[], foreign: Set<string>): unknown {
  switch (tag) {
    case "$account":
      if (values.every((position) => position === 0)) return { $account: "sender" };
      return { $account: values.includes(0) ? "any" : "other" };
    case "$amount":
      return fitAmounts(values as readonly string[]);
    case "$text":
    case "$hex":
      return fitLengths(tag, values as readonly number[]);
    case "$time":
      return { $time: `+${Math.max(1, Math.round(quantile(sorted(values as readonly number[]), 0.5)))}s` };
    default:
      for (const value of values) foreign.add(String(value));
      return null;
  }
}

function fitNumbers(values: readonly number[]): unknown {
  const ascending = sorted(values);
  const [least, most] = [ascending[0] as number, ascending.at(-1) as number];
  if (least === most) return least;
  if (ascending.every(Number.isSafeInteger)) return { $integer: [least, most] };
  return fitConstants(values);
}

function fitConstants(values: readonly TrafficValue[]): unknown {
  const groups = groupsBy(values, (value) => JSON.stringify(value)).slice(0, mostChoices);
  return groups.length === 1 ? groups[0]?.[0] : { $choice: groups.map(([value]) => value) };
}

/** Amounts of the asset that is the most common one: an operation has the others as often as this one. */
function fitAmounts(texts: readonly string[]): unknown {
  const [common = []] = groupsBy(texts, (text) => amountPattern.exec(text)?.[3] ?? "");
  const [, , fraction = "", symbol] = amountPattern.exec(common[0] ?? "") ?? [];
  const units = sorted(common.map((text) => Math.min(largestAmountUnits, Math.max(0, unitsOf(text)))));
  const [least, most] = amountQuantiles.map((at) => decimalOf(Math.round(quantile(units, at)), fraction.length));
  return { $asset: least === most ? `${least} ${symbol}` : `${least}..${most} ${symbol}` };
}

function fitLengths(tag: "$text" | "$hex", lengths: readonly number[]): unknown {
  const ascending = sorted(lengths);
  const levels = new Set([0.1, 0.3, 0.5, 0.7, 0.9].map((at) => Math.round(quantile(ascending, at))));
  // Nothing is no length that a placeholder can have.
  const options = [...levels].map((length) => (length === 0 ? "" : { [tag]: length }));
  return options.length === 1 ? options[0] : { $choice: options };
}

function unitsOf(text: string): number {
  const [, whole = "0", fraction = ""] = amountPattern.exec(text) ?? [];
  return Number(whole + fraction);
}

function decimalOf(units: number, digits: number): string {
  if (digits === 0) return String(units);
  const text = String(units).padStart(digits + 1, "0");
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** The largest group first. */
function groupsBy<T>(values: readonly T[], keyOf: (value: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

function shapeOf(value: TrafficValue): string {
  if (Array.isArray(value)) return `list ${value.length}`;
  if (!isRecord(value)) return value === null ? "null" : typeof value;
  return tagOf(value) ?? Object.keys(value).sort().join(" ");
}

function tagOf(value: unknown): string | null {
  if (!isRecord(value)) return null;
  const [key, ...more] = Object.keys(value);
  return key?.startsWith("$") && more.length === 0 ? key : null;
}

function isRecord<T>(value: T): value is T & Readonly<Record<string, TrafficValue>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.round(share * (ascending.length - 1))] ?? 0;
}
