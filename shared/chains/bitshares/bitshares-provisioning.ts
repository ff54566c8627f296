import type { Provisioning } from "../provisioning.ts";
import { toWif } from "./keys.ts";
import { packSteps } from "./setup/pack-steps.ts";
import { surveyChain } from "./setup/survey-chain.ts";
import { surveyReturn } from "./setup/survey-return.ts";

/**
 * Letters, digits and dashes, a letter first. A digit follows in every name, so all of them cost the basic fee. Names have
 * at most 63 characters.
 */
const prefixPattern = /^[a-z][a-z0-9-]{0,39}$/;

export const bitsharesProvisioning: Provisioning = {
  nameAccounts(prefix, count) {
    if (!prefixPattern.test(prefix) || prefix.includes("--")) {
      return { expected: 'expected up to 40 lower-case letters, digits and dashes, a letter first, such as "load-"' };
    }
    return { names: Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`) };
  },
  resourceProblems: (resources) =>
    Object.keys(resources).map((path) => ({
      path,
      expected: "expected nothing: accounts of this chain have no resources",
    })),
  keyText: toWif,
  survey: surveyChain,
  surveyReturn,
  pack: packSteps,
};
