import { ops } from "bitsharesjs";
import type { Problem } from "../../errors/app-error.ts";
import { messageOf } from "../../errors/app-error.ts";
import { parseTemplate } from "../../workload/placeholders.ts";
import { SequenceRandom } from "../../workload/sequence-random.ts";
import type { MixEntryInput, OperationCatalogue } from "../driver.ts";
import { ParameterReader } from "../preparing/parameter-reader.ts";
import { namedOperationNames, parseNamedOperation } from "./named-operations.ts";
import { operationCode, operationNames, payerFieldOf } from "./operation-payers.ts";
import { operationBytes, overheadBytes } from "./packed-sizes.ts";

import {
  parseCallOrder,
  parseHtlcCreate,
  parseHtlcExtend,
  parseOrderCancel,
  parseOrderCreate,
  parseOrderUpdate,
  parsePublishFeed,
  parseTransfer,
} from "./parameters.ts";
import { replayOperations } from "./replay-operations.ts";

import { encodeOperation, renderOperation } from "./template-writer.ts";
import { toChainTime } from "./transaction-draft.ts";

type Validate = (parameters: MixEntryInput["parameters"]) => readonly Problem[];

const namedOperations: Readonly<Record<string, Validate>> = {
  transfer: (parameters) => parseTransfer(parameters).problems,
  limit_order_create: (parameters) => parseOrderCreate(parameters).problems,
  account_upgrade: withoutParameters,
  limit_order_cancel: (parameters) => parseOrderCancel(parameters).problems,
  limit_order_update: (parameters) => parseOrderUpdate(parameters).problems,
  call_order_update: (parameters) => parseCallOrder(parameters).problems,
  asset_publish_feed: (parameters) => parsePublishFeed(parameters).problems,
  proposal_update: withoutParameters,
  proposal_delete: withoutParameters,
  vesting_balance_withdraw: withoutParameters,
  htlc_create: (parameters) => parseHtlcCreate(parameters).problems,
  htlc_redeem: withoutParameters,
  htlc_extend: (parameters) => parseHtlcExtend(parameters).problems,
};

function withoutParameters(parameters: MixEntryInput["parameters"]): readonly Problem[] {
  return new ParameterReader(parameters, []).problems;
}

const namedOnes = [...Object.keys(namedOperations), ...namedOperationNames];

export const operationCatalogue: OperationCatalogue = {
  named: namedOnes,
  all: operationNames,
  knows: (operation) => operationNames.includes(operation) || namedOnes.includes(operation),
  validate(entry) {
    if (entry.template !== null) return validateTemplate(entry, entry.template);
    const validate = namedOperations[entry.operation];
    if (validate) return validate(entry.parameters);
    const named = parseNamedOperation(entry.operation, entry.parameters);
    if (named) return named.problems;
    const unusable = unusableProblem(entry.operation);
    if (unusable) return [unusable];
    return [{ path: "template", expected: `expected the fields of ${entry.operation} with placeholders` }];
  },
  replay: replayOperations,
  packedSizes: { overheadBytes, operationBytes },
};

function validateTemplate(entry: MixEntryInput, template: Readonly<Record<string, unknown>>): Problem[] {
  const unusable = unusableProblem(entry.operation);
  if (unusable) return [unusable];
  const problems: Problem[] = Object.keys(entry.parameters).map((path) => ({
    path,
    expected: "expected nothing beside a template",
  }));
  const known = ops.operation.st_operations[operationCode(entry.operation)]?.keys ?? [];
  for (const field of Object.keys(template)) {
    if (known.includes(field)) continue;
    const expected = `is not a field of ${entry.operation}; it has ${known.join(", ")}`;
    problems.push({ path: `template.${field}`, expected });
  }
  const parsed = parseTemplate(template);
  for (const { path, ...rest } of parsed.problems) {
    problems.push({ path: path === "" ? "template" : `template.${path}`, ...rest });
  }
  if (problems.length > 0) return problems;
  if (!parsed.counts) {
    const expected = "expected a $counter somewhere, because no two transactions may be the same";
    problems.push({ path: "template", expected });
  }
  const failure = trialFailure(entry.operation, parsed.node);
  if (failure !== null) {
    problems.push({ path: "template", expected: `cannot be serialised as ${entry.operation}: ${failure}` });
  }
  return problems;
}

function unusableProblem(operation: string): Problem | null {
  if (payerFieldOf(operation) !== null) return null;
  if (!operationNames.includes(operation)) {
    // The library that packs templates lacks what the last hard forks have brought.
    return { path: "template", expected: `expected none: ${operation} can only be used with its parameters` };
  }
  return {
    path: "operation",
    value: operation,
    expected: "expected an operation that an account can send; nodes make this one themselves or it needs other keys",
  };
}

/** Why the library refuses one example, or null. Stands in for accounts and assets, which are not known yet. */
function trialFailure(operation: string, node: ReturnType<typeof parseTemplate>["node"]): string | null {
  const random = new SequenceRandom();
  random.reset(1, 1);
  try {
    const fields = renderOperation(operation, node, 0, {
      random,
      counter: 1,
      expirationSeconds: 1_800_000_000,
      account: (which) => (which === "sender" ? "1.2.100" : "1.2.101"),
      asset: () => ({ amount: 1, asset_id: "1.3.1" }),
      time: toChainTime,
    });
    encodeOperation(operationCode(operation), fields);
    return null;
  } catch (error) {
    // The library adds stack traces to its messages; the first line has the path and the cause.
    return (messageOf(error).split("\n")[0] as string).replace(/\s+/g, " ").trim().slice(0, 200);
  }
}
