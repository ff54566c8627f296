import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import { ruleOf } from "../../shared/scenario/deal-shares.ts";
import { countInShare, type Share, splitShare } from "../../shared/scenario/share.ts";
import type { TakeoverRecord } from "../ledger/evidence.ts";
import type { Assignments } from "./assignments.ts";
import { BeaconFleet, type FleetEvents } from "./beacon-fleet.ts";
import type { FleetMember } from "./fleet-member.ts";
import { armTimeoutMs, assignmentOf, commonConfigurationOf, configureTimeoutMs } from "./prepare-window.ts";
import type { RunContext } from "./run-context.ts";
import type { RunSetting } from "./run-setting.ts";
import { signingPerThreadSecond } from "./signing-windows.ts";
import { firstSequenceDueAfter } from "./takeover.ts";

/** Reaching the nodes anew, handing over the list, the barrier: from the loss to the first transaction taken over. */
const takeoverMicros = 5e6;
const signingTimeoutMs = 60_000;
const releaseTimeoutMs = 2000;

export interface TakeoverOptions {
  readonly assignments: Assignments;
  readonly setting: RunSetting;
  readonly events: FleetEvents;
  readonly writeManifest: () => Promise<void>;
}

/** What one beacon had left of one assignment, and the assignment that gives it to the others. */
interface Takeover {
  readonly lostFrom: BeaconFleet;
  readonly name: string;
  readonly fleet: BeaconFleet;
}

/** Deals what lost beacons had left out among the others, each time under an epoch of its own. */
export class Takeovers {
  readonly #context: RunContext;
  readonly #options: TakeoverOptions;
  readonly #ending = new AbortController();
  /** Those that came to nothing included: beacons may have handed in rows of their epochs. */
  readonly #takeovers: Takeover[] = [];
  readonly #work = new Set<Promise<void>>();

  constructor(context: RunContext, options: TakeoverOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Somebody is about to get something to send. */
  get isUnderWay(): boolean {
    return this.#work.size > 0;
  }

  get records(): TakeoverRecord[] {
    return this.#takeovers.map(({ lostFrom, name, fleet }) => ({
      epoch: fleet.epoch,
      from: { beacon: name, epoch: lostFrom.epoch },
      firstSequence: fleet.firstSequence,
      transactions: fleet.planned,
      members: fleet.members.map(({ session, share }) => ({ beacon: session.name, share })),
      armed: fleet.armed,
    }));
  }

  /** Gives what `name` had left of its assignment in `fleet` to the others. A failure is told and leaves it cancelled. */
  redistribute(fleet: BeaconFleet, name: string): void {
    if (this.#ending.signal.aborted) return;
    const work = this.#takeOver(fleet, name)
      .catch((error: unknown) => {
        if (this.#ending.signal.aborted) return;
        this.#context.tell("beacon", "error", name, `nobody could take over: ${messageOf(error)}`);
      })
      .finally(() => this.#work.delete(work));
    this.#work.add(work);
  }

  /** Nobody gets anything more to send; whoever was just about to is told to stop. */
  end(): void {
    this.#ending.abort(new AppError("STOPPED", "nothing more is to be taken over"));
  }

  /** Resolves when nothing goes on here any more. */
  async settled(): Promise<void> {
    this.end();
    await Promise.all(this.#work);
  }

  async #takeOver(lostFrom: BeaconFleet, name: string): Promise<void> {
    const { assignments, writeManifest } = this.#options;
    const { first } = assignments;
    const lost = lostFrom.memberOf(name);
    if (lost === undefined) return;
    for (;;) {
      const survivors = first.present;
      if (survivors.length === 0) throw new AppError("BEACON_LOST", "no beacon is left");
      const fleet = this.#divide(lostFrom, lost, this.#heirsOf(lost, survivors));
      if (fleet === null) {
        // Of a run in windows one may be over and the next still to be taken over.
        const numbers = `${lostFrom.firstSequence} to ${lostFrom.endSequence - 1}`;
        const text = `had nothing left of transactions ${numbers} that others could still take over`;
        this.#context.tell("beacon", "info", name, text);
        return;
      }
      const takeover = { lostFrom, name, fleet };
      assignments.add(fleet);
      this.#takeovers.push(takeover);
      try {
        // Before any beacon has rows of it, so that whoever takes the run up knows of it.
        await writeManifest();
        await this.#prepare(takeover);
      } catch (error) {
        await fleet.release(releaseTimeoutMs);
        assignments.remove(fleet);
        fleet.close();
        this.#ending.signal.throwIfAborted();
        // One of those that were to take over was lost as well: the rest try again.
        if (first.alive < survivors.length) continue;
        throw error;
      }
      await this.#arm(takeover);
      await writeManifest();
      return;
    }
  }

  /** Where the scenario places load by labels, it stays with beacons of the same ones while there are any. */
  #heirsOf(lost: FleetMember, survivors: readonly FleetMember[]): readonly FleetMember[] {
    const { shares: rules } = this.#context.scenario.beacons;
    const rule = ruleOf(rules, lost.session.hello.labels);
    const alike = survivors.filter(({ session }) => ruleOf(rules, session.hello.labels) === rule);
    return alike.length > 0 ? alike : survivors;
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

  get #signal(): AbortSignal {
    return AbortSignal.any([this.#ending.signal, this.#context.beforeStart]);
  }

  /** The same transactions, to the last byte: should two beacons ever send one, the chain takes it once. */
  async #prepare({ fleet, lostFrom }: Takeover): Promise<void> {
    if (lostFrom.signing === null) throw new AppError("INTERNAL", "nothing had been signed");
    const signal = this.#signal;
    const common = commonConfigurationOf(this.#context, this.#options.setting);
    const ask = { timeoutMs: configureTimeoutMs, signal, needAll: true };
    await fleet.configure(
      (member) => ({
        ...common,
        ...assignmentOf(fleet, member),
        underWay: true,
        // The others' cores are busy sending, but this is urgent.
        signingThreads: 1,
        signingPriority: "normal",
      }),
      ask,
    );
    await fleet.prepare(lostFrom.signing, ask);
    await fleet.waitFor(() => fleet.allPrepared, {
      needAll: true,
      timeoutMs: signingTimeoutMs,
      signal,
      what: "what is taken over was not signed",
    });
  }

  /** Each sends from its own promise on, so those that give it keep their part whatever becomes of the others. */
  async #arm({ fleet, name }: Takeover): Promise<void> {
    const { start, scenario, request } = this.#context;
    if (start === null) throw new AppError("INTERNAL", "the run has no start");
    try {
      await fleet.arm(start.micros, {
        timeoutMs: armTimeoutMs(scenario.beacons),
        signal: this.#signal,
        needAll: false,
      });
      this.#signal.throwIfAborted();
    } catch (error) {
      await fleet.stop(request.stop.aborted ? "stopped" : "aborted", releaseTimeoutMs);
      throw error;
    }
    const members = fleet.present.map(({ session }) => session.name);
    this.#context.tell(
      "beacon",
      "info",
      name,
      `${fleet.planned} transactions from number ${fleet.firstSequence} on are taken over by ${members.join(", ")}`,
    );
    // Before anything else happens: whoever is lost from now on is told of as one of an armed assignment.
    for (const member of fleet.statuses) if (member.lost) this.redistribute(fleet, member.name);
  }
}

/** Of the share's sequence numbers below `end`, those from `first` on. */
export function countIn(share: Share, first: number, end: number): number {
  return countInShare(share, first, Math.max(0, end - first));
}
