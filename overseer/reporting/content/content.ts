import type { ValidityVerdict } from "../run-summary.ts";

/**
 * What a report says, apart from how it looks: the same content becomes HTML and Markdown. Every string is plain text;
 * the formats escape it, whoever wrote it.
 */
export interface ReportContent {
  readonly title: string;
  readonly question: string;
  readonly answer: string;
  /** Said before anything else; null for a valid run. */
  readonly warning: string | null;
  readonly verdict: ValidityVerdict;
  readonly badges: readonly Badge[];
  readonly keyFigures: readonly KeyFigure[];
  readonly sections: readonly Section[];
  readonly footer: string;
}

export type Tone = "good" | "warning" | "bad" | "neutral";

export interface Badge {
  readonly label: string;
  readonly text: string;
  readonly tone: Tone;
}

export interface KeyFigure {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  readonly role: Role | null;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  /** The title in a word, for the list of sections. */
  readonly short: string;
  readonly lead: string | null;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: "text"; readonly text: string }
  /** Said where there is nothing to show, so that nothing seems to be missing. */
  | { readonly kind: "empty"; readonly text: string }
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "chart"; readonly chart: Chart }
  | { readonly kind: "code"; readonly title: string; readonly text: string; readonly language: string }
  /** Other programs' own words. */
  | { readonly kind: "quotes"; readonly title: string; readonly quotes: readonly Quote[] };

export interface Quote {
  readonly source: string;
  readonly text: string;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  readonly note: string | null;
}

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

export type Cell = string | { readonly text: string; readonly tone: Tone };

/** The same name has the same colour and line in every chart. */
export type Role =
  | "due"
  | "sent"
  | "accepted"
  | "included"
  | "rejected"
  | "shed"
  | "unanswered"
  | "cancelled"
  | "limit"
  | "category-1"
  | "category-2"
  | "category-3"
  | "category-4"
  | "category-5"
  | "category-6";

/** `perSecond`: transactions; `eachSecond`: anything else. `number`: as `count`, but not of whole things. */
export type Unit =
  | "perSecond"
  | "count"
  | "micros"
  | "share"
  | "bytes"
  | "cores"
  | "number"
  | "eachSecond"
  | "bytesPerSecond";

export interface Chart {
  /** Also the name of its file. */
  readonly id: string;
  /** What it shows, as a sentence that a reader could take away. */
  readonly title: string;
  readonly kind: "line" | "bar";
  readonly stacked: boolean;
  /** Each value holds from its place to the next one's, and lines do not pretend to know what was between. */
  readonly stepped: boolean;
  /** Half-sized charts stand beside each other where there is room. */
  readonly size: "full" | "half";
  /** Names along the axis, or numbers from 0 to `end` of a unit. */
  readonly x: {
    readonly title: string;
    readonly names: readonly string[] | null;
    readonly unit: "seconds" | "perSecond" | null;
    readonly end: number;
  };
  readonly y: { readonly title: string; readonly unit: Unit; readonly logarithmic: boolean };
  readonly series: readonly Series[];
  /** Stretches of the x axis with their names: the phases. */
  readonly bands: readonly Band[];
  readonly limits: readonly Limit[];
  readonly table: Table;
}

/** A line across the chart with its name: at a value of the y axis, or at a place of the x axis. */
export type Limit = { readonly name: string; readonly value: number } | { readonly name: string; readonly at: number };

export interface Series {
  readonly name: string;
  readonly role: Role;
  readonly line: "solid" | "dashed" | "dotted" | "thin" | "marks";
  /** x in the unit of its axis or the position of a name; y in the base unit of the chart's y axis. */
  readonly points: readonly (readonly [number, number | null])[];
}

export interface Band {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly measured: boolean;
  /** Load that was planned and nobody sent. */
  readonly gap?: true;
}
