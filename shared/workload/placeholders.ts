import { type AmountRange, decimalsOf, parseAmountRange, parseSeconds } from "./amount.ts";
import { toLetters } from "./letters.ts";
import type { SequenceRandom } from "./sequence-random.ts";

/**
 * Templates of operations: JSON in which an object with one key that starts with `$` stands for a value that is drawn
 * anew for each use.
 *
 *     {$account: any | sender | other}     an account of the run; `sender` is the one that pays and signs
 *     {$integer: [1, 100]}                 both ends included
 *     {$decimal: [0.5, 2], digits: 3}      as text; `digits` defaults to those of the bounds
 *     {$asset: "1..5 BTS"}                 an amount in the chain's own form
 *     {$choice: [a, b, …]}                 one of them; they may hold placeholders
 *     {$counter: number | text | hex | letters | capitals}
 *                                          another value for every operation of the run; with `prefix`, `start`
 *     {$text: 12}                          lower-case letters and digits
 *     {$hex: 8}                            that many bytes
 *     {$time: "+1h"}                       after the transaction's own expiration
 */
export type TemplateNode =
  | { readonly kind: "constant"; readonly value: unknown }
  | { readonly kind: "list"; readonly items: readonly TemplateNode[] }
  | { readonly kind: "object"; readonly fields: readonly (readonly [string, TemplateNode])[] }
  | { readonly kind: "account"; readonly which: AccountRole }
  | { readonly kind: "integer"; readonly minimum: number; readonly maximum: number }
  | { readonly kind: "decimal"; readonly minimum: number; readonly maximum: number; readonly digits: number }
  | { readonly kind: "asset"; readonly range: AmountRange }
  | { readonly kind: "choice"; readonly options: readonly TemplateNode[] }
  | CounterNode
  | { readonly kind: "text"; readonly length: number }
  | { readonly kind: "hex"; readonly bytes: number }
  | { readonly kind: "time"; readonly seconds: number };

export type AccountRole = "any" | "sender" | "other";

/** `letters`: at least eight of a to z, as names of accounts want them; `capitals`: of A to Z, as symbols of assets do. */
type CounterForm = "number" | "text" | "hex" | "letters" | "capitals";
const counterForms: readonly unknown[] = ["number", "text", "hex", "letters", "capitals"] satisfies CounterForm[];

interface CounterNode {
  readonly kind: "counter";
  readonly form: CounterForm;
  readonly prefix: string;
  readonly start: number;
}

interface TemplateProblem {
  /** Path inside the template, such as `memo.message`; empty for the template itself. */
  readonly path: string;
  readonly value?: string;
  readonly expected: string;
}

export interface ParsedTemplate {
  readonly node: TemplateNode;
  readonly problems: readonly TemplateProblem[];
  /** Whether every use differs from every other because of what is always part of it. */
  readonly counts: boolean;
  /** Symbols of the assets it names. */
  readonly symbols: readonly string[];
}

/** What placeholders are made of. The chain decides how accounts, amounts and instants look. */
export interface TemplateScope {
  readonly random: SequenceRandom;
  /** Unique among all operations of the run. */
  readonly counter: number;
  readonly expirationSeconds: number;
  account(which: AccountRole): unknown;
  asset(range: AmountRange): unknown;
  time(seconds: number): unknown;
}

export function parseTemplate(template: unknown): ParsedTemplate {
  const problems: TemplateProblem[] = [];
  const node = parseNode(template, "", problems);
  const symbols = new Set<string>();
  collectSymbols(node, symbols);
  return { node, problems, counts: countsAlways(node), symbols: [...symbols] };
}

export function renderTemplate(node: TemplateNode, scope: TemplateScope): unknown {
  const { random } = scope;
  switch (node.kind) {
    case "constant":
      return node.value;
    case "list":
      return node.items.map((item) => renderTemplate(item, scope));
    case "object":
      return Object.fromEntries(node.fields.map(([key, value]) => [key, renderTemplate(value, scope)]));
    case "account":
      return scope.account(node.which);
    case "integer":
      return node.minimum + random.nextBelow(node.maximum - node.minimum + 1);
    case "decimal":
      return decimalText(node.minimum + random.nextBelow(node.maximum - node.minimum + 1), node.digits);
    case "asset":
      return scope.asset(node.range);
    case "choice":
      return renderTemplate(node.options[random.nextBelow(node.options.length)] as TemplateNode, scope);
    case "counter":
      return counterValue(node, scope.counter + node.start);
    case "text":
      return drawText(random, node.length, "abcdefghijklmnopqrstuvwxyz0123456789");
    case "hex":
      return drawHex(random, node.bytes);
    case "time":
      return scope.time(scope.expirationSeconds + node.seconds);
  }
}

function counterValue(node: CounterNode, value: number): unknown {
  switch (node.form) {
    case "number":
      return value;
    case "text":
      return node.prefix + String(value);
    case "hex":
      return node.prefix + value.toString(16).padStart(16, "0");
    case "letters":
      return node.prefix + toLetters(value, 8);
    case "capitals":
      return node.prefix + toLetters(value, 8).toUpperCase();
  }
}

function decimalText(units: number, digits: number): string {
  if (digits === 0) return String(units);
  const text = String(units).padStart(digits + 1, "0");
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function drawText(random: SequenceRandom, length: number, alphabet: string): string {
  let text = "";
  for (let i = 0; i < length; i++) text += alphabet[random.nextBelow(alphabet.length)];
  return text;
}

function drawHex(random: SequenceRandom, bytes: number): string {
  let text = "";
  for (let i = 0; i < bytes; i += 4) text += random.nextWord().toString(16).padStart(8, "0");
  return text.slice(0, bytes * 2);
}

type Options = Readonly<Record<string, unknown>>;
/** Gives the node, or what was expected instead. */
type PlaceholderParser = (value: unknown, options: Options, path: string, problems: TemplateProblem[]) => Parsed;
type Parsed = TemplateNode | string;

const optionNames: Readonly<Record<string, readonly string[]>> = {
  $decimal: ["digits"],
  $counter: ["prefix", "start"],
};

const parsers: Readonly<Record<string, PlaceholderParser>> = {
  $account: (value) =>
    value === "any" || value === "sender" || value === "other"
      ? { kind: "account", which: value }
      : "any, sender or other",
  $integer: (value) => {
    const pair = numberPair(value);
    if (!pair?.every(Number.isSafeInteger)) return "two whole numbers, the lower one first, such as [1, 100]";
    return { kind: "integer", minimum: pair[0], maximum: pair[1] };
  },
  $decimal: parseDecimal,
  $asset: (value) => {
    const range = parseAmountRange(value);
    return range?.symbol == null ? 'an amount with its asset, such as "1..5 BTS"' : { kind: "asset", range };
  },
  $choice: (value, _options, path, problems) => {
    if (!Array.isArray(value) || value.length === 0) return "a list of at least one value";
    return {
      kind: "choice",
      options: value.map((option, i) => parseNode(option, `${path}.$choice[${i}]`, problems)),
    };
  },
  $counter: parseCounter,
  $text: (value) =>
    isCount(value) ? { kind: "text", length: value } : "a number of characters from 1 to 65536, such as 12",
  $hex: (value) => (isCount(value) ? { kind: "hex", bytes: value } : "a number of bytes from 1 to 65536, such as 8"),
  $time: (value) => {
    const seconds = parseSeconds(value);
    return seconds === null ? 'a time after the expiration, such as "+1h"' : { kind: "time", seconds };
  },
};

function parseNode(value: unknown, path: string, problems: TemplateProblem[]): TemplateNode {
  if (Array.isArray(value)) {
    const items = value.map((item, i) => parseNode(item, `${path}[${i}]`, problems));
    return items.every((item) => item.kind === "constant") ? { kind: "constant", value } : { kind: "list", items };
  }
  if (typeof value !== "object" || value === null) return { kind: "constant", value };
  const keys = Object.keys(value);
  const name = keys.find((key) => key.startsWith("$"));
  if (name !== undefined) return parsePlaceholder(name, value as Options, path, problems);
  const fields = keys.map(
    (key) => [key, parseNode((value as Options)[key], path === "" ? key : `${path}.${key}`, problems)] as const,
  );
  return fields.every(([, node]) => node.kind === "constant")
    ? { kind: "constant", value }
    : { kind: "object", fields };
}

function parsePlaceholder(name: string, object: Options, path: string, problems: TemplateProblem[]): TemplateNode {
  const fail = (expected: string, value?: unknown): TemplateNode => {
    problems.push({
      path,
      ...(value === undefined ? {} : { value: JSON.stringify(value) }),
      expected: `expected ${expected}`,
    });
    return { kind: "constant", value: null };
  };
  const parser = parsers[name];
  if (!parser) return fail(`one of the placeholders ${Object.keys(parsers).join(", ")}`, name);
  const surplus = Object.keys(object).find((key) => key !== name && !optionNames[name]?.includes(key));
  if (surplus !== undefined) return fail(`nothing but ${[name, ...(optionNames[name] ?? [])].join(", ")}`, surplus);
  const node = parser(object[name], object, path, problems);
  return typeof node === "string" ? fail(`${node} after ${name}`, object[name]) : node;
}

function parseDecimal(value: unknown, options: Options): Parsed {
  const pair = numberPair(value);
  if (!pair) return "two numbers, the lower one first, such as [0.5, 2]";
  const digits = options.digits ?? Math.max(decimalsOf(String(pair[0])), decimalsOf(String(pair[1])));
  if (typeof digits !== "number" || !Number.isInteger(digits) || digits < 0 || digits > 12)
    return "digits from 0 to 12";
  const scale = 10 ** digits;
  const minimum = Math.ceil(pair[0] * scale - 1e-9);
  const maximum = Math.floor(pair[1] * scale + 1e-9);
  return minimum <= maximum ? { kind: "decimal", minimum, maximum, digits } : "bounds that have a value between them";
}

function parseCounter(value: unknown, options: Options): Parsed {
  const form = value === true ? "number" : value;
  if (!isCounterForm(form)) return "number, text, hex, letters or capitals";
  const prefix = options.prefix ?? "";
  const start = options.start ?? 0;
  if (typeof prefix !== "string" || (prefix !== "" && form === "number")) return "text as prefix, and not for a number";
  if (typeof start !== "number" || !Number.isSafeInteger(start) || start < 0) return "a whole number as start";
  return { kind: "counter", form, prefix, start };
}

function isCounterForm(form: unknown): form is CounterForm {
  return counterForms.includes(form);
}

function numberPair(value: unknown): [number, number] | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [low, high] = value as unknown[];
  return typeof low === "number" && typeof high === "number" && low >= 0 && low <= high ? [low, high] : null;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65_536;
}

/** Of as many random bytes no two are the same: among 20 million, with a chance of 1 in 10²⁴. */
const distinctBytes = 16;

/** Whether every use differs from every other because of a counter, or random bytes, that are always part of it. */
export function countsAlways(node: TemplateNode): boolean {
  switch (node.kind) {
    case "counter":
      return true;
    case "hex":
      return node.bytes >= distinctBytes;
    case "list":
      return node.items.some(countsAlways);
    case "object":
      return node.fields.some(([, value]) => countsAlways(value));
    case "choice":
      return node.options.every(countsAlways);
    default:
      return false;
  }
}

function collectSymbols(node: TemplateNode, into: Set<string>): void {
  if (node.kind === "asset" && node.range.symbol !== null) into.add(node.range.symbol);
  else if (node.kind === "list") for (const item of node.items) collectSymbols(item, into);
  else if (node.kind === "object") for (const [, value] of node.fields) collectSymbols(value, into);
  else if (node.kind === "choice") for (const option of node.options) collectSymbols(option, into);
}
