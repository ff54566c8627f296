import { expect, test } from "@jest/globals";
import { type EngineStatistics, totalsOf, usageBetween } from "./container-usage.ts";

/** The parts that are used, as Docker 20.10 sends them on a machine with version 1 of control groups. */
const first = {
  read: "2026-11-27T23:00:00.250000000Z",
  cpu_stats: { cpu_usage: { total_usage: 2_000_000_000 } },
  memory_stats: { usage: 90e6, stats: { total_inactive_file: 20e6, inactive_file: 1e6 } },
  blkio_stats: {
    io_service_bytes_recursive: [
      { op: "Read", value: 4096 },
      { op: "Write", value: 0 },
      { op: "Total", value: 4096 },
    ],
  },
  networks: { eth0: { rx_bytes: 1000, tx_bytes: 500 }, eth1: { rx_bytes: 10, tx_bytes: 5 } },
} satisfies EngineStatistics;

function later(seconds: number, changes: Partial<EngineStatistics>): EngineStatistics {
  return { ...first, read: new Date(Date.parse(first.read) + seconds * 1000).toISOString(), ...changes };
}

function usageOf(before: EngineStatistics, now: EngineStatistics): Record<string, number | null> {
  const [a, b] = [totalsOf(before), totalsOf(now)];
  if (a === null || b === null) throw new Error("it runs");
  return { ...usageBetween(a, b) };
}

test("figures are over the time between two looks by the engine's clock", () => {
  const now = later(2, {
    cpu_stats: { cpu_usage: { total_usage: 5_000_000_000 } },
    blkio_stats: {
      io_service_bytes_recursive: [
        { op: "Read", value: 4096 },
        { op: "Write", value: 8192 },
        { op: "Total", value: 12_288 },
      ],
    },
    networks: { eth0: { rx_bytes: 3000, tx_bytes: 500 }, eth1: { rx_bytes: 10, tx_bytes: 25 } },
  });
  expect(usageOf(first, now)).toEqual({
    cpu: 1.5,
    memory: 70e6,
    "disk-read": 0,
    "disk-written": 4096,
    received: 1000,
    sent: 10,
  });
});

test("version 2 of control groups has other names, and no list before a disk is touched", () => {
  const v2 = (total: number, entries: { op: string; value: number }[] | null): Partial<EngineStatistics> => ({
    cpu_stats: { cpu_usage: { total_usage: total } },
    memory_stats: { usage: 50e6, stats: { inactive_file: 10e6 } },
    blkio_stats: { io_service_bytes_recursive: entries },
  });
  const untouched = later(0, v2(1e9, null));
  const touched = later(1, v2(1.25e9, [{ op: "read", value: 100 }]));
  expect(usageOf(untouched, touched)).toMatchObject({ cpu: 0.25, memory: 40e6, "disk-read": null });
  const more = later(2, v2(1.25e9, [{ op: "read", value: 300 }]));
  expect(usageOf(touched, more)).toMatchObject({ cpu: 0, "disk-read": 200, "disk-written": 0 });
});

test("what began anew, or is not told, is unknown and not nothing", () => {
  const restarted = later(1, { cpu_stats: { cpu_usage: { total_usage: 1000 } } });
  expect(usageOf(first, restarted)).toMatchObject({ cpu: null, memory: 70e6 });
  const { networks: _, blkio_stats: __, ...bare } = first;
  expect(usageOf(bare, { ...bare, read: later(1, {}).read })).toMatchObject({
    cpu: 0,
    "disk-read": null,
    received: null,
    sent: null,
  });
});

test("a container that does not run has no figures", () => {
  expect(totalsOf({ read: "0001-01-01T00:00:00Z", cpu_stats: { cpu_usage: { total_usage: 0 } } })).toBeNull();
  expect(totalsOf({ read: first.read, cpu_stats: { cpu_usage: { total_usage: 0 } }, memory_stats: {} })).toBeNull();
});
