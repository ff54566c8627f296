/**
 * Every way the programs end, as documented in the README.
 * The list is closed: scripts rely on the numbers, so a meaning never changes and a number is never reused.
 */
export const exitCodes = {
  passed: 0,
  "internal-error": 1,
  usage: 2,
  "thresholds-failed": 99,
  "invalid-scenario": 104,
  stopped: 105,
  "generator-bound": 110,
  "accounting-broken": 111,
  "beacon-lost": 112,
  network: 113,
  refused: 114,
  "fault-not-healed": 115,
  regression: 116,
  "report-failed": 117,
} as const;

export type ExitName = keyof typeof exitCodes;
