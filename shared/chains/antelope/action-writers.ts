import { AppError } from "../../errors/app-error.ts";
import { limits } from "../../scenario/schema-parts.ts";
import type { AccountPopularity } from "../../workload/popularity.ts";
import type { ResolvedChain } from "../driver.ts";
import { type AmountLattice, type AmountStretch, disjointLattices } from "../preparing/draw-space.ts";
import type { AntelopeData, EntryData } from "./chain-data.ts";
import { DeletePermissionWriter } from "./delete-permission-writer.ts";
import { TemplateActionWriter } from "./template-action-writer.ts";
import type { ActionWriter } from "./transaction-draft.ts";
import { TransferWriter } from "./transfer-writer.ts";

/** A run never has more; where the number of its transactions is not known, they have to be told apart up to this. */
export const mostTransactions = limits.transactions;

export function createActionWriters(
  resolved: ResolvedChain,
  popularity: AccountPopularity,
  seed: number,
  actionsPerTransaction: number,
): ActionWriter[] {
  const data = resolved.data as AntelopeData;
  const positions = new Map(resolved.accounts.map(({ name }, position) => [name, position]));
  const lattices = disjointLattices(data.entries.map(stretchOf));
  return data.entries.map((entry, i) => {
    if (entry.kind === "transfer") {
      return new TransferWriter(entry, lattices[i] as AmountLattice, popularity, seed);
    }
    if (entry.owned !== undefined) return new DeletePermissionWriter(entry, entry.owned);
    const actor = entry.actor === null ? null : positionOf(entry.actor, positions);
    const shared = data.entries.filter((other) => actionOf(other) === actionOf(entry)).length > 1;
    return new TemplateActionWriter({ entry, data, actor, actionsPerTransaction, shared });
  });
}

function positionOf(name: string, positions: ReadonlyMap<string, number>): number {
  const position = positions.get(name);
  if (position === undefined) throw new AppError("ACCOUNT_MISSING", `${name} is not one of the run's accounts`);
  return position;
}

/** Such as `eosio.token::transfer`. */
function actionOf(entry: EntryData): string {
  return entry.kind === "transfer" ? `${entry.token.contract}::transfer` : `${entry.contract}::${entry.action}`;
}

function stretchOf(entry: EntryData, index: number): AmountStretch {
  if (entry.kind === "action") return { key: `alone ${index}`, minimum: 0, maximum: 0 };
  const { token, minimum, maximum } = entry;
  return { key: `${token.contract} ${token.symbol}`, minimum, maximum };
}
