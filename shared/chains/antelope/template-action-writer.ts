import { AppError } from "../../errors/app-error.ts";
import { countsAlways } from "../../workload/placeholders.ts";
import { type AbiType, ContractTypes } from "./abi.ts";
import type { ActionData, AntelopeData } from "./chain-data.ts";
import { FieldCompiler, type FieldWriter } from "./field-writer.ts";
import { nameWord, type Word } from "./names.ts";
import type { ActionWriter, TransactionDraft } from "./transaction-draft.ts";

export interface TemplateActionOptions {
  readonly entry: ActionData;
  readonly data: AntelopeData;
  /** Position of the account that acts; null: the transaction's sender. */
  readonly actor: number | null;
  /** Most actions that a transaction of this workload has, so that counters of different ones never meet. */
  readonly actionsPerTransaction: number;
  /** Whether another mix entry has the same action, whose counter might meet this one's. */
  readonly shared: boolean;
}

/** Any action of any contract. */
export class TemplateActionWriter implements ActionWriter {
  readonly capacity: number;

  readonly #contract: Word;
  readonly #action: Word;
  readonly #actor: number | null;
  readonly #permission: Word | null;
  readonly #actionsPerTransaction: number;
  readonly #write: FieldWriter;

  /** Throws what `actionType` and the library throw. */
  constructor({ entry, data, actor, actionsPerTransaction, shared }: TemplateActionOptions) {
    this.capacity = countsAlways(entry.node) && !shared ? Number.POSITIVE_INFINITY : 0;
    this.#contract = nameWord(entry.contract);
    this.#action = nameWord(entry.action);
    this.#actor = actor;
    this.#permission = entry.permission === null ? null : nameWord(entry.permission);
    this.#actionsPerTransaction = actionsPerTransaction;
    const types = typesOf(data, entry.contract);
    this.#write = new FieldCompiler(types, entry.tokens).compile(entry.node, actionType(types, entry));
  }

  write(draft: TransactionDraft, position: number): void {
    const { payer } = draft;
    // To the template, whoever acts is the sender.
    if (this.#actor !== null) draft.payer = this.#actor;
    draft.beginAction();
    this.#write(draft, draft.sequence * this.#actionsPerTransaction + position);
    draft.endAction(this.#contract, this.#action, draft.anyPayer(), this.#permission);
    if (this.#actor !== null) draft.payer = payer;
  }
}

export function typesOf(data: Pick<AntelopeData, "abis">, contract: string): ContractTypes {
  const abi = data.abis[contract];
  if (!abi) throw new AppError("RESOURCES_MISSING", `${contract} has no contract whose ABI could be read`);
  return new ContractTypes(abi);
}

/** Throws RESOURCES_MISSING when the contract has no such action. */
export function actionType(
  types: ContractTypes,
  { contract, action }: Pick<ActionData, "contract" | "action">,
): AbiType {
  const type = types.actions.get(action);
  if (type) return type;
  const known = [...types.actions.keys()].join(", ");
  throw new AppError("RESOURCES_MISSING", `the contract ${contract} has no action ${action}; it has ${known}`);
}
