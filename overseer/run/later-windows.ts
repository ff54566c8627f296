import { AppError, isAppError, messageOf } from "../../shared/errors/app-error.ts";
import { dealShares } from "../../shared/scenario/deal-shares.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import type { WindowRecord } from "../ledger/evidence.ts";
import type { Assignments } from "./assignments.ts";
import { BeaconFleet, type FleetEvents } from "./beacon-fleet.ts";
import { armTimeoutMs, prepareLaterWindow } from "./prepare-window.ts";
import type { RunContext } from "./run-context.ts";
import type { RunSetting } from "./run-setting.ts";
import type { SigningWindow } from "./signing-windows.ts";
import { countIn } from "./take-over.ts";

export interface LaterWindowsOptions {
  /** All of the run; the first is prepared by others. */
  readonly windows: readonly SigningWindow[];
  readonly assignments: Assignments;
  readonly setting: RunSetting;
  readonly events: FleetEvents;
  readonly writeManifest: () => Promise<void>;
  /** A beacon had been lost when a window was armed that it has part in. */
  readonly onMemberMissing: (fleet: BeaconFleet, name: string) => void;
}

const handOverTimeoutMs = 120_000;
const releaseTimeoutMs = 5000;

/**
 * Prepares each window while the one before it is sent, and has beacons forget a window when all of it is settled. Ends
 * with the last window, with the first that cannot be prepared, or when it is told to.
 */
export class LaterWindows {
  readonly #context: RunContext;
  readonly #options: LaterWindowsOptions;
  readonly #ending = new AbortController();
  readonly #fleets = new Map<number, BeaconFleet>();
  readonly #handOvers: Promise<void>[] = [];
  #work: Promise<void> = Promise.resolve();
  #over = false;
  #failure: AppError | null = null;

  constructor(context: RunContext, options: LaterWindowsOptions) {
    this.#context = context;
    this.#options = options;
    this.#fleets.set(1, options.assignments.first);
  }

  /** Nothing more will be armed. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Why not all windows were sent; null when they were, or were not to be. */
  get failure(): AppError | null {
    return this.#failure;
  }

  get records(): WindowRecord[] {
    return this.#options.windows.map(({ number, firstSequence, endSequence, startMicros }) => {
      const fleet = this.#fleets.get(number);
      return {
        number,
        epoch: fleet?.epoch ?? null,
        firstSequence,
        endSequence,
        startMicros,
        baseExpirationSeconds: fleet?.signing?.baseExpirationSeconds ?? null,
        armed: fleet?.armed ?? false,
        members: fleet?.members.map(({ session, share }) => ({ beacon: session.name, share })) ?? [],
      };
    });
  }

  begin(): void {
    this.#work = this.#run()
      .catch((error: unknown) => {
        if (this.#ending.signal.aborted) return;
        this.#failure = isAppError(error) ? error : new AppError("INTERNAL", messageOf(error), { cause: error });
        this.#context.tell("beacon", "error", null, `sending ends with what is signed: ${messageOf(error)}`);
      })
      .finally(() => {
        this.#over = true;
      });
  }

  /** No further window is armed. */
  end(): void {
    this.#ending.abort(new AppError("STOPPED", "no further window is wanted"));
  }

  /** Resolves when nothing goes on here any more. */
  async settled(): Promise<void> {
    this.end();
    await this.#work;
    await Promise.all(this.#handOvers);
  }

  async #run(): Promise<void> {
    for (const window of this.#options.windows.slice(1)) {
      await this.#comes(window.prepareFromMicros ?? 0);
      await this.#prepareAndArm(window);
      this.#handOvers.push(this.#handOver(window.number - 1));
    }
  }

  async #comes(micros: number): Promise<void> {
    await waitUntil(() => this.#context.elapsedMicros() >= micros, {
      timeoutMs: (micros - this.#context.elapsedMicros()) / 1000 + 10_000,
      everyMs: 100,
      signal: this.#ending.signal,
      onTimeout: () => new AppError("INTERNAL", "the time for the next window did not come"),
    });
  }

  async #prepareAndArm(window: SigningWindow): Promise<void> {
    const { assignments, setting, writeManifest, onMemberMissing } = this.#options;
    const { start, scenario } = this.#context;
    const signal = AbortSignal.any([this.#ending.signal, this.#context.beforeStart]);
    const fleet = this.#assign(window);
    assignments.add(fleet);
    this.#fleets.set(window.number, fleet);
    // Before it can send, so that whoever takes the run up knows of it.
    await writeManifest();
    await prepareLaterWindow(this.#context, { fleet, window, setting, signal });
    try {
      await fleet.arm(start?.micros ?? 0, { timeoutMs: armTimeoutMs(scenario.beacons), signal, needAll: false });
      signal.throwIfAborted();
    } catch (error) {
      // Those that were armed already.
      await fleet.stop(this.#context.request.stop.aborted ? "stopped" : "aborted", releaseTimeoutMs);
      throw error;
    }
    // Before anything else happens: whoever is lost from now on is told of as one of an armed window.
    for (const { name, lost } of fleet.statuses) if (lost) onMemberMissing(fleet, name);
    await writeManifest();
  }

  /** Among those that are there: by the shares they have or, where the others' load is taken over, dealt out anew. */
  #assign({ firstSequence, endSequence }: SigningWindow): BeaconFleet {
    const { assignments, events } = this.#options;
    const { scenario, request, clock } = this.#context;
    const { present } = assignments.first;
    const labelled = present.map(({ session: { name, hello } }) => ({ name, labels: hello.labels }));
    const dealt = scenario.onBeaconLost === "redistribute" ? dealShares(scenario, labelled).shares : [];
    return new BeaconFleet(
      {
        runId: request.runId,
        epoch: assignments.nextEpoch(),
        firstSequence,
        endSequence,
        leaseMs: scenario.beacons.leaseMicros / 1000,
        members: present.map(({ session, share: own }, i) => {
          const share = dealt[i] ?? own;
          return { session, share, planned: countIn(share, firstSequence, endSequence) };
        }),
        signal: request.kill,
      },
      { clock, events },
    );
  }

  /** Once all of a window is settled, its beacons need not keep it. */
  async #handOver(number: number): Promise<void> {
    const fleet = this.#fleets.get(number);
    if (fleet === undefined) return;
    try {
      await waitUntil(() => fleet.allDrained, {
        timeoutMs: 2 ** 31 - 1,
        everyMs: 250,
        signal: this.#ending.signal,
        onTimeout: () => new AppError("INTERNAL", "a window was never settled"),
      });
    } catch {
      // The run ends: everything is collected then.
      return;
    }
    await fleet.collect(handOverTimeoutMs);
    await fleet.release(releaseTimeoutMs);
  }
}
