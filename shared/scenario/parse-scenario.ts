import path from "node:path";
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";
import { AppError, messageOf, type Problem } from "../errors/app-error.ts";
import { arrivalsSeed } from "./arrivals.ts";
import {
  type ChainCatalogues,
  checkScenario,
  defaultLifetimeMicros,
  type Sections,
  transactionsOf,
} from "./check-scenario.ts";
import { resolveEmbeddedSettings } from "./embedded-settings.ts";
import { embeddedNodesOf } from "./embedded-topology.ts";
import { resolveOperations } from "./fill-transactions.ts";
import { type Finding, findingsOf, type Path, renderPath } from "./findings.ts";
import type { LoadedReplay } from "./load-replay.ts";
import { metricUnit, parseLimit, parseMetric } from "./metrics.ts";
import type { ObserveSettings } from "./observe-settings.ts";
import { phaseSchema } from "./phase-schema.ts";
import type { ReplayTraffic } from "./replay-traffic.ts";
import type {
  AccountsSource,
  CapturedDistribution,
  Load,
  MixEntry,
  NetworkTarget,
  Phase,
  Popularity,
  Scenario,
  Threshold,
} from "./scenario.ts";
import { scheduleReplay, segmentsOf } from "./schedule-replay.ts";
import {
  mixEntrySchema,
  operationsPerTransactionSchema,
  routeSchema,
  scenarioJsonSchema,
  scenarioSchema,
  thresholdSchema,
  type ValidatedScenario,
} from "./schema.ts";
import type { SecretSource } from "./secret-source.ts";
import { parseComparison } from "./units.ts";

export interface ParseOptions {
  /** The file's path, for messages and to find a key file that is named relative to it. */
  readonly path: string;
  readonly chains: ChainCatalogues;
  /** The traffic that the scenario replays, or what is wrong with it; without it, it may replay none. */
  readonly replay?: LoadedReplay;
}

/** A problem with its place in the file, counted from 1. */
export interface LocatedProblem extends Problem {
  readonly line: number;
  readonly column: number;
}

/**
 * A scenario of its YAML or JSON text. Throws AppError SCENARIO_UNREADABLE where it is no YAML, SCENARIO_INVALID with
 * all problems (`LocatedProblem`s) where it is no scenario.
 */
export function parseScenario(text: string, options: ParseOptions): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, stringKeys: true });
  if (document.errors.length > 0) throw unreadable(document, options.path);
  const raw = toPlain(document, options.path);
  const result = scenarioSchema.safeParse(raw);
  const findings = result.success ? [] : findingsOf(result.error.issues, raw, jsonSchema());
  const { replay = null } = options;
  const traffic = replay !== null && "mix" in replay ? replay : null;
  const sections = sectionsOf(raw);
  const scheduled = scheduleReplay(sections.phases ?? [], traffic);
  findings.push(
    ...checkScenario({ ...sections, ...(sections.phases && { phases: scheduled.phases }) }, raw, options.chains),
  );
  findings.push(...scheduled.findings, ...(replay !== null && "mix" in replay ? [] : (replay ?? [])));
  if (findings.length === 0 && result.success) {
    const phases = scheduled.phases.filter((phase) => phase !== null);
    return resolve({ ...result.data, phases }, options, traffic);
  }
  const problems = findings.map((finding) => located(finding, document, lines));
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  throw new AppError("SCENARIO_INVALID", `${options.path} has ${counted(problems.length)}`, { problems });
}

/** Made at the first problem: it takes longer than all the rest of parsing. */
let madeJsonSchema: Record<string, unknown> | null = null;

function jsonSchema(): Record<string, unknown> {
  madeJsonSchema ??= scenarioJsonSchema();
  return madeJsonSchema;
}

function counted(problems: number): string {
  return problems === 1 ? "1 problem" : `${problems} problems`;
}

/** Aliases are followed only here: one may lead nowhere, or to a bomb of aliases. */
function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    const problems = [{ path: "(file)", expected: messageOf(cause) }];
    throw new AppError("SCENARIO_UNREADABLE", `${file} has an alias that cannot be followed`, { cause, problems });
  }
}

function unreadable(document: Document, file: string): AppError {
  const problems = document.errors.map((error): LocatedProblem => {
    const { line, col: column } = error.linePos?.[0] ?? { line: 1, col: 1 };
    const [summary = ""] = error.message.replace(/ at line \d+, column \d+:/, "").split("\n");
    // YAML takes a plain > for the start of folded text.
    const folded = /block scalar header/i.test(summary);
    const expected = folded ? 'comparisons that start with ">" need quotes, such as ">= 99.9 %"' : summary;
    return { path: `line ${line}, column ${column}`, expected, line, column };
  });
  return new AppError("SCENARIO_UNREADABLE", `${file} is not YAML or JSON`, { problems });
}

/** Each field by itself, so that one that is wrong does not keep the others from being checked. */
function sectionsOf(raw: unknown): Sections {
  const given = mapOf(raw);
  if (given === null) return {};
  const sections: Record<string, unknown> = {};
  const take = (key: string, schema: z.ZodType, value: unknown): void => {
    const result = schema.safeParse(value);
    if (result.success) sections[key] = result.data;
  };
  for (const [key, schema] of Object.entries(scenarioSchema.shape)) take(key, schema, given[key]);
  const workload = mapOf(given.workload);
  if (workload !== null) {
    take("operationsPerTransaction", operationsPerTransactionSchema, workload.operationsPerTransaction ?? 1);
    take("route", routeSchema, workload.route ?? "equal");
    sections.mix = eachOf(mixEntrySchema, workload.mix);
  }
  sections.thresholds = eachOf(thresholdSchema, given.thresholds);
  if (Array.isArray(given.phases)) {
    sections.phases = given.phases.map((phase) => phaseSchema.safeParse(phase).data ?? null);
  }
  return sections;
}

function eachOf(schema: z.ZodType, value: unknown): Record<string, unknown> | undefined {
  const map = mapOf(value);
  if (map === null) return undefined;
  return Object.fromEntries(Object.entries(map).map(([key, entry]) => [key, schema.safeParse(entry).data ?? null]));
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function located(finding: Finding, document: Document, lines: LineCounter): LocatedProblem {
  const { line, col } = lines.linePos(offsetOf(document, finding.path));
  return {
    path: renderPath(finding.path),
    ...(finding.value === undefined ? {} : { value: finding.value }),
    expected: finding.expected,
    line,
    column: col,
  };
}

/** Where the deepest part of the path that exists begins: its key in a map, the item in a list. */
function offsetOf(document: Document, keys: Path): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const key of keys) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = startOf(node) ?? offset;
    } else break;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function resolve(
  validated: ValidatedScenario,
  { path: file, chains }: ParseOptions,
  traffic: ReplayTraffic | null,
): Scenario {
  const { name, question, description, chain, seed, sending, onBeaconLost, capacity } = validated;
  const { lease, signingWindow, ...beacons } = validated.beacons;
  const written = Object.entries(validated.workload.mix ?? {}).map(
    ([key, entry]): MixEntry => ({ ...entry, name: key, operation: entry.operation ?? key }),
  );
  const mix = traffic?.mix ?? written;
  const accounts = resolveAccounts(validated.accounts, file);
  return {
    name,
    question,
    description,
    chain,
    network: resolveNetwork(validated.network, chain),
    accounts,
    beacons: { ...beacons, leaseMicros: lease, signingWindowMicros: signingWindow },
    seed,
    workload: {
      operationsPerTransaction:
        (traffic && withAccounts(traffic.distribution, accounts)) ??
        resolveOperations(validated.workload.operationsPerTransaction, mix, chains.catalogueOf(chain)),
      mix,
      route: validated.workload.route,
      popularity: traffic?.popularity ?? resolvePopularity(validated.accounts.popularity, seed),
    },
    phases: resolvePhases(validated.phases, seed),
    drainMicros: validated.drain,
    lifetimeSeconds: (validated.lifetime ?? defaultLifetimeMicros(validated.drain)) / 1e6,
    thresholds: Object.entries(validated.thresholds).map(([metric, threshold]) => resolveThreshold(metric, threshold)),
    sending: {
      shedAfterMicros: sending.shedAfter,
      inFlightBound: sending.inFlight,
      answerTimeoutMicros: sending.answerTimeout,
    },
    onBeaconLost,
    capacity,
    observe: resolveObserve(validated.observe, file),
  };
}

function withAccounts(distribution: CapturedDistribution, accounts: AccountsSource): CapturedDistribution {
  const runAccounts = accounts.kind === "given" ? accounts.names.length : accounts.count;
  return { ...distribution, source: { ...distribution.source, runAccounts } };
}

function resolvePopularity(exponent: number | null, seed: number): Popularity {
  return exponent === null ? { kind: "uniform" } : { kind: "zipf", exponent, seed };
}

function resolveNetwork(network: ValidatedScenario["network"], chain: string): NetworkTarget {
  if ("endpoints" in network) return { kind: "endpoints", endpoints: network.endpoints, chainId: network.chainId };
  const { embedded, container } = network;
  const resolved = resolveEmbeddedSettings(chain, embedded);
  if (resolved === null) throw new AppError("INTERNAL", `the embedded network of ${chain} was not checked`);
  const { clients, all, topology } = embeddedNodesOf(embedded);
  return {
    kind: "embedded",
    nodes: clients,
    allNodes: all,
    topology,
    settings: resolved.settings.own,
    parameters: resolved.settings.parameters,
    nodeBehaviours: embedded.nodeBehaviours,
    networkBehaviour: embedded.networkBehaviour,
    container,
  };
}

function resolveAccounts(accounts: ValidatedScenario["accounts"], file: string): AccountsSource {
  if ("count" in accounts) return { kind: "embedded", count: accounts.count, balance: accounts.balance };
  if ("create" in accounts) {
    const { create, from, keys } = accounts;
    const { balance: balances, ...wanted } = create;
    return {
      ...{ kind: "created", ...wanted, balances },
      funder: { name: from.name, key: resolveSecret(from.key, file) },
      keys:
        "phrase" in keys
          ? { kind: "phrase", source: resolveSecret(keys.phrase, file) }
          : { kind: "file", path: path.resolve(path.dirname(file), keys.file) },
    };
  }
  const { names, keys } = accounts;
  const listed = Array.isArray(names)
    ? names
    : Array.from({ length: names.count }, (_, i) => `${names.prefix}${names.first + i}`);
  return { kind: "given", names: listed, keys: resolveSecret(keys, file) };
}

function resolveSecret(written: { readonly env: string } | { readonly file: string }, file: string): SecretSource {
  return "env" in written
    ? { kind: "environment", variable: written.env }
    : { kind: "file", path: path.resolve(path.dirname(file), written.file) };
}

function resolveObserve({ containers, prometheus }: ValidatedScenario["observe"], file: string): ObserveSettings {
  return {
    containers,
    prometheus: prometheus.map(({ name, url, server, metrics, interval, token, ca }) => ({
      name,
      kind: server === undefined ? "exposition" : "server",
      url: (url ?? server) as string,
      metrics:
        typeof metrics === "string"
          ? metrics
          : metrics.map((one) => ({
              name: one.name,
              expression: (one.metric ?? one.query) as string,
              isCounter: one.kind === "counter",
              unit: one.unit,
            })),
      intervalMicros: interval,
      token: token === null ? null : resolveSecret(token, file),
      authority: ca === null ? null : path.resolve(path.dirname(file), ca),
    })),
  };
}

function resolvePhases(phases: ValidatedScenario["phases"], seed: number): Phase[] {
  let startMicros = 0;
  let firstSequence = 0;
  return phases.map((phase, index) => {
    const transactions = transactionsOf(phase);
    const resolved: Phase = {
      index,
      name: phase.name,
      measured: phase.measured,
      startMicros,
      durationMicros: phase.durationMicros,
      firstSequence,
      transactions,
      load: resolveLoad(phase.load, arrivalsSeed(seed, index)),
    };
    startMicros += phase.durationMicros;
    firstSequence += transactions;
    return resolved;
  });
}

function resolveLoad(load: ValidatedScenario["phases"][number]["load"], seed: number): Load {
  if (load.kind === "unlimited") return load;
  if (load.kind === "captured") {
    const { arrivals } = load;
    if (arrivals === null) throw new AppError("INTERNAL", "a phase that replays was not scheduled");
    return { kind: "paced", segments: segmentsOf(arrivals), arrivals };
  }
  return { ...load, arrivals: load.arrivals === "even" ? { kind: "even" } : { kind: "poisson", seed } };
}

/** Checked before: metric, comparison and limit are known to be good. */
function resolveThreshold(written: string, threshold: ValidatedScenario["thresholds"][string]): Threshold {
  const parsed = parseMetric(written);
  const comparison = parseComparison(threshold.is);
  const limit = parsed && comparison && parseLimit(metricUnit(parsed.metric), comparison.limit);
  if (parsed === null || comparison === null || limit === null) {
    throw new AppError("INTERNAL", `threshold ${written} was not checked`);
  }
  return {
    metric: written,
    phase: parsed.phase,
    comparison: comparison.comparison,
    limit,
    limitText: comparison.limit,
    abortOnFail: threshold.abortOnFail,
    afterMicros: threshold.afterMicros,
  };
}
