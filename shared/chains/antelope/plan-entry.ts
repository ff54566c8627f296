import type { Problem } from "../../errors/app-error.ts";
import type { AmountRange } from "../../workload/amount.ts";
import { parseTemplate } from "../../workload/placeholders.ts";
import type { MixEntryInput } from "../driver.ts";
import { ParameterReader, type Parsed } from "../preparing/parameter-reader.ts";
import { type ActionUse, namedActions, type TokenWanted, tokenAccount } from "./named-actions.ts";
import { isName } from "./names.ts";
import { readAmount, readName, readWholeRange, type WholeRange } from "./read-parameters.ts";

/** A mix entry as far as it is understood without a network. */
export type EntryPlan =
  | {
      readonly kind: "transfer";
      readonly token: TokenWanted;
      readonly amount: AmountRange | null;
      readonly memo: WholeRange;
    }
  | { readonly kind: "action"; readonly use: ActionUse };

/** A transfer's memo may have at most this many bytes (eosio.token). */
const longestMemo = 256;
const transferAction = `${tokenAccount}::transfer`;
const actionPattern = /^([a-z1-5.]+)::([a-z1-5.]+)$/;

/** Null when it is neither the name of a well-known action nor of the form `contract::action`. */
export function actionNamed(operation: string): { readonly contract: string; readonly action: string } | null {
  if (operation === "transfer") return { contract: tokenAccount, action: "transfer" };
  const named = namedActions.get(operation);
  if (named) return { contract: named.contract, action: named.action };
  const [, contract, action] = actionPattern.exec(operation) ?? [];
  return isName(contract) && isName(action) ? { contract, action } : null;
}

/** The plan means nothing when there are problems. Null for an operation that is not known. */
export function planEntry(entry: MixEntryInput): Parsed<EntryPlan> | null {
  const action = actionNamed(entry.operation);
  if (action === null) return null;
  if (entry.template !== null) return planTemplate(entry, entry.template, action);
  const full = `${action.contract}::${action.action}`;
  if (full === transferAction) return planTransfer(entry.parameters);
  const named = namedActions.get(action.action);
  if (named?.contract === action.contract) {
    const { value, problems } = named.parse(entry.parameters);
    return { value: { kind: "action", use: value }, problems };
  }
  const use: ActionUse = { ...action, actor: null, permission: null, deletes: null, tokens: [], template: () => ({}) };
  const expected = `expected the data of ${full} with placeholders`;
  return { value: { kind: "action", use }, problems: [{ path: "template", expected }] };
}

function planTransfer(raw: MixEntryInput["parameters"]): Parsed<EntryPlan> {
  const reader = new ParameterReader(raw, ["amount", "memo", "contract"]);
  const amount = readAmount(reader, "amount", "1");
  const contract = readName(reader, "contract") ?? tokenAccount;
  const memo = readWholeRange(reader, "memo", [0, 0], [0, longestMemo]);
  const token = { symbol: reader.has("amount") ? amount.symbol : null, contracts: [contract] };
  const written = reader.has("amount") ? amount : null;
  return { value: { kind: "transfer", token, amount: written, memo }, problems: reader.problems };
}

function planTemplate(
  entry: MixEntryInput,
  template: Readonly<Record<string, unknown>>,
  { contract, action }: { readonly contract: string; readonly action: string },
): Parsed<EntryPlan> {
  const reader = new ParameterReader(entry.parameters, ["actor", "permission"]);
  const parsed = parseTemplate(template);
  const problems: Problem[] = parsed.problems.map(({ path, ...rest }) => ({
    path: path === "" ? "template" : `template.${path}`,
    ...rest,
  }));
  const contracts = [...new Set([contract, tokenAccount])];
  const use: ActionUse = {
    contract,
    action,
    actor: readName(reader, "actor"),
    permission: readName(reader, "permission"),
    deletes: null,
    tokens: parsed.symbols.map((symbol) => ({ symbol, contracts })),
    template: () => template,
  };
  return { value: { kind: "action", use }, problems: [...reader.problems, ...problems] };
}
