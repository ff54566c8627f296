import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import { countInShare, type Share } from "../../shared/scenario/share.ts";
import type { TakeoverRecord } from "../ledger/evidence.ts";
import type { Assignments } from "./assignments.ts";
import { BeaconFleet, type FleetEvents } from "./beacon-fleet.ts";
import type { FleetMember } from "./fleet-member.ts";
import { assignmentOf, commonConfigurationOf, configureTimeoutMs } from "./prepare-window.ts";
import type { RunContext } from "./run-context.ts";
import type { RunSetting } from "./run-setting.ts";
import { signingPerThreadSecond } from "./signing-windows.ts";
import { firstSequenceDueAfter, splitShare } from "./takeover.ts";

/** Reaching the nodes anew, handing over the list, the barrier: from the loss to the first transaction taken over. */
const takeoverMicros = 5e6;
const armTimeoutMs = 2500;
const signingTimeoutMs = 60_000;

export interface TakeoverOptions {
  readonly assignments: Assignments;
  readonly setting: RunSetting;
  readonly events: FleetEvents;
  readonly writeManifest: () => Promise<void>;
}

/** Deals what lost beacons had left out among the others, each time under an epoch of its own. */
export class Takeovers {
  readonly records: TakeoverRecord[] = [];
  readonly #context: RunContext;
  readonly #options: TakeoverOptions;
  #underWay = 0;

  constructor(context: RunContext, options: TakeoverOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Somebody is about to get something to send. */
  get isUnderWay(): boolean {
    return this.#underWay > 0;
  }

  /** Gives what `name` had left of its assignment in `fleet` to the others. A failure is told and leaves it cancelled. */
  redistribute(fleet: BeaconFleet, name: string): void {
    this.#underWay++;
    this.#takeOver(fleet, name)
      .catch((error: unknown) =>
        this.#context.tell("beacon", "error", name, `nobody could take over: ${messageOf(error)}`),
      )
      .finally(() => {
        this.#underWay--;
      });
  }

  async #takeOver(lostFrom: BeaconFleet, name: string): Promise<void> {
    const lost = lostFrom.memberOf(name);
    if (lost === undefined) return;
    const { first } = this.#options.assignments;
    for (;;) {
      const survivors = first.present;
      if (survivors.length === 0) throw new AppError("BEACON_LOST", "no beacon is left");
      const takeover = this.#divide(lostFrom, lost, survivors);
      if (takeover === null) {
        this.#context.tell("beacon", "info", name, "had nothing left that others could still take over");
        return;
      }
      try {
        await this.#arm(takeover, lostFrom);
      } catch (error) {
        await takeover.stop("aborted", 2000);
        await takeover.release(2000);
        takeover.close();
        // One of those that were to take over was lost as well: the rest try again.
        if (first.alive < survivors.length && !this.#context.request.stop.aborted) continue;
        throw error;
      }
      await this.#note(takeover, lostFrom, name);
      return;
    }
  }

  /** Null when nothing is left that could be signed in time. */
  #divide(lostFrom: BeaconFleet, lost: FleetMember, survivors: readonly FleetMember[]): BeaconFleet | null {
    const { assignments, events } = this.#options;
    const { scenario, clock, request } = this.#context;
    const { endSequence } = lostFrom;
    const elapsed = this.#context.elapsedMicros();
    const leftAtOnce = countIn(lost.share, firstSequenceDueAfter(scenario.phases, elapsed), endSequence);
    const signingMicros = (leftAtOnce / survivors.length / signingPerThreadSecond) * 1e6;
    const firstSequence = Math.max(
      lostFrom.firstSequence,
      firstSequenceDueAfter(scenario.phases, elapsed + takeoverMicros + signingMicros),
    );
    if (countIn(lost.share, firstSequence, endSequence) === 0) return null;
    const shares = splitShare(lost.share, survivors.length);
    const members = survivors.map(({ session }, i) => {
      const share = shares[i] as Share;
      return { session, share, planned: countIn(share, firstSequence, endSequence) };
    });
    return new BeaconFleet(
      {
        runId: request.runId,
        epoch: assignments.nextEpoch(),
        firstSequence,
        endSequence,
        leaseMs: scenario.beacons.leaseMicros / 1000,
        members,
        signal: request.kill,
      },
      { clock, events },
    );
  }

  /** The same transactions, to the last byte: should two beacons ever send one, the chain takes it once. */
  async #arm(takeover: BeaconFleet, lostFrom: BeaconFleet): Promise<void> {
    const { beforeStart: signal, start, request } = this.#context;
    if (lostFrom.signing === null || start === null) throw new AppError("INTERNAL", "nothing had been signed");
    const common = commonConfigurationOf(this.#context, this.#options.setting);
    const ask = { timeoutMs: configureTimeoutMs, signal, needAll: true };
    await takeover.configure(
      (member) => ({
        ...common,
        ...assignmentOf(takeover, member),
        underWay: true,
        // The others' cores are busy sending, but this is urgent.
        signingThreads: 1,
        signingPriority: "normal",
      }),
      ask,
    );
    await takeover.prepare(lostFrom.signing, ask);
    await takeover.waitFor(() => takeover.allPrepared, {
      needAll: true,
      timeoutMs: signingTimeoutMs,
      signal,
      what: "what is taken over was not signed",
    });
    await takeover.arm(start.micros, { timeoutMs: armTimeoutMs, signal, needAll: true });
    request.stop.throwIfAborted();
  }

  async #note(takeover: BeaconFleet, lostFrom: BeaconFleet, name: string): Promise<void> {
    const { assignments, writeManifest } = this.#options;
    const members = takeover.present;
    const transactions = takeover.planned;
    assignments.add(takeover);
    this.records.push({
      epoch: takeover.epoch,
      from: { beacon: name, epoch: lostFrom.epoch },
      firstSequence: takeover.firstSequence,
      transactions,
      members: members.map(({ session, share }) => ({ beacon: session.name, share })),
    });
    this.#context.tell(
      "beacon",
      "info",
      name,
      `${transactions} transactions from number ${takeover.firstSequence} on are taken over by ${members.map(({ session }) => session.name).join(", ")}`,
    );
    // Lost between its promise and now: what it had taken over needs somebody else. Whoever is lost later is told of as one
    // of an armed assignment.
    for (const { session } of members) {
      if (assignments.first.present.some((one) => one.session === session)) continue;
      takeover.lose(session.name, "it is lost");
      this.redistribute(takeover, session.name);
    }
    await writeManifest();
  }
}

/** Of the share's sequence numbers below `end`, those from `first` on. */
export function countIn(share: Share, first: number, end: number): number {
  return countInShare(share, first, Math.max(0, end - first));
}
