import { toLetters } from "../../workload/letters.ts";
import type { Provisioning } from "../provisioning.ts";
import { toPrivateKeyText } from "./keys.ts";
import { packSteps } from "./setup/pack-steps.ts";
import { resourceProblems } from "./setup/resources.ts";
import { surveyChain } from "./setup/survey-chain.ts";
import { surveyReturn } from "./setup/survey-return.ts";

/** Networks demand twelve characters of accounts whose names nobody has bid for. */
const nameLength = 12;
const prefixPattern = /^[a-z][a-z1-5]{0,9}$/;

export const antelopeProvisioning: Provisioning = {
  nameAccounts(prefix, count) {
    const letters = nameLength - prefix.length;
    if (!prefixPattern.test(prefix) || 26 ** letters < count) {
      const expected = 'expected up to ten of the letters a to z and the digits 1 to 5, a letter first, such as "load"';
      return { expected: `${expected}; letters fill names up to twelve` };
    }
    return { names: Array.from({ length: count }, (_, i) => prefix + toLetters(i, letters)) };
  },
  resourceProblems,
  keyText: toPrivateKeyText,
  survey: surveyChain,
  surveyReturn,
  pack: packSteps,
};
