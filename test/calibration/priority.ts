import { spawnSync } from "node:child_process";

/**
 * The command that starts a program before all else on this machine; none where the system does not let us. Nice values
 * would not do: systems weigh them within a session only, and a thread that wakes waits for another's turn to be over.
 */
export function beforeAllElse(): readonly string[] {
  const command = ["chrt", "--rr", "1"] as const;
  const [program, ...args] = command;
  return spawnSync(program, [...args, "true"]).status === 0 ? command : [];
}
