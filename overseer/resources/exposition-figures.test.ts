import { describe, expect, test } from "@jest/globals";
import { parseExposition } from "./exposition.ts";
import { ExpositionFigures } from "./exposition-figures.ts";
import { exposedMetricsOf } from "./preset-metrics.ts";

describe("the text format", () => {
  test("labels with anything in them, times, infinities and lines that are none", () => {
    const text = [
      "# HELP a something",
      "# TYPE a counter",
      "a 1",
      'a{path="C:\\\\x",say="\\"hi\\", {you}\\n",} 2.5e3 1395066363000',
      "a  +Inf",
      "a NaN",
      "a",
      'a{broken="x} 3',
      "ab 7",
      "# EOF",
    ].join("\n");
    expect(parseExposition(text, new Set(["a"]))).toEqual([
      { metric: "a", labels: {}, labelText: "", value: 1 },
      {
        metric: "a",
        labels: { path: "C:\\x", say: '"hi", {you}\n' },
        labelText: 'path="C:\\\\x",say="\\"hi\\", {you}\\n",',
        value: 2500,
      },
      { metric: "a", labels: {}, labelText: "", value: Number.POSITIVE_INFINITY },
    ]);
  });
});

function host({ user, system, written }: { user: number; system: number | null; written: number }): string {
  return [
    `node_cpu_seconds_total{cpu="0",mode="idle"} ${user * 100}`,
    `node_cpu_seconds_total{cpu="0",mode="user"} ${user}`,
    ...(system === null ? [] : [`node_cpu_seconds_total{cpu="0",mode="system"} ${system}`]),
    "node_memory_MemTotal_bytes 8e+09",
    "node_memory_MemAvailable_bytes 5e+09",
    `node_disk_written_bytes_total{device="vda"} ${written}`,
    `node_disk_written_bytes_total{device="dm-0"} ${written}`,
    'node_network_receive_bytes_total{device="lo"} 1e9',
  ].join("\n");
}

describe("figures of a host", () => {
  test("counters become rates from the second time on, gauges are there at once", () => {
    const figures = new ExpositionFigures(exposedMetricsOf("host"));
    const first = figures.take(host({ user: 10, system: 5, written: 1000 }), 100);
    expect(first.values).toMatchObject({ cpu: null, memory: 3e9, "disk-written": null });
    const { values, missing } = figures.take(host({ user: 11, system: 5.5, written: 5000 }), 102);
    expect(values).toMatchObject({ cpu: 0.75, memory: 3e9, "disk-written": 2000, received: null });
    // The exporter tells nothing of reads and of what was sent, and of a loopback only.
    expect(missing.map((name) => name.split("{")[0])).toEqual([
      "node_disk_read_bytes_total",
      "node_network_receive_bytes_total",
      "node_network_transmit_bytes_total",
    ]);
  });

  test("a processor that is new, or began anew, adds nothing of its past", () => {
    const figures = new ExpositionFigures(exposedMetricsOf("host"));
    figures.take(host({ user: 10, system: null, written: 0 }), 0);
    expect(figures.take(host({ user: 12, system: 500, written: 0 }), 1).values.cpu).toBe(2);
    expect(figures.take(host({ user: 13, system: 1, written: 0 }), 2).values.cpu).toBe(1);
  });
});

test("nodeos tells CPU time in microseconds, of its own blocks and of others'", () => {
  const figures = new ExpositionFigures(exposedMetricsOf("antelope"));
  const text = (produced: number, incoming: number): string =>
    `nodeos_cpu_usage_us_total{block_type="produced"} ${produced}\nnodeos_cpu_usage_us_total{block_type="incoming"} ${incoming}\nnodeos_p2p_peers 3`;
  figures.take(text(0, 1_000_000), 0);
  expect(figures.take(text(500_000, 1_500_000), 2).values).toMatchObject({ "nodeos-cpu": 0.5, "nodeos-peers": 3 });
});
