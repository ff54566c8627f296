import type { Authority } from "../chain/objects.ts";
import type { State } from "../chain/state.ts";
import { readKeyText } from "../codec/public-key.ts";
import type { Call } from "./call.ts";
import { RequestRefused } from "./error-answer.ts";
import { isFields, readFields, readList, readText } from "./parameters.ts";

/** `max_authority_depth`. */
const deepest = 6;

/** Which of the client's keys the transaction needs. */
export function requiredKeys(body: string, { node }: Call): string {
  const fields = readFields(body);
  const available = new Set(readList(fields, "available_keys").map((key) => readKeyText(String(key)) ?? String(key)));
  const transaction = isFields(fields.transaction) ? fields.transaction : {};
  const used = new Set<string>();
  for (const { actor, permission } of authorizationsOf(readList(transaction, "actions"))) {
    const keys = satisfy(
      authorityOf(node.chain.state, actor, permission),
      { keys: available, state: node.chain.state, seen: new Map() },
      0,
    );
    if (keys === null) throw unsatisfied(actor, permission, [...available]);
    for (const key of keys) used.add(key);
  }
  return JSON.stringify({ required_keys: [...available].filter((key) => used.has(key)) });
}

interface Level {
  readonly actor: string;
  readonly permission: string;
}

function authorizationsOf(actions: readonly unknown[]): readonly Level[] {
  return actions.flatMap((action) =>
    isFields(action)
      ? readList(action, "authorization")
          .filter(isFields)
          .map((level) => ({ actor: readText(level, "actor"), permission: readText(level, "permission") }))
      : [],
  );
}

function authorityOf(state: State, actor: string, permission: string): Authority | null {
  const found = state.accounts.get(actor)?.permissions.find(({ name }) => name === permission);
  return found?.authority ?? null;
}

interface Search {
  readonly keys: ReadonlySet<string>;
  readonly state: State;
  /** By authority, each looked at once; nothing as long as it is being looked at. */
  readonly seen: Map<Authority, readonly string[] | null>;
}

function satisfy(authority: Authority | null, search: Search, depth: number): readonly string[] | null {
  if (authority === null || depth > deepest) return null;
  const known = search.seen.get(authority);
  if (known !== undefined) return known;
  search.seen.set(authority, null);
  const found = findEnough(authority, search, depth);
  search.seen.set(authority, found);
  return found;
}

/** The keys that are enough, the weightiest first; `null` when all of them together are not. */
function findEnough(authority: Authority, search: Search, depth: number): readonly string[] | null {
  const { keys, state } = search;
  const used: string[] = [];
  let weight = 0;
  const candidates = [
    ...authority.keys.map((entry) => ({
      weight: entry.weight,
      take: () => (keys.has(entry.key) ? [entry.key] : null),
    })),
    ...authority.accounts.map((entry) => ({
      weight: entry.weight,
      take: () => satisfy(authorityOf(state, entry.permission.actor, entry.permission.permission), search, depth + 1),
    })),
  ].sort((a, b) => b.weight - a.weight);
  for (const candidate of candidates) {
    const taken = candidate.take();
    if (taken === null) continue;
    used.push(...taken);
    weight += candidate.weight;
    if (weight >= authority.threshold) return used;
  }
  return null;
}

function unsatisfied(actor: string, permission: string, keys: readonly string[]): RequestRefused {
  const message = `transaction declares authority '${JSON.stringify({ actor, permission })}', but does not have signatures for it under a provided delay of 0 ms, provided permissions [], provided keys ${JSON.stringify(keys)}, and a delay max limit of 3888000000 ms`;
  return new RequestRefused({
    code: 3_090_003,
    name: "unsatisfied_authorization",
    what: "Provided keys, permissions, and delays do not satisfy declared authorizations",
    details: [{ message, file: "authorization_manager.cpp", line: 548, method: "check_authorization" }],
  });
}
