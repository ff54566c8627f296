import type { Block, Column, Table } from "./content.ts";

/** A title that begins with `>` is of a column of figures. */
export function columns(...titles: readonly string[]): Column[] {
  return titles.map((title) =>
    title.startsWith(">") ? { title: title.slice(1), align: "right" } : { title, align: "left" },
  );
}

export function tableBlock(table: Table): Block {
  return { kind: "table", table };
}

export function empty(text: string): Block {
  return { kind: "empty", text };
}

export function plural(word: string): string {
  return /(s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
