import type { BeaconRecord, SampleRecord } from "../ledger/evidence.ts";
import type { BeaconSummary } from "./run-summary.ts";
import { spreadOf } from "./spread.ts";

export function beaconSummaryOf(beacon: BeaconRecord, allSamples: readonly SampleRecord[]): BeaconSummary {
  const samples = allSamples.filter((sample) => sample.beacon === beacon.name && Number.isFinite(sample.atMicros));
  return {
    name: beacon.name,
    host: beacon.host,
    labels: beacon.labels,
    clock: beacon.clock,
    lost: beacon.lost,
    preparation: preparationOf(beacon),
    resources: resourcesOf(samples),
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
