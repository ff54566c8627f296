import { release } from "../release.ts";
import type { Labels, MetricFamily } from "./exposition-text.ts";
import { counter, gauge } from "./families.ts";

const startedSeconds = Date.now() / 1000 - process.uptime();

/** Which program this is and what its process has used, under the names that Prometheus' own libraries have for it. */
export function processMetrics(program: "beacon" | "overseer", labels: Labels): MetricFamily[] {
  const { user, system } = process.cpuUsage();
  const one = (value: number) => [{ labels, value }];
  return [
    gauge("loadstone_build_info", "1, with the version of the program", [
      { labels: { ...labels, program, version: release, node_version: process.version }, value: 1 },
    ]),
    counter("process_cpu_seconds_total", "Processor time used, all threads", one((user + system) / 1e6)),
    gauge("process_resident_memory_bytes", "Memory in use", one(process.memoryUsage.rss())),
    gauge("process_start_time_seconds", "When the process was started, since 1970", one(startedSeconds)),
  ];
}
