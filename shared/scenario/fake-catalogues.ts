import type { ChainCatalogues } from "./check-scenario.ts";

/** Chains of which one has three named operations and one no embedded network, for tests of what does not depend on a real chain. */
export const fakeCatalogues: ChainCatalogues = {
  names: ["bitshares", "antelope", "elsewhere"],
  catalogueOf: (chain) =>
    chain === "bitshares"
      ? {
          named: ["transfer", "limit_order_create", "limit_order_cancel"],
          all: ["transfer", "limit_order_create", "limit_order_cancel", "custom", "account_update"],
          knows(operation) {
            return this.all.includes(operation);
          },
          validate(entry) {
            const problems = [];
            if (entry.operation === "custom" && entry.template === null) {
              problems.push({ path: "template", expected: "expected the operation's fields" });
            }
            if ("amount" in entry.parameters && typeof entry.parameters.amount !== "string") {
              problems.push({ path: "amount", expected: 'expected a range such as "1..100 BTS"' });
            }
            return problems;
          },
        }
      : null,
  nodeProtocolsOf: (chain) => (chain === "antelope" ? ["http", "https"] : null),
  provisioningOf: () => null,
};
