import { type Clock, systemClock } from "../../shared/time/clock.ts";

/** Something that will happen at an absolute instant of the clock. */
export interface Appointment {
  cancel(): void;
}

/** Runs tasks at absolute instants, in order of instant and then of asking. Nothing in the devnet keeps time any other way. */
export interface Scheduler {
  nowMicros(): number;
  /**
   * The instant that the running task was due, or now outside of tasks. What follows from a task at a set distance
   * counts from here: in a process that is late, things still happen in the order in which they should have.
   */
  instantMicros(): number;
  at(dueMicros: number, task: () => void): Appointment;
  /** How late the latest task was since the last call: as good as this is whatever is said to happen at an instant. */
  takeLatestMicros(): number;
}

interface Entry extends Appointment {
  readonly dueMicros: number;
  readonly sequence: number;
  task: (() => void) | null;
}

/** Binary heap on (due, sequence). */
class Agenda {
  readonly #heap: Entry[] = [];
  #sequence = 0;

  add(dueMicros: number, task: () => void): Entry {
    const entry: Entry = {
      dueMicros,
      sequence: this.#sequence++,
      task,
      cancel() {
        entry.task = null;
      },
    };
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (isBefore(heap[parent]!, entry)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
    return entry;
  }

  first(): Entry | undefined {
    while (this.#heap.length > 0 && this.#heap[0]!.task === null) this.shift();
    return this.#heap[0];
  }

  shift(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(last, heap[child]!)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }

  clear(): void {
    this.#heap.length = 0;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.dueMicros < b.dueMicros || (a.dueMicros === b.dueMicros && a.sequence < b.sequence);
}

/** After this long a run of due tasks lets sockets have their turn. */
const turnMicros = 4000;

/** The scheduler of a running devnet. */
export class SystemScheduler implements Scheduler {
  readonly #agenda = new Agenda();
  readonly #clock: Clock;
  #timer: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;
  #wakeMicros = Number.POSITIVE_INFINITY;
  #instantMicros: number | null = null;
  #latestMicros = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  nowMicros(): number {
    return this.#clock.nowMicros();
  }

  instantMicros(): number {
    return this.#instantMicros ?? this.nowMicros();
  }

  takeLatestMicros(): number {
    const latest = this.#latestMicros;
    this.#latestMicros = 0;
    return latest;
  }

  at(dueMicros: number, task: () => void): Appointment {
    const entry = this.#agenda.add(dueMicros, task);
    if (dueMicros < this.#wakeMicros) this.#arm(dueMicros);
    return entry;
  }

  close(): void {
    this.#agenda.clear();
    this.#disarm();
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#timer = null;
    this.#immediate = null;
    this.#wakeMicros = Number.POSITIVE_INFINITY;
  }

  #arm(dueMicros: number): void {
    this.#disarm();
    this.#wakeMicros = dueMicros;
    const remainingMicros = dueMicros - this.nowMicros();
    // A timer is never early but up to a millisecond late, so the last fifth of one is waited out turn by turn.
    if (remainingMicros < 200) this.#immediate = setImmediate(() => this.#run());
    else this.#timer = setTimeout(() => this.#run(), Math.max(1, Math.floor(remainingMicros / 1000)));
  }

  #run(): void {
    this.#timer = null;
    this.#immediate = null;
    // Tasks that ask for new appointments must not arm a timer each: that is done once, below.
    this.#wakeMicros = Number.NEGATIVE_INFINITY;
    const startMicros = this.nowMicros();
    let nowMicros = startMicros;
    let entry = this.#agenda.first();
    while (entry !== undefined && entry.dueMicros <= nowMicros && nowMicros - startMicros < turnMicros) {
      this.#agenda.shift();
      const { task } = entry;
      entry.task = null;
      this.#instantMicros = entry.dueMicros;
      this.#latestMicros = Math.max(this.#latestMicros, nowMicros - entry.dueMicros);
      task?.();
      this.#instantMicros = null;
      nowMicros = this.nowMicros();
      entry = this.#agenda.first();
    }
    this.#wakeMicros = Number.POSITIVE_INFINITY;
    if (entry !== undefined) this.#arm(entry.dueMicros);
  }
}

/** Time that moves only when told to: for tests. */
export class VirtualScheduler implements Scheduler {
  readonly #agenda = new Agenda();
  #nowMicros: number;

  constructor(startMicros = 0) {
    this.#nowMicros = startMicros;
  }

  nowMicros(): number {
    return this.#nowMicros;
  }

  instantMicros(): number {
    return this.#nowMicros;
  }

  at(dueMicros: number, task: () => void): Appointment {
    return this.#agenda.add(dueMicros, task);
  }

  takeLatestMicros(): number {
    return 0;
  }

  advanceTo(instantMicros: number): void {
    for (
      let entry = this.#agenda.first();
      entry !== undefined && entry.dueMicros <= instantMicros;
      entry = this.#agenda.first()
    ) {
      this.#agenda.shift();
      this.#nowMicros = Math.max(this.#nowMicros, entry.dueMicros);
      const { task } = entry;
      entry.task = null;
      task?.();
    }
    this.#nowMicros = Math.max(this.#nowMicros, instantMicros);
  }
}
