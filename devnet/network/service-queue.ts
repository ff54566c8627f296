import type { Appointment, Scheduler } from "./scheduler.ts";

/** Is told when the job was done by the server's own time, which a late process calls it after. */
export type Serve = (doneMicros: number) => void;

interface Job {
  readonly arrivedMicros: number;
  readonly serve: Serve;
}

/**
 * A server with one counter and a fixed service time: job i is done at
 * `max(arrival of i, done of i-1) + 1/capacity`, to the microsecond, however late the process itself wakes up.
 * Time in which the server is paused does not count as service.
 */
export class ServiceQueue {
  readonly #scheduler: Scheduler;
  readonly #jobs: Job[] = [];
  #next = 0;
  #serviceMicros = 0;
  /** When the job at the head is done; meaningless while the queue is empty. */
  #headDueMicros = 0;
  #freeMicros = 0;
  #pausedMicros: number | null = null;
  #appointment: Appointment | null = null;

  constructor(scheduler: Scheduler, capacityPerSecond: number | null) {
    this.#scheduler = scheduler;
    this.#serviceMicros = toServiceMicros(capacityPerSecond);
  }

  get length(): number {
    return this.#jobs.length - this.#next;
  }

  add(serve: Serve): void {
    const nowMicros = this.#scheduler.nowMicros();
    if (this.#pausedMicros === null && this.#serviceMicros === 0 && this.length === 0) {
      serve(nowMicros);
      return;
    }
    this.#jobs.push({ arrivedMicros: nowMicros, serve });
    if (this.length === 1) {
      // The server's own time stands still during a pause, and `resume` moves it on.
      const startMicros = Math.max(this.#pausedMicros ?? nowMicros, this.#freeMicros);
      this.#headDueMicros = startMicros + this.#serviceMicros;
      this.#arm();
    }
  }

  /** Takes effect on the job being served: what is left of its service is redone at the new capacity. */
  setCapacity(capacityPerSecond: number | null): void {
    const before = this.#serviceMicros;
    this.#serviceMicros = toServiceMicros(capacityPerSecond);
    if (this.length === 0) return;
    const nowMicros = this.#pausedMicros ?? this.#scheduler.nowMicros();
    const left = before === 0 ? 1 : Math.max(0, this.#headDueMicros - nowMicros) / before;
    this.#headDueMicros = nowMicros + Math.min(1, left) * this.#serviceMicros;
    this.#arm();
  }

  /** Forgets what waits and returns how much that was; the server is free at once. */
  clear(): number {
    const waiting = this.length;
    this.#jobs.length = 0;
    this.#next = 0;
    this.#freeMicros = 0;
    this.#arm();
    return waiting;
  }

  pause(): void {
    if (this.#pausedMicros !== null) return;
    const instantMicros = this.#scheduler.instantMicros();
    this.#runDue(instantMicros);
    this.#pausedMicros = instantMicros;
    this.#appointment?.cancel();
    this.#appointment = null;
  }

  resume(): void {
    if (this.#pausedMicros === null) return;
    this.#headDueMicros += this.#scheduler.instantMicros() - this.#pausedMicros;
    this.#pausedMicros = null;
    this.#arm();
  }

  #arm(): void {
    this.#appointment?.cancel();
    this.#appointment = null;
    if (this.#pausedMicros !== null || this.length === 0) return;
    this.#appointment = this.#scheduler.at(this.#headDueMicros, () => {
      this.#runDue(this.#scheduler.nowMicros());
      this.#arm();
    });
  }

  #runDue(nowMicros: number): void {
    while (this.length > 0 && this.#pausedMicros === null && this.#headDueMicros <= nowMicros) {
      const job = this.#jobs[this.#next]!;
      this.#next += 1;
      const doneMicros = this.#headDueMicros;
      this.#freeMicros = doneMicros;
      const following = this.#jobs[this.#next];
      if (following !== undefined) {
        this.#headDueMicros = Math.max(doneMicros, following.arrivedMicros) + this.#serviceMicros;
      }
      if (this.#next >= 1024 || following === undefined) {
        this.#jobs.splice(0, this.#next);
        this.#next = 0;
      }
      job.serve(doneMicros);
    }
  }
}

function toServiceMicros(capacityPerSecond: number | null): number {
  return capacityPerSecond === null ? 0 : 1e6 / capacityPerSecond;
}
