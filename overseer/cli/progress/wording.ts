import type { LiveView, Percentiles, PreparingView, SetupView } from "../../run/progress.ts";

/** Numbers and sentences that the renderers share. */
const narrowNoBreakSpace = "\u202f";

export function formatCount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, narrowNoBreakSpace);
}

export function formatRate(perSecond: number): string {
  return `${perSecond < 10 ? perSecond.toFixed(1) : formatCount(perSecond)}/s`;
}

export function formatLatency(micros: number): string {
  if (micros < 1000) return `${Math.round(micros)} µs`;
  if (micros < 10_000) return `${(micros / 1000).toFixed(1)} ms`;
  if (micros < 1e6) return `${Math.round(micros / 1000)} ms`;
  return `${(micros / 1e6).toFixed(2)} s`;
}

function formatSeconds(micros: number): string {
  return `${Math.max(0, Math.round(micros / 1e6))} s`;
}

export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return "█".repeat(filled) + "░".repeat(width - filled);
}

export function setupText({ stage, done, steps }: SetupView): string {
  return `${stage}   ${formatCount(done)} / ${formatCount(steps)}`;
}

export function preparingText(view: PreparingView): string {
  return `${formatCount(view.prepared)} / ${formatCount(view.planned)} signed   ${formatRate(view.perSecond)}`;
}

function percentiles(name: string, value: Percentiles | null): string {
  return value === null ? `${name} –` : `${name} p50 ${formatLatency(value.p50)}  p99 ${formatLatency(value.p99)}`;
}

/** What stands before the rates: the phase and how far it is. */
export function stageText(view: LiveView): string {
  if (view.stage === "waiting") return `start in ${formatSeconds(-view.elapsedMicros)}`;
  if (view.stage === "draining")
    return view.outstanding > 0 ? `drain, ${formatCount(view.outstanding)} not yet in a block` : "drain";
  if (view.phase === null) return "last answers";
  return `${view.phase.name} ${formatSeconds(view.phase.intoMicros)} / ${formatSeconds(view.phase.durationMicros)}`;
}

export function ratesText({ rates }: LiveView): string {
  return `due ${formatRate(rates.due)}  sent ${formatRate(rates.sent)}  accepted ${formatRate(rates.accepted)}  included ${formatRate(rates.included)}`;
}

export function latencyText(view: LiveView): string {
  return `${percentiles("answer", view.answer)}   ${percentiles("inclusion", view.inclusion)}`;
}

export function countsText({ totals }: LiveView): string {
  return `shed ${formatCount(totals.shed)}  rejected ${formatCount(totals.rejected)}  unanswered ${formatCount(totals.unanswered)}  included ${formatCount(totals.included)} of ${formatCount(totals.planned)}`;
}

export function chainText(view: LiveView): string {
  const { head, nodes } = view;
  const block =
    head === null
      ? "no block yet"
      : `block #${head.number}  ${formatCount(head.transactions)} tx  ${formatShare(head.fullness)} full`;
  const away = nodes.filter((node) => !node.connected).map((node) => node.name);
  const lag = Math.max(0, ...nodes.map((node) => node.headLag));
  return `${block}   head lag ${lag}${away.length === 0 ? "" : `   not connected: ${away.join(", ")}`}`;
}

export function beaconsText(view: LiveView): string {
  const cpu = view.beacons.map(({ cpuCores, lost }) =>
    lost ? "lost" : cpuCores === null ? "–" : formatShare(cpuCores),
  );
  const lateness = view.latenessP99Micros === null ? "" : `lateness p99 ${formatLatency(view.latenessP99Micros)}   `;
  return `${lateness}CPU of a core ${cpu.join(", ")}`;
}

function formatShare(share: number): string {
  return `${(share * 100).toFixed(share < 0.01 && share > 0 ? 1 : 0)} %`;
}
