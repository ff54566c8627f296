import { toLetters } from "../../../workload/letters.ts";
import { countDeletable } from "../deal-permissions.ts";
import { planEntry } from "../plan-entry.ts";
import { updateAuth } from "./actions.ts";
import type { Party, Scene } from "./scene.ts";
import { type Step, signers } from "./step.ts";

const longestName = 12;
/** What nodes bill for one: the permission itself, and the account in its authority. */
export const permissionRamBytes = 340;

/** Permissions to delete, as many as the workload deletes, dealt to the accounts in turn. */
export function makePermissions(scene: Scene): readonly Step[] {
  const steps: Step[] = [];
  for (const [prefix, missing] of missingByPrefix(scene)) steps.push(...stepsOf(scene, prefix, missing));
  return steps;
}

/** Permissions are dealt evenly to the entries that may delete them, so each must find as many as the neediest. */
function missingByPrefix({ accounts, options: { workload, poolNeeds } }: Scene): Map<string, number> {
  const needs = new Map<string, number[]>();
  for (const [i, entry] of workload.mix.entries()) {
    const plan = planEntry(entry)?.value;
    const prefix = plan?.kind === "action" ? plan.use.deletes : null;
    if (prefix !== null && prefix !== undefined) needs.set(prefix, [...(needs.get(prefix) ?? []), poolNeeds[i] ?? 0]);
  }
  return new Map(
    [...needs].map(([prefix, counts]) => {
      const there = accounts.reduce((sum, { answer }) => sum + (answer ? countDeletable(answer, prefix) : 0), 0);
      return [prefix, Math.max(0, counts.length * Math.max(...counts) - there)] as const;
    }),
  );
}

function stepsOf(scene: Scene, prefix: string, missing: number): Step[] {
  const { accounts } = scene;
  const names = accounts.map((party) => unusedNames(party, prefix));
  return Array.from({ length: missing }, (_, i) => {
    const party = accounts[i % accounts.length] as Party;
    const name = names[i % accounts.length]?.next().value as string;
    const actions = party.answer === null ? null : [updateAuth(party, name, signers(scene, party))];
    return { sender: party, actions, spends: [] };
  });
}

function* unusedNames({ answer }: Party, prefix: string): Generator<string, never> {
  const used = new Set(answer?.permissions.map(({ perm_name: name }) => name));
  for (let i = 0; ; i++) {
    const name = prefix + toLetters(i, longestName - prefix.length);
    if (!used.has(name)) yield name;
  }
}
