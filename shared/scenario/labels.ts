/** `key=value` pairs by which beacons are told apart, such as `region=eu`. */
export type Labels = Readonly<Record<string, string>>;

export const labelKeyPattern = /^[A-Za-z][A-Za-z0-9._-]{0,62}$/;
/** Anything that can be printed on a line. */
export const labelValuePattern = /^[^\p{C}\p{Z}](?:[^\p{C}]{0,98}[^\p{C}\p{Z}])?$/u;
export const mostLabels = 32;

/** Sorted, so that equal labels read alike; an empty text for none. */
export function labelsText(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(" ");
}
