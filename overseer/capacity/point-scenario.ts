import { transactionsIn } from "../../shared/scenario/load-profile.ts";
import type { Phase, Scenario } from "../../shared/scenario/scenario.ts";
import { holdPhase } from "./judge-point.ts";
import type { SearchPoint } from "./search-point.ts";

/** The scenario with one rate held in the place of its phases, and the search's criteria in the place of its thresholds. */
export function pointScenario(
  scenario: Scenario,
  { stage, ratePerSecond }: Pick<SearchPoint, "stage" | "ratePerSecond">,
): Scenario {
  const { warmUpMicros, holdMicros, confirmMicros, criteria } = scenario.capacity;
  const stretches = [
    ...(warmUpMicros > 0 ? [{ name: "warm-up", measured: false, durationMicros: warmUpMicros }] : []),
    { name: holdPhase, measured: true, durationMicros: stage === "confirm" ? confirmMicros : holdMicros },
  ];
  let startMicros = 0;
  let firstSequence = 0;
  const phases = stretches.map((stretch, index): Phase => {
    const { durationMicros } = stretch;
    const segments = [{ durationMicros, fromPerSecond: ratePerSecond, toPerSecond: ratePerSecond }];
    const transactions = transactionsIn(segments);
    const phase: Phase = {
      ...stretch,
      index,
      startMicros,
      firstSequence,
      transactions,
      load: { kind: "paced", segments, arrivals: { kind: "even" } },
    };
    startMicros += durationMicros;
    firstSequence += transactions;
    return phase;
  });
  const thresholds = criteria.map((criterion) => ({
    ...criterion,
    metric: `${holdPhase}.${criterion.metric}`,
    phase: holdPhase,
    abortOnFail: false,
    afterMicros: 0,
  }));
  return { ...scenario, phases, thresholds };
}
