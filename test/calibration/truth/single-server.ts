export interface Stretch {
  readonly atMicros: number;
  readonly forMicros: number;
}

/** When each job is done at a server that takes one at a time, `1/C` each, and rests during the stalls. */
export function completionsMicros(
  arrivalsMicros: readonly number[],
  capacityPerSecond: number,
  stalls: readonly Stretch[] = [],
): number[] {
  const serviceMicros = 1e6 / capacityPerSecond;
  let free = Number.NEGATIVE_INFINITY;
  return arrivalsMicros.map((arrival) => {
    free = workUntil(Math.max(arrival, free), serviceMicros, stalls);
    return free;
  });
}

function workUntil(startMicros: number, workMicros: number, stalls: readonly Stretch[]): number {
  let at = startMicros;
  let left = workMicros;
  for (const { atMicros, forMicros } of stalls) {
    const end = atMicros + forMicros;
    if (end <= at) continue;
    if (atMicros > at) {
      if (at + left < atMicros) return at + left;
      left -= atMicros - at;
    }
    at = end;
  }
  return at + left;
}

/** How many of the sorted instants lie in [from, to). */
export function countBetween(sorted: readonly number[], from: number, to: number): number {
  return sorted.filter((instant) => instant >= from && instant < to).length;
}
