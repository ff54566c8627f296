import type { MixEntry } from "../../scenario/scenario.ts";
import { dealObjects } from "../preparing/deal-objects.ts";
import type { EntryData, OwnedPermissions } from "./chain-data.ts";
import type { AccountAnswer } from "./node-answers.ts";

interface FoundPermission {
  /** Position of the account. */
  readonly owner: number;
  readonly name: string;
}

/**
 * The entries that delete permissions, each with permissions of its own to delete; the others as they are. `answers`: of the
 * run's accounts.
 */
export function dealPermissions(
  mix: readonly MixEntry[],
  entries: readonly EntryData[],
  answers: readonly AccountAnswer[],
): EntryData[] {
  const prefixes = new Map(
    entries.flatMap((entry, i) => (prefixOf(entry) === null ? [] : [[mix[i] as MixEntry, prefixOf(entry) as string]])),
  );
  if (prefixes.size === 0) return [...entries];
  const found = answers.flatMap((answer, owner) => deletable(answer).map((name): FoundPermission => ({ owner, name })));
  const dealt = dealObjects(found, [...prefixes.keys()], (entry, { name }) =>
    name.startsWith(prefixes.get(entry) as string),
  );
  return entries.map((entry, i) => {
    const own = dealt.get(mix[i] as MixEntry);
    return entry.kind !== "action" || own === undefined ? entry : { ...entry, owned: toOwned(own) };
  });
}

/** How many permissions of the prefix an account has that can be deleted. */
export function countDeletable(answer: AccountAnswer, prefix: string): number {
  return deletable(answer).filter((name) => name.startsWith(prefix)).length;
}

function prefixOf(entry: EntryData): string | null {
  return entry.kind === "action" ? (entry.deletes ?? null) : null;
}

/** Neither owner nor active, the parent of none, and with no action that is linked to it. */
function deletable({ permissions }: AccountAnswer): string[] {
  const parents = new Set(permissions.map(({ parent }) => parent));
  return permissions
    .filter(({ perm_name: name, linked_actions: linked }) => {
      const isOfEveryAccount = name === "owner" || name === "active";
      return !isOfEveryAccount && !parents.has(name) && (linked ?? []).length === 0;
    })
    .map(({ perm_name: name }) => name);
}

function toOwned(permissions: readonly FoundPermission[]): OwnedPermissions {
  return { owners: permissions.map(({ owner }) => owner), names: permissions.map(({ name }) => name) };
}
