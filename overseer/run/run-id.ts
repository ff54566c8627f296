/** Sorts by time and says what it was: 2026-11-21T10-02-11-real-user-activity. */
export function createRunId(name: string, now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replaceAll(":", "-");
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  return `${stamp}-${slug === "" ? "run" : slug}`;
}

/** Such an id is also a folder's name that leads nowhere else. */
export function isRunId(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-[a-z0-9-]{1,60}$/.test(text);
}
