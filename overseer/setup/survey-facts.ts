import type { CostLine, Survey } from "../../shared/chains/provisioning.ts";
import { formatUnits } from "../reporting/figures-text.ts";

/** What is missing, what it costs, and what the funding account needs for all of it, as labelled lines. */
export function surveyFacts(
  { stages, costs, funds, notes }: Pick<Survey, "stages" | "costs" | "funds" | "notes">,
  funder: string,
): (readonly [label: string, text: string])[] {
  const textsOf = ({ name, steps }: Survey["stages"][number]): string[] => {
    const own = costs.filter(({ what }) => what === name || what === `fees to ${name}`);
    if (own.length === 0) return [`${name} (${formatUnits(String(steps), 0)}), at no cost`];
    return own.map((line) => costText(line, funder));
  };
  return [
    ...stages.flatMap(textsOf).map((text) => ["To do", text] as const),
    ...funds.filter(({ needed }) => needed !== "0").map((line) => ["Needed", neededText(line, funder)] as const),
    ...notes.map((note) => ["Note", note] as const),
  ];
}

function costText({ what, count, amount, asset, precision, payer }: CostLine, funder: string): string {
  const paid = payer === "funder" ? funder : "the accounts";
  return `${what} (${formatUnits(String(count), 0)}), ${formatUnits(amount, precision)} ${asset} from ${paid}`;
}

function neededText({ asset, precision, needed, available }: Survey["funds"][number], funder: string): string {
  const [all, there] = [needed, available].map((units) => formatUnits(units, precision));
  return `${all} ${asset} in all from ${funder}, which has ${there} ${asset}`;
}
