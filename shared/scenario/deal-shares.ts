import type { Problem } from "../errors/app-error.ts";
import { type Labels, labelsText } from "./labels.ts";
import type { Scenario, ShareRule } from "./scenario.ts";
import { countInShare, equalShares, type Share, splitShare, weightedShares } from "./share.ts";

export interface LabelledBeacon {
  readonly name: string;
  readonly labels: Labels;
}

export interface Deal {
  /** Of each beacon; no share for one that no rule is for. */
  readonly shares: readonly (Share | null)[];
  /** Why the run cannot be sent in these shares: for an AppError PLAN_IMPOSSIBLE. */
  readonly problems: readonly Problem[];
}

/** The rule that a beacon falls under: the first whose labels it has all of; -1 for none. */
export function ruleOf(rules: readonly ShareRule[], labels: Labels): number {
  return rules.findIndex(({ where }) => hasAll(labels, where));
}

export function hasAll(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** What beacons are called that this machine starts, or that a plan counts with: the rules' labels in turn. */
export function labelledInTurn(names: readonly string[], rules: readonly ShareRule[]): LabelledBeacon[] {
  return names.map((name, i) => ({ name, labels: rules[i % rules.length]?.where ?? {} }));
}

/**
 * Deals a run out among its beacons: evenly, or as the scenario's rules say. Which transactions a beacon has follows from
 * the rules and the beacons' order alone, and every transaction is with exactly one of those that have a share.
 */
export function dealShares(
  scenario: Pick<Scenario, "beacons" | "phases" | "sending">,
  beacons: readonly LabelledBeacon[],
): Deal {
  const { shares: rules } = scenario.beacons;
  const shares = rules.length === 0 ? equalShares(beacons.length) : sharesByRule(rules, beacons);
  const problems = rules.length === 0 ? [] : problemsOfRules(rules, beacons);
  return { shares, problems: [...problems, ...problemsInFlight(scenario, beacons, shares)] };
}

/** As many beacons of the largest share as would do the whole: how much faster they all are than that one alone. */
export function beaconsWorth(shares: readonly (Share | null)[]): number {
  const parts = shares.map((share) => (share === null ? 0 : share.slots.length / share.cycle));
  return 1 / Math.max(...parts, Number.MIN_VALUE);
}

function sharesByRule(rules: readonly ShareRule[], beacons: readonly LabelledBeacon[]): (Share | null)[] {
  const members = rules.map((_, rule) =>
    beacons.flatMap(({ labels }, i) => (ruleOf(rules, labels) === rule ? [i] : [])),
  );
  // Of a rule for each, every beacon is a part of its own; of one for all together, they are one that is split further.
  const parts = rules.flatMap(({ weight, of }, rule) => {
    const own = members[rule] as number[];
    if (of === "each") return own.map((beacon) => ({ weight, beacons: [beacon] }));
    return own.length === 0 ? [] : [{ weight, beacons: own }];
  });
  const shares: (Share | null)[] = beacons.map(() => null);
  for (const [i, share] of weightedShares(parts.map(({ weight }) => weight)).entries()) {
    const own = parts[i]?.beacons ?? [];
    for (const [j, split] of splitShare(share, own.length).entries()) shares[own[j] as number] = split;
  }
  return shares;
}

function problemsOfRules(rules: readonly ShareRule[], beacons: readonly LabelledBeacon[]): Problem[] {
  const found = beacons.map(({ labels }) => ruleOf(rules, labels));
  const there = `there are ${beacons.map(beaconText).join(", ")}`;
  const missing = rules.flatMap(({ where }, rule): Problem[] =>
    found.includes(rule)
      ? []
      : [{ path: `beacons.shares[${rule}].where`, value: whereText(where), expected: `fits no beacon; ${there}` }],
  );
  const left = beacons.flatMap((beacon, i): Problem[] =>
    found[i] !== -1
      ? []
      : [{ path: "beacons.shares", value: beaconText(beacon), expected: "expected a share that this beacon fits" }],
  );
  return [...missing, ...left];
}

/** A beacon that may have nothing in flight would never send, and one that may have too much could not. */
function problemsInFlight(
  { phases, sending }: Pick<Scenario, "phases" | "sending">,
  beacons: readonly LabelledBeacon[],
  shares: readonly (Share | null)[],
): Problem[] {
  return phases.flatMap((phase): Problem[] => {
    if (phase.load.kind !== "unlimited") return [];
    const { inFlight } = phase.load;
    const own = shares.map((share) => (share === null ? null : countInShare(share, 0, inFlight)));
    const problem = (i: number, expected: string): Problem => ({
      path: `phases[${phase.index}].inFlight`,
      value: String(inFlight),
      expected: `${expected}, as ${beacons[i]?.name} gets ${own[i]} of it`,
    });
    const idle = own.indexOf(0);
    const crowded = own.findIndex((count) => count !== null && count > sending.inFlightBound);
    return [
      ...(idle < 0 ? [] : [problem(idle, "expected enough for every beacon's share")]),
      ...(crowded < 0 ? [] : [problem(crowded, `expected less: sending.inFlight is ${sending.inFlightBound}`)]),
    ];
  });
}

function beaconText({ name, labels }: LabelledBeacon): string {
  return `${name} (${labelsText(labels) || "no labels"})`;
}

function whereText(where: Labels): string {
  return labelsText(where) || "{}";
}
