/** The same few instants are written again and again, in every action of every answer. */
let lastMillis = Number.NaN;
let lastText = "";

/** As nodes write a time point: UTC, with milliseconds and without a zone. */
export function toMillisText(millis: number): string {
  if (millis !== lastMillis) {
    lastMillis = millis;
    lastText = new Date(millis).toISOString().slice(0, 23);
  }
  return lastText;
}

/** As nodes write an expiration. */
export function toSecondsText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}
