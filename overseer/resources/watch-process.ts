import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../shared/time/clock.ts";
import { ratePerSecond, type UsageValues, usage } from "./measures.ts";
import type { ResourceSink, ResourceWatcher } from "./resource-sink.ts";

const everyMs = 1000;
/** Of the kernel's interface to programs, whatever its own clock's is. */
const ticksPerSecond = 100;

export interface WatchedProcess {
  readonly name: string;
  readonly about: string;
  readonly pid: number;
}

/** What a process of this machine uses, from /proc: nothing where there is none. A process has no network of its own. */
export function processWatcher({ name, about, pid }: WatchedProcess, clock: Clock): ResourceWatcher {
  return {
    async watch(sink: ResourceSink, signal: AbortSignal): Promise<void> {
      let before = await totalsOf(pid, clock);
      if (before === null) return;
      const { cpu, memory, diskRead, diskWritten } = usage;
      const feed = sink.found({ name, kind: "process", about, measures: [cpu, memory, diskRead, diskWritten] });
      while (!signal.aborted) {
        await delay(everyMs, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
        const now = await totalsOf(pid, clock);
        if (now === null) {
          feed.failed("the process is gone");
          return;
        }
        feed.sample(usageBetween(before, now));
        before = now;
      }
    },
  };
}

interface ProcessTotals {
  readonly atSeconds: number;
  readonly cpuSeconds: number;
  readonly memoryBytes: number | null;
  readonly readBytes: number | null;
  readonly writtenBytes: number | null;
}

function usageBetween(before: ProcessTotals, now: ProcessTotals): UsageValues {
  const elapsed = now.atSeconds - before.atSeconds;
  return {
    [usage.cpu.key]: ratePerSecond(before.cpuSeconds, now.cpuSeconds, elapsed),
    [usage.memory.key]: now.memoryBytes,
    [usage.diskRead.key]: ratePerSecond(before.readBytes, now.readBytes, elapsed),
    [usage.diskWritten.key]: ratePerSecond(before.writtenBytes, now.writtenBytes, elapsed),
  };
}

async function totalsOf(pid: number, clock: Clock): Promise<ProcessTotals | null> {
  const read = (name: string): Promise<string | null> => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => null);
  const [stat, status, io] = await Promise.all([read("stat"), read("status"), read("io")]);
  const atSeconds = clock.nowMicros() / 1e6;
  // The name in parentheses may have spaces; utime and stime are fields 14 and 15 of proc(5), the 12th and 13th after it.
  const fields = stat?.slice(stat.lastIndexOf(") ") + 2).split(" ");
  if (fields === undefined) return null;
  const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  const number = (text: string | null, name: string): number | null => {
    const found = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text ?? "");
    return found === null ? null : Number(found[1]);
  };
  const residentKiB = number(status, "VmRSS");
  return {
    atSeconds,
    cpuSeconds,
    memoryBytes: residentKiB === null ? null : residentKiB * 1024,
    readBytes: number(io, "read_bytes"),
    writtenBytes: number(io, "write_bytes"),
  };
}
