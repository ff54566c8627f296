import { faultsVariable } from "../../../beacon/faults.ts";
import type { Distribution, ValidityVerdict } from "../../../overseer/reporting/run-summary.ts";
import type { Bench, Observed } from "../bench.ts";
import { type CalibrationCase, disturbanceOf, type Trial } from "../calibration-case.ts";
import { between, near, same } from "../comparison.ts";
import { type StalledNode, stallQuantileMicros } from "../truth/stalled-node.ts";

const perSecond = 100;
const seconds = 10;

export const stalledBeacon: CalibrationCase = {
  name: "stalled-beacon",
  proves: "a beacon that is blocked for 1 s voids the run, is shown as late, and leaves the node's figures alone",
  quick: true,
  run: (bench) => runBlocked(bench, 1000, "void"),
};

export const hesitantBeacon: CalibrationCase = {
  name: "hesitant-beacon",
  proves: "a beacon that is blocked for 150 ms degrades the run and no more",
  quick: false,
  run: (bench) => runBlocked(bench, 150, "degraded"),
};

async function runBlocked(bench: Bench, forMs: number, verdict: ValidityVerdict): Promise<Trial> {
  const run = await bench.run({
    nodes: [{}],
    scenario: { phases: [{ name: "hold", rate: `${perSecond} tx/s`, for: `${seconds}s` }], drain: "10s" },
    environment: { [faultsVariable]: JSON.stringify({ blockSendLoop: [{ atMs: 4505, forMs }] }) },
  });
  // A blocked sender is a stalled server to its own schedule, that catches up at once.
  const blocked: StalledNode = {
    perSecond,
    durationMicros: seconds * 1e6,
    stallMicros: forMs * 1000,
    capacityPerSecond: Number.POSITIVE_INFINITY,
  };
  const { latencies, counts } = run.summary.overall;
  const lateness = latencies.lateness as Distribution;
  const service = latencies.answerService as Distribution;
  const stepMs = 1e3 / perSecond;
  const levels = [
    ["p95", 0.95],
    ["p99", 0.99],
    ["p999", 0.999],
  ] as const;
  return {
    comparisons: [
      ...levels
        .filter(([, level]) => stallQuantileMicros(blocked, level) > 0)
        .map(([name, level]) =>
          near(
            { quantity: `lateness, ${name}`, unit: "ms" },
            stallQuantileMicros(blocked, level) / 1000,
            lateness[name].micros / 1000,
            {
              within: stepMs + lateness.p75.micros / 1000,
              because: "one step of the schedule, and the pacing error",
            },
          ),
        ),
      // What was due meanwhile comes at once: each waits for all before it, at the node's own pace.
      between({ quantity: "service of the node, p99", unit: "ms" }, "no stall", service.p99.micros / 1000, {
        lowest: 0,
        highest: ((forMs / stepMs) * service.p50.micros) / 1000 + run.devnet.latestMicros / 1000,
        because: "the burst, one after the other",
      }),
      same("sent and answered", counts.due - counts.shed, service.count, "tx"),
      same("verdict", verdict, run.summary.verdicts.validity.verdict),
      same("exit code", verdict === "void" ? 110 : 0, run.exitCode ?? -1),
      same("the report says so first", "true", String(saysFirst(run, verdict))),
      same("accounts add up", "true", String(run.summary.verdicts.accounting.holds)),
    ],
    disturbance: disturbanceOf(run, ["schedule", "shedding", "sending thread"]),
  };
}

/** Before any figure: in the report's first lines as in the result on the terminal. */
function saysFirst({ out, reportMarkdown }: Observed, verdict: ValidityVerdict): boolean {
  const word = new RegExp(verdict, "i");
  const beginning = reportMarkdown
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(0, 8)
    .join("\n");
  return word.test(out.split("\n")[0] ?? "") && word.test(beginning);
}
