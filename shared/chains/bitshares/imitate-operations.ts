import { fitFields, withCounter } from "../imitating/fit-fields.ts";
import { fitLengths, lengthText } from "../imitating/fit-lengths.ts";
import type { ImitatedEntry, Imitation, TrafficOperation } from "../traffic.ts";
import { longestSealedLike } from "./memo-sealer.ts";
import { operationCatalogue } from "./operation-catalogue.ts";

const withMemo = "transfer with memo";
const longestMemo = 4096;
const customBytes = [16, 65_536] as const;

/** Entries of a mix that imitate the operations of one kind. */
export function imitateOperations(kind: string, samples: readonly TrafficOperation[]): Imitation {
  const entries = namedEntries(kind, samples);
  return entries === null ? imitateByTemplate(kind, samples) : { kind: "entries", entries, needs: null };
}

/** Null where the operation has no generator of its own. */
function namedEntries(kind: string, samples: readonly TrafficOperation[]): ImitatedEntry[] | null {
  if (kind === withMemo) {
    const ranges = fitLengths(
      samples.map(({ size }) => size),
      longestSealedLike,
    );
    return ranges.map(({ share, ...range }, i) => {
      const memo = lengthText({ share, ...range, maximum: Math.min(longestMemo, range.maximum) });
      return { ...named("transfer", { memo }), name: `transfer-memo${i === 0 ? "" : `-${i + 1}`}`, weight: share };
    });
  }
  if (kind === "custom") {
    const mean = samples.reduce((sum, { size }) => sum + size, 0) / samples.length;
    return [named("custom", { bytes: Math.min(customBytes[1], Math.max(customBytes[0], Math.round(mean))) })];
  }
  const usual = named(kind, {});
  return operationCatalogue.named.includes(kind) && operationCatalogue.validate(usual).length === 0 ? [usual] : null;
}

function named(operation: string, parameters: ImitatedEntry["parameters"]): ImitatedEntry {
  return { name: operation, operation, parameters, template: null, weight: 1 };
}

function imitateByTemplate(kind: string, samples: readonly TrafficOperation[]): Imitation {
  if (!operationCatalogue.knows(kind)) return { kind: "impossible", reason: "not known to this program" };
  const { template, foreign } = fitFields(samples);
  if (foreign.length > 0) {
    return { kind: "impossible", reason: `refers to what only that network has: ${foreign.join(", ")}` };
  }
  const reasons: string[] = [];
  for (const candidate of [template, withCounter(template)]) {
    if (candidate === null) continue;
    const entry = { name: kind, operation: kind, parameters: {}, template: candidate, weight: 1 };
    const [problem] = operationCatalogue.validate(entry);
    if (problem === undefined) return { kind: "entries", entries: [entry], needs: null };
    reasons.push(problem.expected);
  }
  return { kind: "impossible", reason: `no template of its fields works: ${reasons[0]}` };
}
