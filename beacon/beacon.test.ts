import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { pino } from "pino";
import { AppError } from "../shared/errors/app-error.ts";
import type { OverseerToBeacon } from "../shared/protocol/events.ts";
import type { Configure, Reply, Sample, Status } from "../shared/protocol/messages.ts";
import { waitUntil } from "../shared/time/wait.ts";
import { Beacon, type BeaconDependencies } from "./beacon.ts";
import { FakeRun } from "./testing/fake-run.ts";
import { VirtualClock } from "./testing/virtual-clock.ts";

const second = 1e6;
/** The overseer's clock is this much ahead. */
const offset = 77 * second;
const prepare = { reference: {}, baseExpirationSeconds: 1000 };

type Handler = (message: unknown, reply: (reply: Reply<unknown>) => void) => void;

class FakeLink {
  connected = true;
  leaseMs = 15_000;
  readonly clock: VirtualClock;
  readonly told: { readonly event: string; readonly message: unknown }[] = [];
  readonly #handlers = new Map<string, Handler>();

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  on(event: keyof OverseerToBeacon, handler: unknown): void {
    this.#handlers.set(event, handler as Handler);
  }

  tell(event: string, message: unknown): void {
    this.told.push({ event, message });
  }

  tellStatus(message: Status): Promise<number> {
    this.told.push({ event: "status", message });
    return Promise.resolve(this.leaseMs);
  }

  askClock(): Promise<number> {
    return Promise.resolve(this.clock.micros + offset);
  }

  async command(event: string, message: unknown): Promise<Reply<unknown>> {
    return new Promise((resolve) => (this.#handlers.get(event) as Handler)(message, resolve));
  }

  of<T>(event: string): T[] {
    return this.told.filter((one) => one.event === event).map(({ message }) => message as T);
  }
}

let clock: VirtualClock;
let link: FakeLink;
let runs: FakeRun[];
let beacon: Beacon;
/** Applied to the next run that is made. */
let beforeUse: (run: FakeRun) => void;

beforeEach(() => {
  clock = new VirtualClock(10 * second);
  link = new FakeLink(clock);
  runs = [];
  beforeUse = () => undefined;
  const dependencies: BeaconDependencies = {
    clock,
    link: link as unknown as BeaconDependencies["link"],
    logger: pino({ level: "silent" }),
    sampler: { sample: (_, gauges) => gauges as Sample },
    onShutdown: () => undefined,
    handInLeftovers: () => Promise.resolve(3),
    createRun: (configure, handlers) => {
      const run = new FakeRun(configure, handlers);
      beforeUse(run);
      runs.push(run);
      return run;
    },
  };
  beacon = new Beacon(dependencies);
});

afterEach(async () => {
  await beacon.close();
});

function configureMessage(epoch: number): Configure {
  return {
    runId: "run",
    epoch,
    chain: "fake",
    seed: 1,
    network: {},
    workload: {},
    resolved: {},
    phases: [{}],
    firstSequence: 0,
    endSequence: 1000,
    underWay: false,
    share: { cycle: 1, slots: [0] },
    sending: {},
    connectionsPerNode: 1,
    signingThreads: 1,
    signingPriority: "normal",
    answerGraceMicros: 0,
  } as unknown as Configure;
}

async function expectRefused(reply: Promise<Reply<unknown>>): Promise<void> {
  expect(await reply).toMatchObject({ ok: false, error: { code: "BEACON_REFUSED" } });
}

async function untilState(name: string): Promise<void> {
  await waitUntil(() => beacon.stateName === name, {
    timeoutMs: 2000,
    everyMs: 2,
    onTimeout: () => new Error(`not ${name} but ${beacon.stateName}`),
  });
}

async function toPrepared(epoch = 1): Promise<FakeRun> {
  await link.command("configure", configureMessage(epoch));
  await link.command("prepare", { epoch, ...prepare });
  await untilState("prepared");
  return runs.at(-1) as FakeRun;
}

async function toArmed(): Promise<FakeRun> {
  const run = await toPrepared();
  const reply = await link.command("arm", { epoch: 1, t0Micros: clock.micros + offset + 60 * second, leaseMs: 15_000 });
  expect(reply).toMatchObject({ ok: true, value: { offsetMicros: offset } });
  return run;
}

test("the states of a run follow each other to its release", async () => {
  const run = await toArmed();
  expect(run.calls).toEqual(["open", "prepare", `start ${clock.micros + 60 * second}`]);
  expect(beacon.stateName).toBe("armed");
  run.handlers.onStage("draining");
  expect(beacon.stateName).toBe("draining");
  run.handlers.onStage("drained");
  expect(beacon.stateName).toBe("drained");
  expect(await link.command("collect", { epoch: 1 })).toMatchObject({ ok: true, value: { rows: 5 } });
  expect(await link.command("release", { epoch: 1 })).toEqual({ ok: true, value: null });
  expect(beacon.stateName).toBe("idle");
  expect(run.calls.at(-1)).toBe("close discarded");
  await toPrepared(2);
});

test("an assignment that is being released tells no progress that would undo what it told before", async () => {
  const run = await toArmed();
  let close = (_: string[]): void => undefined;
  run.closing = new Promise((resolve) => {
    close = resolve;
  });
  run.handlers.onStage("drained");
  const released = link.command("release", { epoch: 1 });
  await waitUntil(() => run.calls.at(-1) === "close discarded", {
    timeoutMs: 2000,
    onTimeout: () => new Error("not closed"),
  });
  const before = link.of<Status>("status").length;
  beacon.onConnected();
  close([]);
  await released;
  const told = link.of<Status>("status").slice(before);
  expect(told.length).toBeGreaterThan(0);
  expect(told.filter(({ epoch }) => epoch === 1)).toEqual([]);
});

test.each(["prepare", "arm", "pace", "stop", "collect"])("an idle beacon refuses %s", async (command) => {
  const details = { ...prepare, t0Micros: 1, leaseMs: 1000, paused: true, reason: "stopped" };
  await expectRefused(link.command(command, { epoch: 1, ...details }));
});

test("commands of another epoch are refused and change nothing", async () => {
  const run = await toArmed();
  const before = [...run.calls];
  await expectRefused(link.command("stop", { epoch: 2, reason: "aborted" }));
  await expectRefused(link.command("release", { epoch: 0 }));
  await expectRefused(link.command("configure", configureMessage(2)));
  expect(run.calls).toEqual(before);
  expect(beacon.stateName).toBe("armed");
});

test("commands that come before their time are refused", async () => {
  await link.command("configure", configureMessage(1));
  await expectRefused(link.command("arm", { epoch: 1, t0Micros: clock.micros + offset + second, leaseMs: 15_000 }));
  await expectRefused(link.command("collect", { epoch: 1 }));
  await expectRefused(link.command("pace", { epoch: 1, paused: true }));
  expect(beacon.stateName).toBe("configured");
});

test("a malformed command is answered with an error", async () => {
  expect(await link.command("configure", { epoch: "one" })).toMatchObject({ ok: false });
  expect(await link.command("arm", null)).toMatchObject({ ok: false });
  expect(beacon.stateName).toBe("idle");
});

test("a command that is repeated after a lost answer is answered and done once", async () => {
  const run = await toPrepared();
  expect((await link.command("prepare", { epoch: 1, ...prepare })).ok).toBe(true);
  const t0Micros = clock.micros + offset + 60 * second;
  const replies = await Promise.all([
    link.command("arm", { epoch: 1, t0Micros, leaseMs: 15_000 }),
    link.command("arm", { epoch: 1, t0Micros, leaseMs: 15_000 }),
  ]);
  expect(replies.map(({ ok }) => ok)).toEqual([true, true]);
  expect(run.calls.filter((call) => call.startsWith("start") || call === "prepare")).toHaveLength(2);
  expect((await link.command("release", { epoch: 1 })).ok).toBe(true);
  expect((await link.command("release", { epoch: 1 })).ok).toBe(true);
});

test("without a lease that is granted after the barrier nothing is sent, and it counts from when it was asked to arm", async () => {
  const run = await toPrepared();
  const message = { epoch: 1, t0Micros: clock.micros + offset + 3 * second };
  const asked = clock.micros;
  await link.command("arm", { ...message, leaseMs: 0 });
  expect(run.leaseUntilMicros).toBe(asked + 3 * second);
  clock.micros += second;
  await link.command("arm", { ...message, leaseMs: 15_000 });
  expect(run.leaseUntilMicros).toBe(asked + 15 * second);
  expect(run.calls.filter((call) => call.startsWith("start"))).toHaveLength(1);
});

test("told to stop while it compares clocks to be armed, it does not start", async () => {
  const run = await toPrepared();
  const armed = link.command("arm", { epoch: 1, t0Micros: clock.micros + offset + 60 * second, leaseMs: 15_000 });
  const stopped = link.command("stop", { epoch: 1, reason: "stopped" });
  expect([(await armed).ok, (await stopped).ok]).toEqual([false, false]);
  expect(beacon.stateName).toBe("prepared");
  expect(run.calls.filter((call) => call.startsWith("start"))).toEqual([]);
});

test("configure asked for twice while it runs reaches the nodes once", async () => {
  let open = (): void => undefined;
  beforeUse = (run) => {
    run.opening = new Promise((resolve) => {
      open = resolve;
    });
  };
  const replies = [link.command("configure", configureMessage(1)), link.command("configure", configureMessage(1))];
  expect(beacon.stateName).toBe("idle");
  open();
  expect((await Promise.all(replies)).map(({ ok }) => ok)).toEqual([true, true]);
  expect(runs).toHaveLength(1);
});

test("nodes that cannot be reached leave the beacon idle and say why", async () => {
  beforeUse = (run) => {
    run.opening = Promise.reject(new AppError("NETWORK_UNREACHABLE", "node-2 refuses connections"));
  };
  expect(await link.command("configure", configureMessage(1))).toMatchObject({
    ok: false,
    error: { code: "NETWORK_UNREACHABLE" },
  });
  expect(beacon.stateName).toBe("idle");
  expect(runs[0]?.calls).toEqual(["open", "close discarded"]);
});

test("a barrier whose T0 has passed is refused", async () => {
  await toPrepared();
  await expectRefused(link.command("arm", { epoch: 1, t0Micros: clock.micros + offset - 1, leaseMs: 15_000 }));
  expect(beacon.stateName).toBe("prepared");
});

test("a fault while preparing is told and leaves the beacon failed until it is released", async () => {
  beforeUse = (run) => {
    run.preparing = Promise.reject(new AppError("PLAN_IMPOSSIBLE", "too large"));
  };
  await link.command("configure", configureMessage(1));
  await link.command("prepare", { epoch: 1, ...prepare });
  await untilState("failed");
  expect(link.of("failed")).toMatchObject([{ epoch: 1, error: { code: "PLAN_IMPOSSIBLE" } }]);
  await expectRefused(link.command("arm", { epoch: 1, t0Micros: 1e12, leaseMs: 15_000 }));
  expect((await link.command("release", { epoch: 1 })).ok).toBe(true);
});

test("what a beacon records outlives its sending thread", async () => {
  const run = await toArmed();
  run.handlers.onLost(new AppError("INTERNAL", "the sending thread is gone"));
  expect(beacon.stateName).toBe("failed");
  expect(await link.command("collect", { epoch: 1 })).toMatchObject({ ok: true, value: { rows: 5 } });
});

test("after a reconnection the state is told at once, and that it is prepared once more", async () => {
  await toPrepared();
  link.told.length = 0;
  beacon.onConnected();
  expect(link.of<Status>("status")[0]).toMatchObject({ epoch: 1, state: "prepared" });
  expect(link.of("prepared")).toHaveLength(1);
});

test("a beacon that is told to end stops sending and keeps what is not acknowledged", async () => {
  const run = await toArmed();
  run.unacknowledgedChunks = 2;
  link.connected = false;
  await beacon.close();
  expect(run.calls.slice(-3)).toEqual(["stop stopped", "finish", "close kept"]);
});

test("an answered status renews the lease from the instant at which the status was sent, once there is something to send", async () => {
  const run = await toPrepared();
  beacon.onConnected();
  await new Promise((resolve) => setImmediate(resolve));
  expect(run.leaseUntilMicros).toBe(0);
  await link.command("arm", { epoch: 1, t0Micros: clock.micros + offset + second, leaseMs: 0 });
  const granted = run.leaseUntilMicros;
  link.leaseMs = 4000;
  const sent = clock.micros;
  beacon.onConnected();
  clock.micros += second;
  await waitUntil(() => run.leaseUntilMicros > granted, { timeoutMs: 2000, onTimeout: () => new Error("not renewed") });
  expect(run.leaseUntilMicros).toBe(sent + 4 * second);
});

test("statuses are numbered", async () => {
  await toPrepared();
  link.told.length = 0;
  beacon.onConnected();
  beacon.onConnected();
  const [first, next] = link.of<Status>("status").map(({ number }) => number) as [number, number];
  expect(next).toBe(first + 1);
});

test("connections that were lost in a window that is over stay counted, until another run", async () => {
  const connections = [{ node: "node-1", open: 2, lost: 3 }];
  const told = () => link.of<Status>("status").at(-1)?.sample?.connections;
  const first = await toArmed();
  first.connections = connections;
  await link.command("configure", { ...configureMessage(2), underWay: true });
  (runs[1] as FakeRun).connections = [{ node: "node-1", open: 2, lost: 1 }];
  await link.command("release", { epoch: 1 });
  beacon.onConnected();
  expect(told()).toEqual([{ node: "node-1", open: 2, lost: 4 }]);
  await link.command("release", { epoch: 2 });
  await link.command("configure", { ...configureMessage(1), runId: "another" });
  beacon.onConnected();
  expect(told()).toEqual([]);
});

test("what a run came to can be asked for over all its windows, and after its release until another run", async () => {
  const first = await toArmed();
  first.figuresSoFar = { sent: 3, inFlight: 1 };
  await link.command("configure", { ...configureMessage(2), underWay: true });
  (runs[1] as FakeRun).figuresSoFar = { sent: 4, inFlight: 2 };
  expect(beacon.figures().run).toMatchObject({ id: "run", sent: 7, inFlight: 3 });
  await link.command("release", { epoch: 1 });
  expect(beacon.figures().run).toMatchObject({ id: "run", sent: 7, inFlight: 2 });
  await link.command("release", { epoch: 2 });
  expect(beacon.figures()).toMatchObject({ state: "idle", run: { id: "run", sent: 7, inFlight: 0 } });
  await link.command("configure", { ...configureMessage(1), runId: "another" });
  expect(beacon.figures().run).toMatchObject({ id: "another", sent: 0 });
});

test("a run whose overseer died is handed in to the one that takes it up, and then forgotten", async () => {
  const run = await toArmed();
  expect(await link.command("handIn", { runId: "run" })).toEqual({ ok: true, value: { leftoverChunks: 3 } });
  expect(run.calls.slice(-3)).toEqual(["stop aborted", "collect", "close discarded"]);
  expect(beacon.stateName).toBe("idle");
});

test("a new run takes the place of a drained one whose overseer never came back, and its rows stay in the spool", async () => {
  const run = await toArmed();
  run.unacknowledgedChunks = 1;
  const another = { ...configureMessage(1), runId: "another" };
  await expectRefused(link.command("configure", another));
  run.handlers.onStage("drained");
  expect((await link.command("configure", another)).ok).toBe(true);
  expect(run.calls.at(-1)).toBe("close kept");
});
