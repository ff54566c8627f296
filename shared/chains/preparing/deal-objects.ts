import type { MixEntry } from "../../scenario/scenario.ts";
import { SequenceRandom } from "../../workload/sequence-random.ts";

/**
 * Gives every object to one of the entries that may use it up, in an order that mixes the owners: to the one that has
 * the fewest so far.
 */
export function dealObjects<T>(
  objects: readonly T[],
  entries: readonly MixEntry[],
  suits: (entry: MixEntry, object: T) => boolean,
): ReadonlyMap<MixEntry, T[]> {
  const shares = new Map<MixEntry, T[]>(entries.map((entry) => [entry, []]));
  const shareOf = (entry: MixEntry): T[] => shares.get(entry) as T[];
  for (const object of shuffled(objects)) {
    const [first, ...others] = entries.filter((entry) => suits(entry, object));
    if (!first) continue;
    const neediest = others.reduce((a, b) => (shareOf(b).length < shareOf(a).length ? b : a), first);
    shareOf(neediest).push(object);
  }
  return shares;
}

function shuffled<T>(items: readonly T[]): T[] {
  const random = new SequenceRandom();
  random.reset(0, items.length);
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.nextBelow(i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
