import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { openEvidenceWriter } from "../overseer/ledger/write-evidence.ts";
import { BeaconFleet, type FleetEvents } from "../overseer/run/beacon-fleet.ts";
import { LiveFigures } from "../overseer/run/live-figures.ts";
import { OutcomeBoard } from "../overseer/run/outcome-board.ts";
import { BeaconGateway } from "../overseer/server/beacon-gateway.ts";
import { equalShares, type Share } from "../shared/scenario/share.ts";
import { systemClock } from "../shared/time/clock.ts";
import {
  benchEpoch,
  benchRunId,
  benchToken,
  type OverseerMeasure,
  type OverseerNews,
  type OverseerOrder,
  rowsPerChunk,
  statusIntervalMs,
} from "./overseer-load.ts";

/**
 * All of the overseer that has to do with beacons: the door, the fleet, live figures, evidence on disk. A process of its
 * own, started with `fork`, with the number of beacons and a folder as arguments.
 */
const beacons = Number(process.argv[2]);
const folder = process.argv[3] as string;
const leaseMs = 10_000;
/** Room for every sequence number of any duration that a benchmark takes. */
const transactions = beacons * rowsPerChunk * 120;

const tell = (news: OverseerNews): void => void process.send?.(news);

class Measuring {
  statuses = 0;
  missed = 0;
  lost = 0;
  disconnections = 0;
  rows = 0;
  readonly #startedMicros = systemClock.nowMicros();
  readonly #cpu = process.cpuUsage();
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: 5 });
  readonly #lastStatus = new Map<string, number>();

  constructor() {
    this.#delay.enable();
  }

  onStatus(beacon: string): void {
    this.statuses++;
    const now = systemClock.nowMicros();
    this.#countMissed(this.#lastStatus.get(beacon) ?? now, now);
    this.#lastStatus.set(beacon, now);
  }

  finish(): OverseerMeasure {
    const now = systemClock.nowMicros();
    for (const last of this.#lastStatus.values()) this.#countMissed(last, now);
    this.#delay.disable();
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      seconds: (now - this.#startedMicros) / 1e6,
      cpuSeconds: (user + system) / 1e6,
      statuses: this.statuses,
      missed: this.missed + (beacons - this.#lastStatus.size),
      lost: this.lost,
      disconnections: this.disconnections,
      rows: this.rows,
      loopDelayP99Ms: this.#delay.percentile(99) / 1e6,
      loopDelayMaximumMs: this.#delay.max / 1e6,
    };
  }

  #countMissed(from: number, to: number): void {
    this.missed += Math.max(0, Math.floor((to - from) / 1000 / statusIntervalMs) - 1);
  }
}

const evidence = await openEvidenceWriter(folder);
const figures = new LiveFigures();
const board = new OutcomeBoard(transactions, []);
let measuring = new Measuring();
let fleet: BeaconFleet | null = null;

const events: FleetEvents = {
  onStatus: (name, status) => {
    measuring.onStatus(name);
    figures.addStatus(name, status);
    if (status.sample !== null) evidence.appendSample({ beacon: name, ...status.sample });
  },
  onLateStatus: (_, status) => figures.addHistograms(status),
  onTrouble: (_, { text }) => {
    if (text.startsWith("lost")) measuring.disconnections++;
  },
  onReasonSample: () => undefined,
  onPreparedRows: () => undefined,
  onOutcomeRows: (columns) => {
    measuring.rows += columns.sequence.length;
    board.add(columns);
  },
  onLost: () => {
    measuring.lost++;
  },
  storeChunk: (name, bytes) => evidence.storeChunk(name, bytes),
};

const gateway = new BeaconGateway(
  { host: "127.0.0.1", port: 0, token: benchToken, tls: null },
  {
    clock: systemClock,
    onArrival: () => {
      if (gateway.sessions.size < beacons || fleet !== null) return;
      const shares = equalShares(beacons);
      const members = [...gateway.sessions.values()].map((session, i) => ({
        session,
        share: shares[i] as Share,
        planned: transactions / beacons,
      }));
      fleet = new BeaconFleet(
        {
          runId: benchRunId,
          epoch: benchEpoch,
          firstSequence: 0,
          endSequence: transactions,
          leaseMs,
          members,
          signal: new AbortController().signal,
        },
        { events, clock: systemClock },
      );
      tell({ kind: "complete" });
    },
    onRefusal: (_, cause) => console.error(cause),
  },
);

// As the conductor does for the live view.
setInterval(() => figures.tick(systemClock.nowMicros(), figures.totals(transactions, 0)), statusIntervalMs);

process.on("message", (order: OverseerOrder) => {
  if (order === "start") measuring = new Measuring();
  else tell({ kind: "measured", measure: measuring.finish() });
});
process.on("disconnect", () => process.exit(0));
tell({ kind: "listening", url: await gateway.listen() });
