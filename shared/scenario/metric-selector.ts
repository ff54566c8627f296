/** Which series of a metric are meant, in PromQL's form: `node_cpu_seconds_total{mode!="idle"}`. */
export interface MetricSelector {
  readonly metric: string;
  matches(labels: Readonly<Record<string, string>>): boolean;
}

const selectorForm = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(.*)\})?\s*$/s;
const matcherForm = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(,|$)/sy;

/** Null where it is none. A label that a series lacks counts as empty, as in PromQL. */
export function parseSelector(text: string): MetricSelector | null {
  const [, metric, inner = ""] = selectorForm.exec(text) ?? [];
  if (metric === undefined) return null;
  const tests: ((labels: Readonly<Record<string, string>>) => boolean)[] = [];
  for (let at = 0; inner.slice(at).trim() !== ""; ) {
    matcherForm.lastIndex = at;
    const [whole, label, operator, quoted] = matcherForm.exec(inner) ?? [];
    if (whole === undefined) return null;
    const test = testOf(operator as string, unescaped(quoted as string));
    if (test === null) return null;
    tests.push((labels) => test(labels[label as string] ?? ""));
    at += whole.length;
  }
  return { metric, matches: (labels) => tests.every((test) => test(labels)) };
}

function testOf(operator: string, wanted: string): ((value: string) => boolean) | null {
  if (operator === "=") return (value) => value === wanted;
  if (operator === "!=") return (value) => value !== wanted;
  try {
    const pattern = new RegExp(`^(?:${wanted})$`, "s");
    return operator === "=~" ? (value) => pattern.test(value) : (value) => !pattern.test(value);
  } catch {
    return null;
  }
}

/** The escapes of label values, the same in selectors and in the text format. */
export function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, character: string) => (character === "n" ? "\n" : character));
}
