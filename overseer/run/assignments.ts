import type { ClockEstimate, PhaseCounters } from "../../shared/protocol/messages.ts";
import type { BeaconRecord } from "../ledger/evidence.ts";
import type { BeaconSession } from "../server/beacon-session.ts";
import type { BeaconFleet } from "./beacon-fleet.ts";

const counterNames = ["due", "sent", "accepted", "rejected", "unanswered", "shed", "cancelled"] as const;

/**
 * All assignments of a run: those of its windows, in their order, and those that were taken over from lost beacons. The
 * first one, which every beacon has part in, tells who is there.
 */
export class Assignments {
  readonly first: BeaconFleet;
  readonly #fleets: BeaconFleet[];
  #lastEpoch: number;

  constructor(first: BeaconFleet) {
    this.first = first;
    this.#fleets = [first];
    this.#lastEpoch = first.epoch;
  }

  get all(): readonly BeaconFleet[] {
    return this.#fleets;
  }

  nextEpoch(): number {
    return ++this.#lastEpoch;
  }

  add(fleet: BeaconFleet): void {
    this.#fleets.push(fleet);
  }

  remove(fleet: BeaconFleet): void {
    const at = this.#fleets.indexOf(fleet);
    if (at >= 0) this.#fleets.splice(at, 1);
  }

  /** Nobody has anything left to send or to wait for, as far as it has been assigned. */
  get allDrained(): boolean {
    return this.#fleets.every((fleet) => fleet.allDrained);
  }

  /** Beacons that have not handed in all that they were let send. */
  get owing(): readonly string[] {
    return [...new Set(this.#fleets.flatMap((fleet) => fleet.owing))];
  }

  /** A beacon that is lost to one of them is lost to all. */
  loseEverywhere(name: string, text: string): void {
    for (const fleet of this.#fleets) fleet.lose(name, text);
  }

  replaceEverywhere(session: BeaconSession): void {
    for (const fleet of this.#fleets) fleet.replace(session);
  }

  async each(work: (fleet: BeaconFleet) => Promise<unknown>): Promise<void> {
    await Promise.all(this.#fleets.map(work));
  }

  close(): void {
    for (const fleet of this.#fleets) fleet.close();
  }

  /** For the live view: of each beacon, the assignment that it is at. */
  get statuses(): BeaconFleet["statuses"] {
    return this.first.statuses.map((own) => {
      const others = this.#fleets.slice(1).filter((fleet) => fleet.armed);
      const all = [own, ...others.flatMap((fleet) => fleet.statuses.filter(({ name }) => name === own.name))];
      const at = all.find(({ status }) => status !== null && status.state !== "drained") ?? all.at(-1) ?? own;
      return { ...at, lost: own.lost };
    });
  }

  /** One for each beacon, over all its assignments. */
  records(startMicros: number | null): BeaconRecord[] {
    return this.first.records(startMicros).map((record) => {
      const own = this.#fleets.flatMap((fleet) =>
        fleet.records(startMicros).filter(({ name }) => name === record.name),
      );
      return {
        ...record,
        prepared: sumOfPrepared(own),
        clocks: own.flatMap(({ epoch, clock, clockAtEnd }) => (clock === null ? [] : [{ epoch, clock, clockAtEnd }])),
        clockAtEnd: own.reduce<ClockEstimate | null>((last, { clockAtEnd }) => clockAtEnd ?? last, null),
        counters: sumOfCounters(own.map(({ counters }) => counters)),
      };
    });
  }
}

/** What was held at the same time is not added up. */
function sumOfPrepared(records: readonly BeaconRecord[]): BeaconRecord["prepared"] {
  const all = records.flatMap(({ prepared }) => prepared ?? []);
  const [first] = all;
  if (first === undefined) return null;
  return {
    ...first,
    transactions: all.reduce((sum, { transactions }) => sum + transactions, 0),
    seconds: all.reduce((sum, { seconds }) => sum + seconds, 0),
    storeBytes: Math.max(...all.map(({ storeBytes }) => storeBytes)),
  };
}

function sumOfCounters(all: readonly (readonly PhaseCounters[])[]): PhaseCounters[] {
  const sums = new Map<number, PhaseCounters>();
  for (const counters of all.flat()) {
    const sum = sums.get(counters.phase);
    if (sum === undefined) sums.set(counters.phase, { ...counters });
    else for (const key of counterNames) sum[key] += counters[key];
  }
  return [...sums.values()];
}
