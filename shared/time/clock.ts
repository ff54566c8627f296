/**
 * Time as the program sees it. All instants of a run are microseconds on a monotonic clock: `performance.now` starts
 * anew in every thread, whereas `process.hrtime` is one clock for all threads and processes of a host.
 */
export interface Clock {
  /** Microseconds on the host's monotonic clock, fractional. Only differences mean anything. */
  nowMicros(): number;
  /** Milliseconds since 1970 on the wall clock: for labels and chain time, never for measuring. */
  wallMillis(): number;
}

export const systemClock: Clock = {
  nowMicros() {
    const [seconds, nanos] = process.hrtime();
    return seconds * 1e6 + nanos / 1e3;
  },
  wallMillis() {
    return Date.now();
  },
};
