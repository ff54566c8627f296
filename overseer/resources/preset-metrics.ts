import type { MetricPreset, PrometheusMetric } from "../../shared/scenario/observe-settings.ts";
import type { ResourceMeasure } from "../ledger/evidence.ts";
import { usage } from "./measures.ts";

/** A figure of an exposition: the sum of what the first selector finds, less what the second finds. */
export interface ExposedMetric extends ResourceMeasure {
  readonly expression: string;
  readonly less: string | null;
  readonly isCounter: boolean;
  /** From the exposition's unit to the measure's. */
  readonly factor: number;
}

const gauge = { less: null, isCounter: false, factor: 1 } as const;
const counter = { less: null, isCounter: true, factor: 1 } as const;

/** Parts of disks and copies of traffic, which would count twice. */
const disks = 'device!~"(dm-|md|loop|ram|zram|sr).*"';
const links = 'device!~"lo|(veth|docker|br-|virbr|cni|flannel|cali).*"';

const presets: Readonly<Record<MetricPreset, readonly ExposedMetric[]>> = {
  /** Names of node_exporter 1.x. Waiting for a disk is idle, and what a guest uses is in the host's own time already. */
  host: [
    { ...usage.cpu, ...counter, expression: 'node_cpu_seconds_total{mode!~"idle|iowait|steal"}' },
    { ...usage.memory, ...gauge, expression: "node_memory_MemTotal_bytes", less: "node_memory_MemAvailable_bytes" },
    { ...usage.diskRead, ...counter, expression: `node_disk_read_bytes_total{${disks}}` },
    { ...usage.diskWritten, ...counter, expression: `node_disk_written_bytes_total{${disks}}` },
    { ...usage.received, ...counter, expression: `node_network_receive_bytes_total{${links}}` },
    { ...usage.sent, ...counter, expression: `node_network_transmit_bytes_total{${links}}` },
  ],
  /** What Prometheus' client libraries tell of the program that they are in. */
  process: [
    { ...usage.cpu, ...counter, expression: "process_cpu_seconds_total" },
    { ...usage.memory, ...gauge, expression: "process_resident_memory_bytes" },
  ],
  /**
   * Of nodeos, whose plugin answers at /v1/prometheus/metrics and tells nothing of the process itself. Names are those of
   * AntelopeIO/spring, plugins/prometheus_plugin/metrics.hpp.
   */
  antelope: [
    {
      ...counter,
      key: "nodeos-cpu",
      label: "CPU time billed in blocks",
      unit: "cores",
      expression: "nodeos_cpu_usage_us_total",
      factor: 1e-6,
    },
    {
      ...counter,
      key: "nodeos-transactions-produced",
      label: "Transactions in its own blocks",
      unit: "per second",
      expression: "nodeos_trxs_produced_total",
    },
    {
      ...counter,
      key: "nodeos-transactions-incoming",
      label: "Transactions in others' blocks",
      unit: "per second",
      expression: "nodeos_trxs_incoming_total",
    },
    {
      ...counter,
      key: "nodeos-dropped",
      label: "Transactions dropped between nodes",
      unit: "per second",
      expression: "nodeos_p2p_dropped_trxs_total",
    },
    {
      ...counter,
      key: "nodeos-requests",
      label: "Requests answered",
      unit: "per second",
      expression: "nodeos_http_requests_total",
    },
    { ...gauge, key: "nodeos-peers", label: "Peers", unit: "count", expression: "nodeos_p2p_peers" },
  ],
};

export function exposedMetricsOf(metrics: MetricPreset | readonly PrometheusMetric[]): readonly ExposedMetric[] {
  if (typeof metrics === "string") return presets[metrics];
  return metrics.map(({ name, expression, isCounter, unit }) => ({
    key: name,
    label: name,
    unit,
    expression,
    less: null,
    isCounter,
    factor: 1,
  }));
}
