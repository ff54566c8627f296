/** `2026-11-21T00:52:31.500` */
export function toMillisText(millis: number): string {
  return new Date(millis).toISOString().slice(0, -1);
}

/** `2026-11-21T00:52:31` */
export function toSecondsText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}
