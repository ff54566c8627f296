import { EventEmitter } from "node:events";
import { encodeChunk } from "../../../shared/ledger/chunk.ts";
import { createColumns, preparedLayout } from "../../../shared/ledger/columns.ts";
import type { ClockEstimate, Configure, Reply, Status, StatusReply } from "../../../shared/protocol/messages.ts";
import { countInShare } from "../../../shared/scenario/share.ts";
import type { Clock } from "../../../shared/time/clock.ts";
import { BeaconSession, type BeaconSocket } from "../../server/beacon-session.ts";

type Command = "configure" | "prepare" | "arm" | "stop" | "collect" | "release";

const clockEstimate: ClockEstimate = { offsetMicros: 0, uncertaintyMicros: 1, exchanges: 1, atMicros: 0 };

/** The overseer's end of a beacon that does at once what it is told, unless the test has it do otherwise. */
export class ScriptedBeacon {
  readonly session: BeaconSession;
  /** `arm 2`: the command and its epoch, in the order in which they came. */
  readonly heard: string[] = [];
  /** What it was granted, when it was armed and by answers to its statuses. */
  readonly leasesMs: number[] = [];
  /** Commands that it obeys without the answer ever arriving. */
  readonly mute = new Set<Command>();
  /** Commands that it does not obey; it says so unless it is mute. */
  readonly refused = new Set<Command>();
  /** Called when a command comes in, before it is obeyed. */
  onCommand: (command: Command, epoch: number) => void = () => undefined;
  readonly #socket = new EventEmitter();
  readonly #configured = new Map<number, Configure>();
  readonly #armed = new Set<number>();
  #statuses = 0;

  constructor(name: string, clock: Clock) {
    const host = {
      hostname: "h",
      platform: "p",
      cpuModel: "c",
      cpus: 1,
      memoryBytes: 1,
      node: "v",
      version: "0",
      pid: 1,
    };
    const hello = { protocolVersion: 1, role: "beacon", token: "", name, instance: name, labels: {}, host } as const;
    this.session = new BeaconSession(hello, clock);
    const socket = Object.assign(this.#socket, {
      disconnect: () => undefined,
      emitWithAck: (command: Command, message: { readonly epoch: number }) => this.#take(command, message),
    });
    this.session.attach(socket as unknown as BeaconSocket);
  }

  tellStatus(epoch: number, state: Status["state"]): void {
    const runId = this.#configured.get(epoch)?.runId ?? null;
    const noHistograms = { lateness: null, answerIntended: null, answerService: null };
    this.#socket.emit(
      "status",
      {
        ...{ runId, epoch, number: this.#statuses++, state, leaseExpired: false, sample: null },
        ...{ prepared: 0, planned: 0, counters: [], spooledRows: 0, acknowledgedRows: 0 },
        intervalHistograms: noHistograms,
      },
      ({ leaseMs }: StatusReply) => this.leasesMs.push(leaseMs),
    );
  }

  async #take(
    command: Command,
    message: { readonly epoch: number; readonly leaseMs?: number },
  ): Promise<Reply<unknown>> {
    this.onCommand(command, message.epoch);
    this.heard.push(`${command} ${message.epoch}`);
    if (message.leaseMs !== undefined) this.leasesMs.push(message.leaseMs);
    const reply = this.refused.has(command) ? refused : this.#obey(command, message);
    return this.mute.has(command) ? new Promise(() => undefined) : Promise.resolve(reply);
  }

  #obey(command: Command, message: { readonly epoch: number }): Reply<unknown> {
    const { epoch } = message;
    switch (command) {
      case "configure":
        this.#configured.set(epoch, message as Configure);
        return { ok: true, value: null };
      case "prepare":
        if (!this.mute.has("prepare")) this.#sign(epoch);
        return { ok: true, value: null };
      case "arm":
        this.#armed.add(epoch);
        return { ok: true, value: clockEstimate };
      case "stop":
      case "collect":
        if (!this.#armed.has(epoch)) return refused;
        return { ok: true, value: { epoch, preparedChunks: 1, outcomeChunks: 0, rows: 0, clock: null } };
      case "release":
        return { ok: true, value: null };
    }
  }

  #sign(epoch: number): void {
    const { runId, share, firstSequence, endSequence } = this.#configured.get(epoch) as Configure;
    const rows = countInShare(share, firstSequence, endSequence - firstSequence);
    const bytes = encodeChunk("prepared", epoch, 0, createColumns(preparedLayout, rows), 0, rows);
    this.#socket.emit("chunk", runId, bytes, () => undefined);
    const resident = { residentBytesBefore: 0, residentBytesAfter: 0 };
    this.#socket.emit("prepared", { epoch, transactions: rows, storeBytes: 0, seconds: 0, threads: 1, ...resident });
  }
}

const refused = { ok: false, error: { code: "BEACON_REFUSED", message: "it was not armed", problems: [] } } as const;
