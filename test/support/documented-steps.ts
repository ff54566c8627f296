/** What a page tells its reader to do, in its order. */
export type Step =
  | { readonly kind: "file"; readonly path: string; readonly text: string }
  /** Lines to put into an existing file, each after the one that stands before it. */
  | { readonly kind: "insertions"; readonly path: string; readonly lines: readonly string[] }
  | { readonly kind: "command"; readonly words: readonly string[] };

const fence = /^```(\w+)(?: title="([^"]+)")?\n([\s\S]*?)^```$/gm;

/** Fenced blocks with a title are files, or insertions into files where they are `diff`s; `sh` blocks are commands. */
export function stepsOf(markdown: string): Step[] {
  return [...markdown.matchAll(fence)].flatMap(([, language, path, text = ""]): Step[] => {
    const lines = text.trimEnd().split("\n");
    if (path !== undefined)
      return [language === "diff" ? { kind: "insertions", path, lines } : { kind: "file", path, text }];
    return language === "sh" ? lines.map((line) => ({ kind: "command", words: line.split(" ") })) : [];
  });
}

/** Throws where a line after which something is to be put is not there exactly once. */
export function withInsertions(text: string, lines: readonly string[]): string {
  const result = text.split("\n");
  let at = -1;
  for (const line of lines) {
    const content = line.slice(1);
    if (line.startsWith("+")) {
      result.splice(++at, 0, content);
      continue;
    }
    at = result.indexOf(content);
    if (at < 0 || result.lastIndexOf(content) !== at) throw new Error(`"${content}" is not there exactly once`);
  }
  return result.join("\n");
}
