import { Document } from "yaml";
import type { ChainTraffic } from "../../shared/chains/traffic.ts";
import { limits } from "../../shared/scenario/schema-parts.ts";
import type { Stretch } from "./fit-arrivals.ts";
import { type LearnedTraffic, withinTable } from "./learn-workload.ts";

/** What an operation costs its sender at most on an embedded network, amount and fee, but for rare and dear ones. */
const mostEach = 150;
const leastBalance = 100_000;
/** Together the accounts never have more than an asset may have on any of the chains. */
const mostTogether = 5e9;
const figures = 6;

/** A scenario that `overseer validate` takes and `overseer run` runs, on an embedded network of the learned one's pace. */
export function learnedScenarioText(learned: LearnedTraffic, traffic: ChainTraffic): string {
  const { network, range } = learned;
  const name = `learned-${network.chain}-${range.first}-${range.last}`;
  const document = new Document({
    name,
    question: `How does a network take the traffic that ${network.chain} ${network.chainId.slice(0, 8)} had in blocks ${range.first} to ${range.last}?`,
    description: descriptionOf(learned),
    chain: network.chain,
    network: { embedded: { nodes: 3, blockInterval: `${network.blockIntervalMs}ms` } },
    accounts: accountsOf(learned, traffic),
    workload: {
      operationsPerTransaction: operationsOf(learned),
      mix: Object.fromEntries(learned.entries.map(mixEntryOf)),
      route: "equal",
    },
    phases: phasesOf(learned),
  });
  document.commentBefore = commentOf(learned);
  return document.toString({ lineWidth: 120, flowCollectionPadding: true });
}

function descriptionOf({ network, range, firstTimeMs, lastTimeMs, transactions, operations }: LearnedTraffic): string {
  const [from, to] = [firstTimeMs, lastTimeMs].map((ms) => new Date(ms).toISOString().slice(0, 19));
  return (
    `Learned from ${transactions} transactions with ${operations} operations in blocks ${range.first} to ${range.last} ` +
    `(${from} to ${to} UTC) of chain ${network.chainId}.`
  );
}

function commentOf({ kinds, network, arrivals }: LearnedTraffic): string {
  const leftOut = kinds.filter((kind) => kind.leftOut !== null);
  const share = leftOut.reduce((sum, { observedShare }) => sum + observedShare, 0);
  const lines = leftOut.map(
    ({ kind, operations, leftOut: reason, observedShare }) =>
      `   ${kind}: ${operations} (${percent(observedShare)}), ${reason}`,
  );
  const summary =
    lines.length === 0
      ? " Everything that was seen is in the mix."
      : ` Not in the mix are ${percent(share)} of the operations; the others take their place:`;
  const assumed =
    arrivals.kind === "undecided" ? [" Poisson arrivals are an assumption: there were too few blocks to tell."] : [];
  return [` Learned by overseer learn from a network of ${network.chain}.`, summary, ...lines, ...assumed].join("\n");
}

function accountsOf({ popularity, transactions, operations, network }: LearnedTraffic, traffic: ChainTraffic) {
  const count = Math.min(limits.accounts, Math.max(2, popularity.accounts));
  const exponent = Math.min(4, Number(popularity.exponent.toPrecision(4)));
  const busiest = Math.max(1 / count, popularity.curve[0]?.fitted ?? 0);
  const wanted = leastBalance + mostEach * operations * busiest;
  const balance = Math.floor(Math.min(mostTogether / count, roundedUp(wanted)));
  return {
    count,
    balance: `${Math.max(1, balance)} ${traffic.embeddedSymbol ?? network.coreSymbol}`,
    ...(exponent > 0 && transactions > 1 ? { popularity: { zipf: exponent } } : {}),
  };
}

function operationsOf({ counts }: LearnedTraffic): unknown {
  const table = counts.filter(withinTable);
  const [only] = table;
  if (table.length === 1 && only !== undefined) return only.operations;
  return { table: Object.fromEntries(table.map(({ operations, transactions }) => [operations, transactions])) };
}

function mixEntryOf({ name, operation, parameters, template, weight }: LearnedTraffic["entries"][number]) {
  const rounded = Number(weight.toPrecision(figures));
  const own = {
    ...(operation === name ? {} : { operation }),
    ...parameters,
    ...(template === null ? {} : { template }),
  };
  return [name, Object.keys(own).length === 0 ? rounded : { weight: rounded, ...own }] as const;
}

function phasesOf({ arrivals, network }: LearnedTraffic): unknown[] {
  const { stretches, kind } = arrivals;
  return stretches.map((stretch, i) => ({
    name: stretches.length === 1 ? "observed" : `stretch-${i + 1}`,
    rate: `${rateOf(stretch, network.blockIntervalMs)} tx/s`,
    for: `${stretch.slots * network.blockIntervalMs}ms`,
    ...(kind === "even" ? {} : { arrivals: "poisson" }),
  }));
}

/** Such that the phase has as many transactions as the stretch had, and written without an exponent. */
function rateOf({ transactions, slots }: Stretch, blockIntervalMs: number): string {
  const seconds = (slots * blockIntervalMs) / 1000;
  const exact = transactions / seconds;
  // Rounded down: a phase has as many as the integral of its rate, rounded up.
  const scale = 10 ** 6;
  return String(Math.floor(exact * scale) / scale);
}

/** To two figures. */
function roundedUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / unit) * unit;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
