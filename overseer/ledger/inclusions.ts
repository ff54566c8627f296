import type { ColumnLayout } from "../../shared/ledger/columns.ts";

/**
 * The observers' table: one row for each of the run's transactions that was seen in a block of the branch that won, and
 * for each that was seen only in orphaned blocks (`block` 0).
 */
export const inclusionsLayout = [
  { name: "sequence", type: "u32" },
  /** Number of the block that holds it; 0 where only orphaned blocks did. */
  { name: "block", type: "u32" },
  /** Microseconds after T0 at which the first node had that block; NaN where `block` is 0. */
  { name: "included", type: "f64" },
  /** Microseconds after T0 at which that block became irreversible; NaN where it had not by the end. */
  { name: "irreversible", type: "f64" },
  /** How many orphaned blocks held it. */
  { name: "orphanings", type: "u8" },
] as const satisfies readonly ColumnLayout[];
