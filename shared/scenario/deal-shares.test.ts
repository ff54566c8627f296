import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { beaconsWorth, dealShares, type LabelledBeacon, labelledInTurn } from "./deal-shares.ts";
import type { Phase, ShareRule } from "./scenario.ts";
import { countInShare, type Share, sequencesInShare } from "./share.ts";

const eu: ShareRule = { where: { region: "eu" }, weight: 3, of: "all" };
const us: ShareRule = { where: { region: "us" }, weight: 1, of: "all" };

function scenarioWith(shares: readonly ShareRule[], inFlight: number | null = null) {
  const beacons = {
    count: 1,
    shares,
    deploy: null,
    signingThreads: 1,
    connectionsPerNode: 1,
    leaseMicros: 1,
    signingWindowMicros: null,
  };
  const load = { kind: "unlimited", inFlight: inFlight ?? 1 } as const;
  const phases = inFlight === null ? [] : [{ index: 0, load } as unknown as Phase];
  return { beacons, phases, sending: { shedAfterMicros: 1, inFlightBound: 100, answerTimeoutMicros: 1 } };
}

function beacon(name: string, labels: Record<string, string> = {}): LabelledBeacon {
  return { name, labels };
}

function countsOf(shares: readonly (Share | null)[], transactions: number): number[] {
  return shares.map((share) => (share === null ? 0 : countInShare(share, 0, transactions)));
}

test("without rules all have the same", () => {
  const { shares, problems } = dealShares(scenarioWith([]), [beacon("a"), beacon("b", { region: "eu" })]);
  expect({ counts: countsOf(shares, 101), problems }).toEqual({ counts: [51, 50], problems: [] });
  expect(beaconsWorth(shares)).toBe(2);
});

test("a weight is of all that fit together, however many they are", () => {
  const there = [beacon("a", { region: "eu" }), beacon("b", { region: "us" }), beacon("c", { region: "eu" })];
  const { shares, problems } = dealShares(scenarioWith([eu, us]), there);
  expect({ counts: countsOf(shares, 800), problems }).toEqual({ counts: [300, 200, 300], problems: [] });
  expect(beaconsWorth(shares)).toBeCloseTo(8 / 3, 9);
});

test("a weight of each is that of every beacon that fits, the first share that fits counts", () => {
  const large: ShareRule = { where: { size: "large" }, weight: 4, of: "each" };
  const rest: ShareRule = { where: {}, weight: 1, of: "each" };
  const there = [beacon("a"), beacon("b", { size: "large", region: "eu" }), beacon("c", { size: "large" })];
  expect(countsOf(dealShares(scenarioWith([large, rest]), there).shares, 900)).toEqual([100, 400, 400]);
});

test("names shares that no beacon fits and beacons that fit no share, all at once", () => {
  const there = [beacon("a", { region: "asia" }), beacon("b", { region: "eu" }), beacon("c")];
  const { problems } = dealShares(scenarioWith([eu, us]), there);
  expect(problems.map(({ path, value }) => [path, value])).toEqual([
    ["beacons.shares[1].where", "region=us"],
    ["beacons.shares", "a (region=asia)"],
    ["beacons.shares", "c (no labels)"],
  ]);
  expect(problems[0]?.expected).toContain("b (region=eu)");
});

test("what is left when a region has gone is dealt out among the others", () => {
  const { shares } = dealShares(scenarioWith([eu, us]), [beacon("b", { region: "us" }), beacon("c", { region: "us" })]);
  expect(countsOf(shares, 100)).toEqual([50, 50]);
});

test("an unlimited phase must leave every beacon something to have in flight, and none too much", () => {
  const there = labelledInTurn(["a", "b"], [eu, us]);
  const problemsWith = (inFlight: number) => dealShares(scenarioWith([eu, us], inFlight), there).problems;
  expect(problemsWith(2)).toMatchObject([
    { path: "phases[0].inFlight", expected: expect.stringContaining("b gets 0") },
  ]);
  expect(problemsWith(4)).toEqual([]);
  expect(problemsWith(400)).toMatchObject([{ expected: expect.stringContaining("a gets 300") }]);
});

const rules = fc.uniqueArray(
  fc.record({
    where: fc.constantFrom<Record<string, string>>({ a: "1" }, { a: "2" }, { a: "2", b: "1" }, { b: "1" }),
    weight: fc.integer({ min: 1, max: 100 }),
    of: fc.constantFrom<ShareRule["of"]>("all", "each"),
  }),
  { minLength: 1, maxLength: 4, selector: ({ where }) => JSON.stringify(where) },
);
const labels = fc.record({ a: fc.constantFrom("1", "2", "3"), b: fc.constantFrom("1", "2") });

test("whatever the rules and beacons, every transaction is with exactly one of them", () => {
  fc.assert(
    fc.property(rules, fc.array(labels, { minLength: 1, maxLength: 9 }), fc.nat(500), (given, all, first) => {
      const there = all.map((own, i) => beacon(`b${i}`, own));
      const shares = dealShares(scenarioWith(given), there).shares.filter((share) => share !== null);
      fc.pre(shares.length > 0);
      const sent = shares.flatMap((share) => [...sequencesInShare(share, first, first + 1000)]);
      expect(sent.sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => first + i));
    }),
  );
});
