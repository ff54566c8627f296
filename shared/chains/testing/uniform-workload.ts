import type { Workload } from "../../scenario/scenario.ts";

/** Transactions of one operation each, all of these equally often, with the same parameters. */
export function uniformWorkload(
  operations: readonly string[],
  parameters: Readonly<Record<string, unknown>> = {},
): Workload {
  return {
    operationsPerTransaction: { kind: "fixed", count: 1 },
    mix: operations.map((operation) => ({ name: operation, weight: 1, operation, parameters, template: null })),
    route: { kind: "equal" },
    popularity: { kind: "uniform" },
  };
}
