import type { ResourceMeasure } from "../ledger/evidence.ts";

/** What can be told of any container or machine; the same measure stands in the same chart, whoever tells it. */
export const usage = {
  cpu: { key: "cpu", label: "Processor time", unit: "cores" },
  memory: { key: "memory", label: "Memory in use", unit: "bytes" },
  diskRead: { key: "disk-read", label: "Read from disks", unit: "bytes per second" },
  diskWritten: { key: "disk-written", label: "Written to disks", unit: "bytes per second" },
  received: { key: "received", label: "Received over the network", unit: "bytes per second" },
  sent: { key: "sent", label: "Sent over the network", unit: "bytes per second" },
} as const satisfies Readonly<Record<string, ResourceMeasure>>;

export type UsageValues = Readonly<Record<string, number | null>>;

/** What a counter rose by in each second; null where it began anew, or where it was not to be had both times. */
export function ratePerSecond(before: number | null, now: number | null, elapsedSeconds: number): number | null {
  if (before === null || now === null || elapsedSeconds <= 0 || now < before) return null;
  return (now - before) / elapsedSeconds;
}
