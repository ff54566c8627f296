import { join } from "node:path";
import { writeAtomically } from "../../ledger/write-atomically.ts";
import { toHtml } from "../formats/report-html.ts";
import { writeMarkdown } from "../formats/report-md.ts";
import { toJsonText } from "../formats/run-json.ts";
import { capacityContentOf } from "./capacity-content.ts";
import type { CapacitySummary } from "./capacity-summary.ts";

/** Writes `report.md` with `charts/`, `report.html` and, last, `capacity.json` into the search's folder. */
export async function writeCapacityReport(summary: CapacitySummary, folder: string): Promise<void> {
  const content = capacityContentOf(summary);
  await writeMarkdown(content, folder);
  await writeAtomically(join(folder, "report.html"), await toHtml(content));
  await writeAtomically(join(folder, "capacity.json"), toJsonText(summary));
}
