/** Text as text in HTML, in elements and in quoted attributes alike. */
export function escapeHtml(text: string): string {
  return visible(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/**
 * Text as text in a line of Markdown, table cells included: whatever could start markup, a link, an image, HTML or a new
 * cell is written as an entity, which every Markdown reader shows as the character and none takes for syntax.
 */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/[\r\n\t]+/g, " ")
    .replace(/[&<>|`*_[\]\\~#!]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/(\w):\/\//g, "$1&#58;//")
    .replace(
      /^(\s*)([-+](?=\s|$)|[-=]+(?=\s*$)|\d+(?=[.)](?:\s|$)))/,
      (_, space: string, mark: string) => space + entities(mark),
    );
}

/** For inside a fenced block; the fence is longer than any run of backticks in the text. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${visible(text).replace(/\n$/, "")}\n${fence}`;
}

function entities(text: string): string {
  return [...text].map((character) => `&#${character.codePointAt(0)};`).join("");
}

/** Control characters and those that turn the direction of writing would let text pretend to be something else. */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}
