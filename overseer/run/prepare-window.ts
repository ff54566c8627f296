import type { TransactionReference } from "../../shared/chains/driver.ts";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import type { Configure } from "../../shared/protocol/messages.ts";
import type { Scenario } from "../../shared/scenario/scenario.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import type { BeaconFleet } from "./beacon-fleet.ts";
import type { FleetMember } from "./fleet-member.ts";
import type { RunContext } from "./run-context.ts";
import type { RunSetting } from "./run-setting.ts";
import { type SigningWindow, startSlackSeconds } from "./signing-windows.ts";

export const configureTimeoutMs = 30_000;
const armGraceMs = 5000;
const showEveryMs = 1000;
/** Nodes are asked in turn until one answers. */
const referenceTimeoutMs = 30_000;

/** In a run that is under way: a beacon that stays away longer than its lease is lost anyway. */
export function armTimeoutMs({ leaseMicros }: Pick<Scenario["beacons"], "leaseMicros">): number {
  return leaseMicros / 1000 + armGraceMs;
}

/** What every assignment of the run is configured with. */
export type CommonConfiguration = Omit<
  Configure,
  "epoch" | "share" | "firstSequence" | "endSequence" | "underWay" | "signingThreads" | "signingPriority"
>;

export function commonConfigurationOf(context: RunContext, { network, resolved }: RunSetting): CommonConfiguration {
  const { scenario, driver, request } = context;
  return {
    runId: request.runId,
    chain: scenario.chain,
    seed: scenario.seed,
    network,
    workload: scenario.workload,
    resolved,
    phases: [...scenario.phases],
    sending: scenario.sending,
    connectionsPerNode: scenario.beacons.connectionsPerNode ?? driver.defaultConnectionsPerNode,
    answerGraceMicros: scenario.sending.answerTimeoutMicros,
  };
}

export interface FirstWindow {
  readonly fleet: BeaconFleet;
  readonly window: SigningWindow;
  readonly setting: RunSetting;
  /** Of each beacon, by its name. */
  readonly signingThreads: ReadonlyMap<string, number>;
}

/** Before T0: all beacons or none. Shows how far it has come. */
export async function prepareFirstWindow(context: RunContext, first: FirstWindow): Promise<void> {
  const { fleet, window, setting, signingThreads } = first;
  const { scenario, beforeStart: signal } = context;
  const common = commonConfigurationOf(context, setting);
  const ask = { timeoutMs: configureTimeoutMs, signal, needAll: true };
  await fleet.configure(
    (member) => ({
      ...common,
      ...assignmentOf(fleet, member),
      underWay: false,
      signingThreads: signingThreads.get(member.session.name) ?? 1,
      signingPriority: "normal",
    }),
    ask,
  );
  const reference = await context.driver.reference(setting.network.nodes[0]?.endpoint as string, signal);
  const baseExpirationSeconds =
    Math.ceil(reference.chainTimeMs / 1000 + window.signingSeconds + startSlackSeconds) + scenario.lifetimeSeconds;
  const began = context.clock.nowMicros();
  await fleet.prepare({ reference, baseExpirationSeconds }, ask);
  await showingProgress(context, fleet, () =>
    fleet.waitFor(() => fleet.allPrepared, {
      needAll: true,
      timeoutMs: 60_000 + window.signingSeconds * 10_000,
      signal,
      what: "not every beacon had signed its share",
    }),
  );
  checkLifetimeLeft(context, (context.clock.nowMicros() - began) / 1e6 - window.signingSeconds);
}

/** Expirations were fixed before signing: what it took beyond its plan is missing from every transaction's lifetime. */
function checkLifetimeLeft(context: RunContext, overrunSeconds: number): void {
  if (overrunSeconds <= 0) return;
  const { lifetimeSeconds } = context.scenario;
  const text = `signing took ${Math.ceil(overrunSeconds)} s longer than planned`;
  if (overrunSeconds > lifetimeSeconds / 2) {
    throw new AppError("PLAN_IMPOSSIBLE", `${text}, more than half of the lifetime of ${lifetimeSeconds} s`, {
      hint: "use more beacons, fewer operations in a transaction, or a longer lifetime",
    });
  }
  context.tell("beacon", "warning", null, `${text}: transactions stay valid for that much less than the scenario asks`);
}

async function showingProgress(
  { clock, progress }: RunContext,
  fleet: BeaconFleet,
  work: () => Promise<void>,
): Promise<void> {
  const began = clock.nowMicros();
  const show = (prepared: number): void => {
    const seconds = (clock.nowMicros() - began) / 1e6;
    progress.preparing({ prepared, planned: fleet.planned, perSecond: seconds > 0 ? prepared / seconds : 0 });
  };
  const ticker = setInterval(() => show(fleet.preparedTransactions), showEveryMs);
  try {
    await work();
  } finally {
    clearInterval(ticker);
  }
  show(fleet.planned);
}

export interface LaterWindow {
  readonly fleet: BeaconFleet;
  readonly window: SigningWindow;
  readonly setting: RunSetting;
  readonly signal: AbortSignal;
}

/**
 * While the run goes on: those beacons that are there, with one thread each that gives way to the sending. A fresh
 * reference block, and expirations that count from the known T0. Throws when not all was signed before all of it was due.
 */
export async function prepareLaterWindow(context: RunContext, later: LaterWindow): Promise<void> {
  const { fleet, window, setting, signal } = later;
  const { scenario, clock } = context;
  const common = commonConfigurationOf(context, setting);
  const leftMs = (): number => Math.max(1, (window.endMicros - context.elapsedMicros()) / 1000);
  await fleet.configure(
    (member) => ({
      ...common,
      ...assignmentOf(fleet, member),
      underWay: true,
      signingThreads: 1,
      signingPriority: "low",
    }),
    { timeoutMs: leftMs(), signal, needAll: false },
  );
  const reference = await referenceOfAny(context, setting, signal);
  const chainTimeAtStartMs = reference.chainTimeMs - context.elapsedMicros() / 1000;
  const baseExpirationSeconds =
    // The head's time is up to a block interval behind.
    Math.ceil((chainTimeAtStartMs + setting.network.blockIntervalMs) / 1000) + scenario.lifetimeSeconds;
  await fleet.prepare({ reference, baseExpirationSeconds }, { timeoutMs: leftMs(), signal, needAll: false });
  const began = clock.nowMicros();
  await fleet.waitFor(() => fleet.allPrepared, {
    needAll: false,
    timeoutMs: leftMs(),
    signal,
    what: `window ${window.number} was not signed before all of it was due: not`,
  });
  const aheadSeconds = (window.startMicros - context.elapsedMicros()) / 1e6;
  const seconds = (clock.nowMicros() - began) / 1e6;
  context.tell(
    "beacon",
    aheadSeconds < 0 ? "warning" : "info",
    null,
    `window ${window.number} is signed: ${fleet.planned} transactions in ${seconds.toFixed(1)} s, ${Math.abs(aheadSeconds).toFixed(1)} s ${aheadSeconds < 0 ? "too late" : "ahead of time"}`,
  );
}

/** Of the fleet's part of the run, a member's share. */
export function assignmentOf(
  fleet: BeaconFleet,
  { share }: Pick<FleetMember, "share">,
): Pick<Configure, "epoch" | "share" | "firstSequence" | "endSequence"> {
  const { epoch, firstSequence, endSequence } = fleet;
  return { epoch, firstSequence, endSequence, share: { cycle: share.cycle, slots: [...share.slots] } };
}

/** In a run that is under way a node may be gone, but hardly all. */
async function referenceOfAny(
  { driver }: RunContext,
  { network }: RunSetting,
  signal: AbortSignal,
): Promise<TransactionReference> {
  let found: TransactionReference | null = null;
  let trouble = "no node answered";
  await waitUntil(
    async () => {
      for (const { endpoint } of network.nodes) {
        try {
          found = await driver.reference(endpoint, signal);
          return true;
        } catch (error) {
          signal.throwIfAborted();
          trouble = messageOf(error);
        }
      }
      return false;
    },
    {
      timeoutMs: referenceTimeoutMs,
      everyMs: 500,
      signal,
      onTimeout: () => new AppError("NETWORK_UNREACHABLE", `no reference block: ${trouble}`),
    },
  );
  if (found === null) throw new AppError("INTERNAL", "there is no reference block");
  return found;
}
