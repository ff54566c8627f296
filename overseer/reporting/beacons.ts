import { clockCorrectionOf } from "../ledger/beacon-clock.ts";
import type { BeaconRecord, SampleRecord } from "../ledger/evidence.ts";
import type { BeaconSummary } from "./run-summary.ts";
import { spreadOf } from "./spread.ts";

/** From here on a host slows down whatever is measured on it. */
export const busyHostShare = 0.95;

/**
 * `loadEndMicros` is when the last phase was over: what a beacon used is told of the load alone, because signing before
 * it keeps every processor busy and means to.
 */
export function beaconSummaryOf(
  beacon: BeaconRecord,
  allSamples: readonly SampleRecord[],
  loadEndMicros: number,
): BeaconSummary {
  const samples = allSamples.filter((sample) => sample.beacon === beacon.name && sample.atMicros >= 0);
  const underLoad = samples.filter((sample) => sample.atMicros <= loadEndMicros);
  return {
    name: beacon.name,
    host: beacon.host,
    labels: beacon.labels,
    clock: beacon.clock,
    clockAtEnd: beacon.clockAtEnd,
    clockErrorMicros: clockCorrectionOf(beacon).uncertaintyMicros,
    lost: beacon.lost,
    preparation: preparationOf(beacon),
    resources: resourcesOf(underLoad),
    longestBusySeconds: longestStretch(underLoad.map((sample) => sample.hostCpuShare >= busyHostShare)),
    series: {
      seconds: samples.map((sample) => sample.atMicros / 1e6),
      cpuCores: samples.map((sample) => sample.cpuCores),
      hostCpuShare: samples.map((sample) => sample.hostCpuShare),
      residentBytes: samples.map((sample) => sample.residentBytes),
      sendLoopDelayMicros: samples.map((sample) => sample.sendLoopDelayMicros),
      controlLoopDelayMicros: samples.map((sample) => sample.controlLoopDelayMicros),
      inFlight: samples.map((sample) => sample.inFlight),
    },
  };
}

/** Statistics come once a second. */
function longestStretch(values: readonly boolean[]): number {
  let longest = 0;
  let current = 0;
  for (const value of values) {
    current = value ? current + 1 : 0;
    longest = Math.max(longest, current);
  }
  return longest;
}

function preparationOf({ prepared }: BeaconRecord): BeaconSummary["preparation"] {
  if (prepared === null) return null;
  const grown = prepared.residentBytesAfter - prepared.residentBytesBefore;
  return {
    transactions: prepared.transactions,
    seconds: prepared.seconds,
    threads: prepared.threads,
    perSecond: prepared.seconds > 0 ? prepared.transactions / prepared.seconds : 0,
    storeBytes: prepared.storeBytes,
    residentBytesPerTransaction: prepared.transactions > 0 ? grown / prepared.transactions : null,
  };
}

function resourcesOf(samples: readonly SampleRecord[]): BeaconSummary["resources"] {
  const spread = (field: Exclude<keyof SampleRecord, "beacon" | "connections">) =>
    spreadOf(samples.map((sample) => sample[field]));
  const cpuCores = spread("cpuCores");
  const hostCpuShare = spread("hostCpuShare");
  const residentBytes = spread("residentBytes");
  const sendLoopDelayMicros = spread("sendLoopDelayMicros");
  const controlLoopDelayMicros = spread("controlLoopDelayMicros");
  const inFlight = spread("inFlight");
  if (!cpuCores || !hostCpuShare || !residentBytes || !sendLoopDelayMicros || !controlLoopDelayMicros || !inFlight) {
    return null;
  }
  const last = samples.at(-1);
  return {
    cpuCores,
    hostCpuShare,
    residentBytes,
    sendLoopDelayMicros,
    controlLoopDelayMicros,
    inFlight,
    connectionsLost: (last?.connections ?? []).reduce((sum, connection) => sum + connection.lost, 0),
  };
}
