import { AppError, messageOf, type Problem } from "../../errors/app-error.ts";
import type { MixEntry } from "../../scenario/scenario.ts";
import { parseTemplate, type TemplateNode } from "../../workload/placeholders.ts";
import { randomStreams } from "../../workload/shape.ts";
import type { ContractTypes } from "./abi.ts";
import type { ActionData, AntelopeData, EntryData, Token, TransferData } from "./chain-data.ts";
import { FieldCompiler } from "./field-writer.ts";
import { type ActionUse, type TokenWanted, tokenAccount } from "./named-actions.ts";
import { type EntryPlan, planEntry } from "./plan-entry.ts";
import { actionType, typesOf } from "./template-action-writer.ts";
import { assetText, unitRange } from "./template-scope.ts";
import { TransactionDraft } from "./transaction-draft.ts";

/** Sender, recipient, amount and memo, as eosio.token declares them. */
const transferTypes = "name, name, asset, string";

/** Contracts whose ABI preparing needs, each once. */
export function contractsOf(mix: readonly MixEntry[]): string[] {
  return [
    ...new Set(mix.map(planOf).map((plan) => (plan.kind === "action" ? plan.use.contract : contractOf(plan.token)))),
  ];
}

/** Tokens that the mix names, each once; the core token, for which the symbol is null, is left out. */
export function tokensOf(mix: readonly MixEntry[]): TokenWanted[] {
  const wanted = mix.map(planOf).flatMap((plan) => (plan.kind === "action" ? plan.use.tokens : [plan.token]));
  const named = wanted.filter((token) => token.symbol !== null);
  return [...new Map(named.map((token) => [JSON.stringify(token), token])).values()];
}

/** What is known of the network when the mix is turned into entries. */
export interface EntryContext extends Pick<AntelopeData, "coreToken" | "tokens" | "abis"> {
  /** Names of the run's accounts. */
  readonly accounts: readonly string[];
}

/**
 * Entries in the order of the mix.
 * Throws AppError: RESOURCES_MISSING (a token, a contract or an action that the network lacks), PLAN_IMPOSSIBLE (data that
 * does not fit the contract's ABI, an actor that is none of the run's accounts, too few accounts), with every problem.
 */
export function toEntries(mix: readonly MixEntry[], context: EntryContext): EntryData[] {
  const missing: Problem[] = [];
  const unfit: Problem[] = [];
  const entries = mix.flatMap((entry) => {
    const path = `mix.${entry.name}`;
    try {
      const data = toEntryData(planOf(entry), context);
      unfit.push(...problemsOf(data, context).map((problem) => ({ ...problem, path: path + problem.path })));
      return [data];
    } catch (error) {
      const isMissing = error instanceof AppError && error.code === "RESOURCES_MISSING";
      (isMissing ? missing : unfit).push({ path, expected: shortened(error) });
      return [];
    }
  });
  if (missing.length > 0) {
    throw new AppError("RESOURCES_MISSING", "the chain lacks what the workload uses", { problems: missing });
  }
  if (unfit.length > 0) {
    throw new AppError("PLAN_IMPOSSIBLE", "the workload does not fit this network", { problems: unfit });
  }
  return entries;
}

/** The mix has been validated when a network is asked. */
function planOf(entry: MixEntry): EntryPlan {
  const plan = planEntry(entry);
  if (plan !== null && plan.problems.length === 0) return plan.value;
  throw new AppError("SCENARIO_INVALID", `${entry.name} is not a usable entry of a mix`, {
    problems: plan?.problems ?? [],
  });
}

function contractOf({ contracts: [contract = tokenAccount] }: TokenWanted): string {
  return contract;
}

function toEntryData(plan: EntryPlan, context: EntryContext): EntryData {
  return plan.kind === "transfer" ? toTransferData(plan, context) : toActionData(plan.use, context);
}

function toTransferData(
  { token: wanted, amount, memo }: EntryPlan & { kind: "transfer" },
  context: EntryContext,
): TransferData {
  const token = findToken(wanted, context);
  const [minimumMemo, maximumMemo] = memo;
  // Without an amount of its own: from the smallest unit to ten.
  const written = amount ?? { minimum: assetText(1, token).split(" ")[0] as string, maximum: "10", symbol: null };
  const { minimum, maximum } = unitRange({ ...written, symbol: token.symbol }, [token]);
  return { kind: "transfer", token, minimum, maximum, minimumMemo, maximumMemo };
}

function toActionData(use: ActionUse, context: EntryContext): ActionData {
  const { contract, action, actor, permission, deletes } = use;
  const tokens = use.tokens.map((wanted) => findToken(wanted, context));
  const { node } = parseTemplate(use.template(tokens));
  return {
    ...{ kind: "action", contract, action, actor, permission, node, tokens },
    ...(deletes !== null && { deletes }),
  };
}

function findToken({ symbol, contracts }: TokenWanted, { coreToken, tokens }: EntryContext): Token {
  if (symbol === null && contracts.includes(coreToken.contract)) return coreToken;
  const wanted = symbol ?? coreToken.symbol;
  const candidates = contracts.map((contract) =>
    [coreToken, ...tokens].find((token) => token.contract === contract && token.symbol === wanted),
  );
  const found = candidates.find((token) => token !== undefined);
  if (found) return found;
  throw new AppError("RESOURCES_MISSING", `expected a token ${wanted} of ${contracts.join(" or ")} on the chain`);
}

/** Paths are relative to the entry's. */
function problemsOf(entry: EntryData, context: EntryContext): Problem[] {
  if (entry.kind === "transfer") return [...loneAccountProblems(true, context), ...transferProblems(entry, context)];
  const types = typesOf(context, entry.contract);
  const type = actionType(types, entry);
  const problems = loneAccountProblems(JSON.stringify(entry.node).includes('"other"'), context);
  if (entry.actor !== null && !context.accounts.includes(entry.actor)) {
    problems.push({ path: ".actor", value: entry.actor, expected: "expected one of the run's accounts" });
  }
  const known = types.fieldsOf(type)?.map((field) => field.name) ?? [];
  for (const field of fieldNames(entry.node)) {
    if (known.includes(field)) continue;
    const expected = `is not a field of ${entry.contract}::${entry.action}; it has ${known.join(", ")}`;
    problems.push({ path: `.template.${field}`, expected });
  }
  return problems.length > 0 ? problems : trialProblems(entry, types);
}

/** The signing path writes the data of transfers itself. */
function transferProblems({ token: { contract } }: TransferData, context: EntryContext): Problem[] {
  const type = actionType(typesOf(context, contract), { contract, action: "transfer" });
  const types = type.fields.map((field) => field.type.name).join(", ");
  if (types === transferTypes) return [];
  return [{ path: "", value: `${contract}::transfer(${types})`, expected: `expected transfer(${transferTypes})` }];
}

function loneAccountProblems(needsOther: boolean, { accounts }: EntryContext): Problem[] {
  return needsOther && accounts.length < 2 ? [{ path: "", expected: "expected two accounts" }] : [];
}

function fieldNames(node: TemplateNode): string[] {
  if (node.kind === "object") return node.fields.map(([name]) => name);
  return node.kind === "constant" && typeof node.value === "object" ? Object.keys(node.value ?? {}) : [];
}

/** Serialises one example. Stands in for the accounts, whose number and names matter nothing here. */
function trialProblems(entry: ActionData, types: ContractTypes): Problem[] {
  const standIns = ["alice", "bob"].map((name) => ({ name, permission: "active" }));
  const draft = new TransactionDraft(standIns, [0, 1]);
  draft.begin(0, 1_800_000_000);
  draft.random.reset(1, 0, randomStreams.contents);
  const type = actionType(types, entry);
  try {
    new FieldCompiler(types, entry.tokens).throughLibrary(entry.node, type)(draft, 1);
    return [];
  } catch (error) {
    const expected = `cannot be serialised as ${entry.contract}::${entry.action}: ${shortened(error)}`;
    return [{ path: ".template", expected }];
  }
}

function shortened(error: unknown): string {
  return messageOf(error).replace(/\s+/g, " ").trim().slice(0, 200);
}
