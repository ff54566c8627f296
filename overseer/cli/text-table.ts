import stringWidth from "string-width";

export interface Column {
  readonly heading: string;
  readonly align: "left" | "right";
}

const gap = "  ";
const narrowest = 6;

/**
 * Lines of a table, without frames. Where it is wider than `width`, the widest left-aligned column gives way and its
 * longer texts end in …; numbers are never cut.
 */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const all = [columns.map((column) => column.heading), ...rows];
  const widths = columns.map((_, i) => all.reduce((most, row) => Math.max(most, stringWidth(row[i] ?? "")), 0));
  shrink(widths, columns, width);
  return all.map((row) =>
    columns
      .map((column, i) => fitted(row[i] ?? "", widths[i] as number, column.align))
      .join(gap)
      .trimEnd(),
  );
}

function shrink(widths: number[], columns: readonly Column[], width: number): void {
  const total = (): number => widths.reduce((sum, value) => sum + value, 0) + gap.length * (widths.length - 1);
  while (total() > width) {
    let widestLeft = -1;
    for (const [i, column] of columns.entries()) {
      if (column.align === "left" && (widths[i] as number) > (widths[widestLeft] ?? narrowest)) widestLeft = i;
    }
    if (widestLeft < 0) return;
    widths[widestLeft] = (widths[widestLeft] as number) - 1;
  }
}

function fitted(text: string, width: number, align: "left" | "right"): string {
  const cut = stringWidth(text) > width ? `${[...text].slice(0, width - 1).join("")}…` : text;
  const space = " ".repeat(Math.max(0, width - stringWidth(cut)));
  return align === "left" ? cut + space : space + cut;
}
