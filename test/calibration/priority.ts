import { constants, getPriority, setPriority } from "node:os";

/**
 * Runs `work` before all else on this machine, where the system lets it: programs and threads that it starts inherit the
 * priority. A truth has to be kept to the millisecond, and the load is light. `isFirst` says whether it was granted.
 */
export async function beforeAllElse<T>(work: (isFirst: boolean) => Promise<T>): Promise<T> {
  const usual = getPriority();
  const isFirst = isGranted(constants.priority.PRIORITY_HIGHEST);
  try {
    return await work(isFirst);
  } finally {
    if (isFirst) isGranted(usual);
  }
}

function isGranted(priority: number): boolean {
  try {
    setPriority(priority);
    return true;
  } catch {
    // Only administrators may ask for more than what is usual.
    return false;
  }
}
