import { expect, test } from "@jest/globals";
import { parseAmountRange, parseSeconds, toUnits } from "./amount.ts";
import { parseTemplate, renderTemplate, type TemplateScope } from "./placeholders.ts";
import { SequenceRandom } from "./sequence-random.ts";

function scopeOf(sequence: number): TemplateScope {
  const random = new SequenceRandom();
  random.reset(1, sequence);
  return {
    random,
    counter: sequence,
    expirationSeconds: 1000,
    account: (which) => `account ${which}`,
    asset: (range) => `${range.minimum} ${range.symbol}`,
    time: (seconds) => `at ${seconds}`,
  };
}

test("every placeholder becomes a value of its kind, and the same one for the same sequence number", () => {
  const template = {
    fixed: [1, "two", null],
    account: { $account: "other" },
    integer: { $integer: [5, 7] },
    decimal: { $decimal: [0.5, 2] },
    money: { $asset: "3..4 BTS" },
    choice: { $choice: ["a", { $integer: [1, 1] }] },
    number: { $counter: true, start: 10 },
    text: { $counter: "text", prefix: "acc-" },
    hex: [{ $counter: "hex" }],
    letters: { $text: 8 },
    bytes: { $hex: 3 },
    time: { $time: "+1h" },
  };
  const { node, problems, counts, symbols } = parseTemplate(template);
  expect({ problems, counts, symbols }).toEqual({ problems: [], counts: true, symbols: ["BTS"] });
  const rendered = renderTemplate(node, scopeOf(255));
  expect(rendered).toEqual({
    fixed: [1, "two", null],
    account: "account other",
    integer: expect.any(Number),
    decimal: expect.stringMatching(/^[01]\.[0-9]$|^2\.0$/),
    money: "3 BTS",
    choice: expect.anything(),
    number: 265,
    text: "acc-255",
    hex: ["00000000000000ff"],
    letters: expect.stringMatching(/^[a-z0-9]{8}$/),
    bytes: expect.stringMatching(/^[0-9a-f]{6}$/),
    time: "at 4600",
  });
  expect(renderTemplate(node, scopeOf(255))).toEqual(rendered);
  expect(renderTemplate(node, scopeOf(256))).not.toEqual(rendered);
});

test("problems name the place in the template", () => {
  const { problems } = parseTemplate({
    a: [{ $text: 0 }],
    b: { c: { $nothing: 1 } },
    d: { $choice: [{ $time: "soon" }] },
  });
  expect(problems.map((problem) => problem.path)).toEqual(["a[0]", "b.c", "d.$choice[0]"]);
});

test("amounts, units and durations are read as people write them", () => {
  expect(parseAmountRange("1..100 BTS")).toEqual({ minimum: "1", maximum: "100", symbol: "BTS" });
  expect(parseAmountRange("0.5")).toEqual({ minimum: "0.5", maximum: "0.5", symbol: null });
  expect(parseAmountRange("1 BTS extra")).toBeNull();
  expect(toUnits("12.5", 5)).toBe(1_250_000n);
  expect(toUnits("0.000001", 5)).toBeNull();
  expect(toUnits("3.10", 1)).toBe(31n);
  expect([parseSeconds("+1h"), parseSeconds("90s"), parseSeconds("soon")]).toEqual([3600, 90, null]);
});
