import { burnerAccount } from "../../devnet/burner-abi.ts";
import { fitFields } from "../imitating/fit-fields.ts";
import { fitLengths, lengthText } from "../imitating/fit-lengths.ts";
import type { ImitatedEntry, Imitation, TrafficOperation, TrafficValue } from "../traffic.ts";
import { namedActions, systemAccount, tokenAccount } from "./named-actions.ts";
import { operationCatalogue } from "./operation-catalogue.ts";

const withMemo = "transfer with memo";
const longestMemo = 256;
/** What every test network has, as far as they have it all. */
const usualContracts: readonly string[] = [systemAccount, tokenAccount, burnerAccount];

/** Entries of a mix that imitate the actions of one kind. */
export function imitateActions(kind: string, samples: readonly TrafficOperation[]): Imitation {
  if (kind === withMemo) {
    const ranges = fitLengths(samples.map(({ size }) => Math.min(longestMemo, size)));
    const entries = ranges.map((range, i) => ({
      ...named("transfer", { memo: lengthText(range) }),
      name: `transfer-memo${i === 0 ? "" : `-${i + 1}`}`,
      weight: range.share,
    }));
    return { kind: "entries", entries, needs: null };
  }
  const name = nameOf(kind);
  if (name !== null) return { kind: "entries", entries: [named(name, parametersOf(name, samples))], needs: null };
  return imitateByTemplate(kind, samples);
}

/** Of an action that has a generator of its own; otherwise null. */
function nameOf(kind: string): string | null {
  if (kind === "transfer") return kind;
  const [contract, action = ""] = kind.split("::");
  return namedActions.get(action)?.contract === contract ? action : null;
}

function named(operation: string, parameters: ImitatedEntry["parameters"]): ImitatedEntry {
  return { name: operation, operation, parameters, template: null, weight: 1 };
}

/** Of those that say how much of a block they take. */
function parametersOf(name: string, samples: readonly TrafficOperation[]): ImitatedEntry["parameters"] {
  switch (name) {
    case "cpu":
      return { micros: rangeOf(samples, "micros") };
    case "ram":
      return { bytes: rangeOf(samples, "bytes") };
    case "buyrambytes":
      return { bytes: rangeOf(samples, "bytes") };
    case "net":
      return { bytes: Math.max(1, Math.round(samples.reduce((sum, { size }) => sum + size, 0) / samples.length)) };
    default:
      return {};
  }
}

function rangeOf(samples: readonly TrafficOperation[], field: string): string {
  const values = samples
    .map(({ fields }) => Number((fields as Readonly<Record<string, TrafficValue>>)[field]))
    .filter((value) => value >= 1);
  return values.length === 0 ? "1" : `${Math.min(...values)}..${Math.max(...values)}`;
}

function imitateByTemplate(kind: string, samples: readonly TrafficOperation[]): Imitation {
  const { template, foreign } = fitFields(samples);
  if (foreign.length > 0) {
    return { kind: "impossible", reason: `refers to what only that network has: ${foreign.join(", ")}` };
  }
  const entry = { name: kind, operation: kind, parameters: {}, template, weight: 1 };
  const [problem] = operationCatalogue.knows(kind) ? operationCatalogue.validate(entry) : [{ expected: "no action" }];
  if (problem !== undefined) return { kind: "impossible", reason: `no template works: ${problem.expected}` };
  const [contract = ""] = kind.split("::");
  const needs = usualContracts.includes(contract) ? `the action ${kind}` : `the contract ${contract}`;
  return { kind: "entries", entries: [entry], needs };
}
