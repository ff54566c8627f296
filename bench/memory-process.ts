import { LocalRun } from "./local-run.ts";

/** A process of its own, because what others have left in the heap would hide what the store takes. */
const transactions = Number(process.argv[2]);
const report = await LocalRun.prepareOnly({
  endpoint: process.argv[3] as string,
  load: {
    kind: "paced",
    arrivals: { kind: "even" },
    segments: [{ durationMicros: 1e9, fromPerSecond: transactions / 1000, toPerSecond: transactions / 1000 }],
  },
  durationMicros: 1e9,
  transactions,
  signingThreads: Number(process.argv[4]),
});
process.send?.(report);
process.disconnect?.();
