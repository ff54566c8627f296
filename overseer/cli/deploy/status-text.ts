import { type DeploymentStatus, isRunning, type ReasonToKeep, restKinds } from "../../deploy/deployer.ts";
import { textTable } from "../text-table.ts";

const ownership: Readonly<Record<ReasonToKeep | "nobody", string>> = {
  complete: "",
  owned: ", held by a process that runs",
  foreign: ", begun on another machine and not complete",
  tasks: ", of a swarm that another engine manages",
  nobody: ", left behind (see overseer deploy sweep)",
};

/** What there is of a deployment, in lines of at most `columns` where that can be. */
export function statusText(status: DeploymentStatus, columns: number): string {
  const { name, mode, kept, parts } = status;
  if (parts.length === 0) return `${name}: ${leftText(status)}\n`;
  const lines = textTable(
    [
      { heading: "  name", align: "left" },
      { heading: "state", align: "left" },
      { heading: "image", align: "left" },
      { heading: "", align: "left" },
    ],
    parts.map((part) => [`  ${part.name}`, part.state, part.image, part.detail]),
    columns,
  );
  const running = parts.filter(isRunning).length;
  return `${name} (${mode}): ${running} of ${parts.length} running${ownership[kept ?? "nobody"]}\n${lines.join("\n")}\n`;
}

/** Without a container there is nothing that could run, but something that is in the way or takes room. */
function leftText({ name, kept, rest }: DeploymentStatus): string {
  const things = restKinds
    .filter((kind) => rest[kind] > 0)
    .map((kind) => `${rest[kind]} ${kind}${rest[kind] === 1 ? "" : "s"}`)
    .join(", ");
  if (kept === "owned") return `no containers, only ${things}${ownership.owned}`;
  const command = kept === null ? "overseer deploy sweep" : `overseer deploy down ${name}`;
  const whose = kept === "foreign" ? ownership.foreign : "";
  return `no containers any more, only ${things}${whose}; removed by: ${command}`;
}
