import { cpus } from "node:os";
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import type { Sample } from "../../shared/protocol/messages.ts";
import type { Clock } from "../../shared/time/clock.ts";

/** What the sampler cannot see by itself. */
export interface SenderGauges {
  readonly sendLoopDelayMicros: number;
  readonly inFlight: number;
  readonly bufferedBytes: number;
  readonly connections: Sample["connections"];
}

/** libuv's timers have whole milliseconds; a finer resolution would only wake the thread more often. */
const loopDelayResolutionMs = 10;

/** This process and its host, as differences between one look and the next. */
export class Sampler {
  readonly #clock: Clock;
  readonly #loopDelay: IntervalHistogram;
  #lastMicros: number;
  #lastProcess = process.cpuUsage();
  #lastHost = hostTimes();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
    this.#lastMicros = clock.nowMicros();
    this.#loopDelay = monitorEventLoopDelay({ resolution: loopDelayResolutionMs });
    this.#loopDelay.enable();
  }

  /** `offsetMicros` leads from this host's clock to the overseer's. */
  sample(offsetMicros: number, sender: SenderGauges): Sample {
    const now = this.#clock.nowMicros();
    const used = process.cpuUsage(this.#lastProcess);
    const host = hostTimes();
    const elapsed = Math.max(1, now - this.#lastMicros);
    const hostTotal = host.total - this.#lastHost.total;
    const memory = process.memoryUsage();
    const sample: Sample = {
      atMicros: now + offsetMicros,
      cpuCores: (used.user + used.system) / elapsed,
      hostCpuShare: hostTotal === 0 ? 0 : 1 - (host.idle - this.#lastHost.idle) / hostTotal,
      residentBytes: memory.rss,
      heapBytes: memory.heapUsed,
      controlLoopDelayMicros: this.#takeLoopDelay(),
      ...sender,
    };
    this.#lastMicros = now;
    this.#lastProcess = process.cpuUsage();
    this.#lastHost = host;
    return sample;
  }

  close(): void {
    this.#loopDelay.disable();
  }

  /** The monitor counts from one firing to the next, so the resolution is part of every value. */
  #takeLoopDelay(): number {
    const delay = this.#loopDelay;
    const micros = delay.count === 0 ? 0 : Math.max(0, delay.max / 1e3 - loopDelayResolutionMs * 1e3);
    delay.reset();
    return micros;
  }
}

function hostTimes(): { readonly idle: number; readonly total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, total };
}
