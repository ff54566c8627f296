import { expect, test } from "@jest/globals";
import { Headway } from "./headway.ts";

type Look = readonly (readonly [name: string, steps: number])[];

function made(looks: readonly Look[]): boolean[] {
  const [first = [], ...others] = looks.map((stages) => stages.map(([name, steps]) => ({ name, steps })));
  const headway = new Headway(first);
  return others.map((stages) => headway.isMade(stages));
}

test("less from look to look is headway, however often the same stage comes", () => {
  const looks = [40, 30, 20, 10, 5, 1].map((steps): Look => [["fund accounts", steps]]);
  expect(made(looks)).not.toContain(false);
});

test("the same stage with no less missing three times in a row is none", () => {
  const look: Look = [
    ["return funds", 5],
    ["unstake", 5],
  ];
  expect(made([look, look, look, look])).toEqual([true, true, false]);
});

test("a stage that makes work for another, and is due again after it, is headway as long as that comes to an end", () => {
  const sell: Look = [
    ["sell free RAM", 5],
    ["unstake", 5],
  ];
  const give: Look = [
    ["return funds", 5],
    ["unstake", 5],
  ];
  expect(made([sell, give, sell, give, [["unstake", 5]], []])).not.toContain(false);
  const endless = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? sell : give));
  expect(made(endless).indexOf(false)).toBe(9);
});
