import { closest, distance } from "fastest-levenshtein";

/** The one of `names` that `written` was most likely meant to be, or null when none is near enough to be worth saying. */
export function nearestName(written: string, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const lower = written.toLowerCase();
  const found =
    names[
      names
        .map((name) => name.toLowerCase())
        .indexOf(
          closest(
            lower,
            names.map((n) => n.toLowerCase()),
          ),
        )
    ];
  if (found === undefined) return null;
  // Two slips in a short word, two in five letters of a longer one: beyond that the guess is more often wrong than right.
  const tolerated = Math.max(2, Math.floor(Math.max(written.length, found.length) * 0.4));
  return distance(lower, found.toLowerCase()) <= tolerated ? found : null;
}

/** `did you mean "drain"?`, or else what there is. */
export function suggestionFor(written: string, names: readonly string[]): string {
  const nearest = nearestName(written, names);
  if (nearest !== null) return `did you mean "${nearest}"?`;
  return names.length === 0 ? "nothing is known here" : `expected one of ${listed(names)}`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(", ");
  return names.length > 12 ? `${shown}, … (${names.length})` : shown;
}
