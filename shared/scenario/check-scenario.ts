import type { OperationCatalogue } from "../chains/driver.ts";
import type { Provisioning } from "../chains/provisioning.ts";
import { meanCount } from "../workload/operation-counts.ts";
import { createdAccountsFindings } from "./check-created-accounts.ts";
import { checkNetwork } from "./check-network.ts";
import { hasAll } from "./deal-shares.ts";
import { resolveEmbeddedSettings } from "./embedded-settings.ts";
import { embeddedNodesOf } from "./embedded-topology.ts";
import { fillFindings, resolveOperations } from "./fill-transactions.ts";
import { type Finding, type Path, renderValue, valueAt } from "./findings.ts";
import { transactionsIn } from "./load-profile.ts";
import { abortableMetrics, expectedLimit, metricUnit, nearestMetric, parseLimit, parseMetric } from "./metrics.ts";
import { nearestName, suggestionFor } from "./nearest-name.ts";
import type { MixEntry, Route } from "./scenario.ts";
import type {
  ValidatedMixEntry,
  ValidatedPhase,
  ValidatedScenario,
  ValidatedThreshold,
  WrittenDistribution,
} from "./schema.ts";
import { limits } from "./schema-parts.ts";
import { parseComparison } from "./units.ts";

/** The chains that a scenario can name, and their operations. */
export interface ChainCatalogues {
  readonly names: readonly string[];
  catalogueOf(chain: string): OperationCatalogue | null;
  /** How addresses of the chain's nodes may begin; null where that is not known. */
  nodeProtocolsOf(chain: string): readonly string[] | null;
  /** How accounts are made on networks of the chain; null where they must be given. */
  provisioningOf(chain: string): Provisioning | null;
}

/**
 * The fields that are well formed by themselves. What there are several of is taken one by one, null for those that are
 * not well formed.
 */
export interface Sections extends Partial<Omit<ValidatedScenario, "phases" | "workload" | "thresholds">> {
  readonly operationsPerTransaction?: WrittenDistribution;
  readonly mix?: Readonly<Record<string, ValidatedMixEntry | null>>;
  readonly route?: Route;
  readonly phases?: readonly (ValidatedPhase | null)[];
  readonly thresholds?: Readonly<Record<string, ValidatedThreshold | null>>;
}

/** What only shows between fields, or against the chain. Looks at whatever is well formed. */
export function checkScenario(sections: Sections, raw: unknown, chains: ChainCatalogues): Finding[] {
  const check = new Check(sections, raw, chains);
  check.chain();
  check.mix();
  check.replay();
  check.filling();
  check.network();
  check.createdAccounts();
  check.route();
  check.phases();
  check.shares();
  check.unlimitedPhases();
  check.totals();
  check.times();
  check.thresholds();
  return check.findings;
}

class Check {
  readonly findings: Finding[] = [];
  readonly #sections: Sections;
  readonly #raw: unknown;
  readonly #chains: ChainCatalogues;

  constructor(sections: Sections, raw: unknown, chains: ChainCatalogues) {
    this.#sections = sections;
    this.#raw = raw;
    this.#chains = chains;
  }

  chain(): void {
    const { chain } = this.#sections;
    if (chain === undefined || this.#chains.names.includes(chain)) return;
    this.#add(["chain"], `is not a chain that is supported; ${suggestionFor(chain, this.#chains.names)}`);
  }

  mix(): void {
    const { chain, mix } = this.#sections;
    if (mix === undefined) return;
    const entries = Object.entries(mix);
    if (entries.length === 0) this.#add(["workload", "mix"], "expected at least one operation");
    if (entries.length > limits.mixEntries) {
      this.#add(["workload", "mix"], `expected at most ${limits.mixEntries} entries`, `${entries.length} entries`);
    }
    if (entries.length > 0 && entries.every(([, entry]) => entry?.weight === 0)) {
      this.#add(["workload", "mix"], "expected a weight above 0");
    }
    const catalogue = chain === undefined ? null : this.#chains.catalogueOf(chain);
    if (catalogue === null) return;
    for (const [name, entry] of entries) {
      if (entry !== null) this.#mixEntry(name, entry, chain as string, catalogue);
    }
  }

  /** What a capture decides is not for the scenario to say, and phases that replay need one. */
  replay(): void {
    const written = valueAt(this.#raw, ["workload", "replay"]);
    for (const [i, phase] of (this.#sections.phases ?? []).entries()) {
      if (phase?.load.kind !== "captured" || written !== undefined) continue;
      this.#add(["phases", i, "replay"], "is only possible with workload.replay, which names the capture");
    }
    if (written === undefined) return;
    for (const path of [
      ["workload", "mix"],
      ["workload", "operationsPerTransaction"],
      ["accounts", "popularity"],
    ]) {
      if (valueAt(this.#raw, path) !== undefined)
        this.#add(path, "does not go together with a replay, which decides it");
    }
  }

  /** Of entries that are good by themselves. */
  filling(): void {
    const { operationsPerTransaction } = this.#sections;
    const mix = this.#goodMix();
    const catalogue = this.#catalogue();
    if (operationsPerTransaction?.kind !== "fill" || mix === null || catalogue === null) return;
    this.findings.push(...fillFindings(operationsPerTransaction.bytes, mix, catalogue));
  }

  #catalogue(): OperationCatalogue | null {
    const { chain } = this.#sections;
    return chain === undefined ? null : this.#chains.catalogueOf(chain);
  }

  /** Null when an entry is not well formed, not known, or not good. */
  #goodMix(): MixEntry[] | null {
    const entries = Object.entries(this.#sections.mix ?? {});
    const catalogue = this.#catalogue();
    if (entries.length === 0 || catalogue === null) return null;
    const mix = entries.flatMap(([name, entry]): MixEntry[] =>
      entry === null ? [] : [{ ...entry, name, operation: entry.operation ?? name }],
    );
    const good = mix.every((entry) => catalogue.knows(entry.operation) && catalogue.validate(entry).length === 0);
    return good && mix.length === entries.length ? mix : null;
  }

  #meanOperations(): number | null {
    const { operationsPerTransaction } = this.#sections;
    if (operationsPerTransaction === undefined) return null;
    if (operationsPerTransaction.kind !== "fill") return meanCount(operationsPerTransaction);
    const mix = this.#goodMix();
    const catalogue = this.#catalogue();
    if (mix === null || catalogue === null) return null;
    if (fillFindings(operationsPerTransaction.bytes, mix, catalogue).length > 0) return null;
    return meanCount(resolveOperations(operationsPerTransaction, mix, catalogue));
  }

  #mixEntry(name: string, entry: ValidatedMixEntry, chain: string, catalogue: OperationCatalogue): void {
    const path: Path = ["workload", "mix", name];
    if (name.length > 64) this.#add(path, "expected a name of at most 64 characters", `key "${name}"`);
    const operation = entry.operation ?? name;
    if (!catalogue.knows(operation)) {
      // Near misses among the few that need no template come before those among all operations.
      const nearest = nearestName(operation, catalogue.named) ?? nearestName(operation, catalogue.all);
      const advice = nearest === null ? `known are ${catalogue.named.join(", ")}` : `did you mean "${nearest}"?`;
      const expected = `is not an operation of ${chain}; ${advice}`;
      if (entry.operation === null) this.#add(path, expected, `key "${name}"`);
      else this.#add([...path, "operation"], expected);
      return;
    }
    for (const problem of catalogue.validate({ ...entry, name, operation })) {
      const inner = toPath(problem.path);
      const value = problem.value ?? renderValue(valueAt(this.#raw, [...path, ...inner]));
      this.findings.push({ path: [...path, ...inner], value, expected: asClause(problem.expected) });
    }
  }

  network(): void {
    this.findings.push(...checkNetwork(this.#sections, this.#raw, this.#chains));
  }

  createdAccounts(): void {
    const { chain, accounts } = this.#sections;
    if (chain === undefined || accounts === undefined || !this.#chains.names.includes(chain)) return;
    this.findings.push(...createdAccountsFindings(accounts, chain, this.#raw, this.#chains.provisioningOf(chain)));
  }

  route(): void {
    const { route } = this.#sections;
    const nodes = this.#nodeCount();
    if (nodes === null || route === undefined) return;
    if (route.kind === "node" && route.node >= nodes) {
      const expected =
        nodes === 1 ? "expected 1: there is one node" : `expected 1 to ${nodes}: there are ${nodes} nodes`;
      this.#add(["workload", "route", "node"], expected);
    }
    if (route.kind === "weights" && route.weights.length !== nodes) {
      this.#add(["workload", "route", "weights"], `expected ${nodes} weights, one for each node`);
    }
  }

  phases(): void {
    const phases = this.#sections.phases ?? [];
    const firstOf = new Map<string, number>();
    for (const [i, name] of this.#phaseNames().entries()) {
      const first = firstOf.get(name);
      if (first === undefined) firstOf.set(name, i);
      else this.#add(["phases", i, "name"], `is the name of phases[${first}] too; names must be unique`);
    }
    if (phases.length > 0 && phases.every((phase) => phase !== null && !phase.measured)) {
      this.#add(["phases"], "expected at least one phase that is measured", "every phase has measure: false");
    }
  }

  shares(): void {
    const { count, shares } = this.#sections.beacons ?? { count: 0, shares: [] };
    for (const [i, { where }] of shares.entries()) {
      const earlier = shares.slice(0, i).findIndex((share) => hasAll(where, share.where));
      if (earlier < 0) continue;
      const expected = `fits no beacon, because beacons.shares[${earlier}] takes all that it would fit`;
      this.#add(["beacons", "shares", i], expected);
    }
    if (this.#sections.beacons?.deploy?.mode === "swarm" && shares.length > 0) {
      this.#add(["beacons", "shares"], "does not go together with deploy: swarm, whose beacons are all alike");
    }
    if (count < shares.length) {
      this.#add(["beacons", "count"], `expected at least ${shares.length}, one for each of beacons.shares`, `${count}`);
    }
  }

  unlimitedPhases(): void {
    const { beacons, sending } = this.#sections;
    // Of unequal shares it depends on the beacons that come.
    if (beacons !== undefined && beacons.shares.length > 0) return;
    for (const [i, phase] of (this.#sections.phases ?? []).entries()) {
      if (phase?.load.kind !== "unlimited" || beacons === undefined) continue;
      const { inFlight } = phase.load;
      if (inFlight < beacons.count) {
        const expected = `expected at least ${beacons.count}, one for each beacon`;
        this.#add(["phases", i, "inFlight"], expected, String(inFlight));
      }
      if (sending !== undefined && inFlight > sending.inFlight * beacons.count) {
        const expected = `expected at most ${sending.inFlight * beacons.count}: sending.inFlight for each beacon`;
        this.#add(["phases", i, "inFlight"], expected);
      }
    }
  }

  totals(): void {
    const phases = (this.#sections.phases ?? []).filter((phase) => phase !== null);
    if (phases.length === 0 || phases.length < (this.#sections.phases ?? []).length) return;
    if (phases.some((phase) => phase.load.kind === "captured" && phase.load.arrivals === null)) return;
    const transactions = phases.reduce((sum, phase) => sum + transactionsOf(phase), 0);
    const found = `${transactions.toLocaleString("en-US")} transactions`;
    if (transactions === 0) this.#add(["phases"], "expected at least one transaction", found);
    if (transactions > limits.transactions) {
      this.#add(["phases"], `expected at most ${limits.transactions.toLocaleString("en-US")} transactions`, found);
    } else {
      const operations = Math.round(transactions * (this.#meanOperations() ?? 0));
      if (operations > limits.operations) {
        const expected = `expected at most ${limits.operations.toLocaleString("en-US")} operations`;
        this.#add(["phases"], expected, `${found} with ${operations.toLocaleString("en-US")} operations`);
      }
    }
    const micros = phases.reduce((sum, phase) => sum + phase.durationMicros, 0);
    if (micros > limits.durationMicros) {
      this.#add(["phases"], "expected at most 24h in all", `${(micros / 3600e6).toFixed(1)}h`);
    }
  }

  times(): void {
    const { chain, drain, lifetime, network } = this.#sections;
    if (drain === undefined) return;
    if (lifetime !== undefined && lifetime !== null) {
      if (lifetime % 1e6 !== 0) this.#add(["lifetime"], "expected whole seconds");
      if (lifetime < drain) {
        const expected = `expected at least the drain of ${drain / 1e6}s, so that nothing expires while it is waited for`;
        this.#add(["lifetime"], expected);
      }
    }
    if (network === undefined || !("embedded" in network) || chain === undefined) return;
    const maximum = resolveEmbeddedSettings(chain, network.embedded)?.settings.parameters.maximumLifetimeSeconds;
    const wanted = lifetime ?? defaultLifetimeMicros(drain);
    if (maximum !== undefined && wanted > maximum * 1e6) {
      const expected = `expected at most the network's maximumLifetime of ${maximum}s`;
      this.#add(["lifetime"], expected, renderValue(valueAt(this.#raw, ["lifetime"])) ?? `${wanted / 1e6}s by default`);
    }
  }

  thresholds(): void {
    for (const [metric, threshold] of Object.entries(this.#sections.thresholds ?? {})) {
      this.#threshold(metric, threshold);
    }
  }

  /** The metric is checked even where the rest is not well formed. */
  #threshold(written: string, threshold: ValidatedThreshold | null): void {
    const path: Path = ["thresholds", written];
    const names = this.#phaseNames().filter((name) => name !== "");
    const parsed = parseMetric(written);
    if (parsed === null) {
      const nearest = nearestMetric(written, names);
      const advice = nearest === null ? "docs/scenarios.md lists them" : `did you mean "${nearest}"?`;
      this.#add(path, `is not a metric; ${advice}`, `key "${written}"`);
      return;
    }
    const phaseIndex = parsed.phase === null ? -1 : names.indexOf(parsed.phase);
    if (parsed.phase !== null && phaseIndex < 0) {
      this.#add(path, `names no phase; ${suggestionFor(parsed.phase, names)}`, `phase "${parsed.phase}"`);
    }
    const unit = metricUnit(parsed.metric);
    if (threshold === null) return;
    const comparison = parseComparison(threshold.is);
    const asObject = typeof valueAt(this.#raw, path) === "object";
    if (comparison === null || parseLimit(unit, comparison.limit) === null) {
      this.#add(asObject ? [...path, "is"] : path, expectedLimit(unit));
    }
    if (threshold.abortOnFail && !(abortableMetrics as readonly string[]).includes(parsed.metric)) {
      this.#add([...path, "abortOnFail"], `is only possible for ${abortableMetrics.join(", ")}`, "true");
    }
    const phase = this.#sections.phases?.[phaseIndex];
    // A phase that replays has no duration before the capture is there.
    if (phase && phase.durationMicros > 0 && threshold.afterMicros >= phase.durationMicros) {
      this.#add([...path, "after"], `expected less than the phase's ${phase.durationMicros / 1e6}s`);
    }
  }

  /** Also where the network is wrong otherwise; null where it cannot be told. */
  #nodeCount(): number | null {
    const { network } = this.#sections;
    if (network !== undefined) {
      return "embedded" in network ? embeddedNodesOf(network.embedded).clients : network.endpoints.length;
    }
    const nodes = ["embedded", "docker"]
      .map((section) => valueAt(this.#raw, ["network", section, "nodes"]))
      .find((count) => count !== undefined);
    const endpoints = valueAt(this.#raw, ["network", "endpoints"]);
    if (Number.isInteger(nodes)) return nodes as number;
    return Array.isArray(endpoints) ? endpoints.length : null;
  }

  /** Also of phases that are wrong otherwise; "" where there is none. */
  #phaseNames(): string[] {
    const phases = valueAt(this.#raw, ["phases"]);
    if (!Array.isArray(phases)) return [];
    return phases.map((phase, i) => {
      const name = valueAt(phase, ["name"]);
      return typeof name === "string" ? name : `phases[${i}]`;
    });
  }

  #add(path: Path, expected: string, value = renderValue(valueAt(this.#raw, path))): void {
    this.findings.push({ path, value, expected });
  }
}

export function transactionsOf(phase: ValidatedPhase): number {
  return phase.load.kind === "paced" ? transactionsIn(phase.load.segments) : (phase.transactions ?? 0);
}

/** A minute beyond the drain, for clocks that differ and blocks that come late. */
export function defaultLifetimeMicros(drainMicros: number): number {
  return Math.ceil(drainMicros / 1e6) * 1e6 + 60e6;
}

/** Catalogues name what they expect; others write the whole clause. */
function asClause(expected: string): string {
  return /^(expected|is|are|has|have|does|did|must|needs?|cannot|not|unknown)\b/.test(expected)
    ? expected
    : `expected ${expected}`;
}

/** `template.amount[0]` into its keys. */
function toPath(text: string): Path {
  return text
    .split(/[.[\]]/)
    .filter((key) => key !== "")
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}
