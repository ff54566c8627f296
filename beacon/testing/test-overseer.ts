import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type DefaultEventsMap, Server, type Socket } from "socket.io";
import { type Chunk, decodeChunk } from "../../shared/ledger/chunk.ts";
import type { BeaconToOverseer, OverseerToBeacon } from "../../shared/protocol/events.ts";
import type {
  Failure,
  FinishedReport,
  PreparedReport,
  ReasonSample,
  Reply,
  Status,
  Trouble,
} from "../../shared/protocol/messages.ts";
import { systemClock } from "../../shared/time/clock.ts";

type BeaconSocket = Socket<BeaconToOverseer, OverseerToBeacon, DefaultEventsMap, unknown>;
type RequestName = Exclude<keyof OverseerToBeacon, "shutdown">;

/** The least that a beacon can work for: keeps what it is told and lets the test command. */
export class TestOverseer {
  readonly statuses: Status[] = [];
  readonly prepared: PreparedReport[] = [];
  readonly failures: Failure[] = [];
  readonly troubles: Trouble[] = [];
  readonly reasonSamples: ReasonSample[] = [];
  readonly chunks: Chunk[] = [];
  connections = 0;
  /** False: chunks are neither kept nor acknowledged. */
  takesChunks = true;
  /** False: statuses are not answered. */
  grantsLeases = true;
  socket: BeaconSocket | null = null;
  readonly #http = createServer();
  readonly #io = new Server<BeaconToOverseer, OverseerToBeacon>(this.#http, { transports: ["websocket"] });

  /** `refuseBecause`: why the handshake is refused, or null. */
  async listen(refuseBecause: string | null = null): Promise<string> {
    const namespace = this.#io.of("/beacons");
    namespace.use((_, next) => next(refuseBecause === null ? undefined : new Error(refuseBecause)));
    namespace.on("connection", (socket) => this.#serve(socket as BeaconSocket));
    this.#http.listen(0, "127.0.0.1");
    await once(this.#http, "listening");
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async request<K extends RequestName>(name: K, message: Parameters<OverseerToBeacon[K]>[0]): Promise<Reply<unknown>> {
    const emitter = this.socket?.timeout(20_000) as unknown as {
      emitWithAck(event: K, message: unknown): Promise<Reply<unknown>>;
    };
    return emitter.emitWithAck(name, message);
  }

  async collect(epoch: number): Promise<FinishedReport> {
    const reply = await this.request("collect", { epoch });
    if (!reply.ok) throw new Error(reply.error.message);
    return reply.value as FinishedReport;
  }

  dropBeacon(): void {
    // The engine below, so that the beacon sees a broken connection and not a farewell.
    this.socket?.conn.close();
  }

  async close(): Promise<void> {
    await this.#io.close();
  }

  #serve(socket: BeaconSocket): void {
    this.connections++;
    this.socket = socket;
    socket.on("clock", (reply) => reply(systemClock.nowMicros()));
    socket.on("status", (status, reply) => {
      this.statuses.push(status);
      if (this.grantsLeases) reply({ leaseMs: 15_000 });
    });
    socket.on("prepared", (report) => this.prepared.push(report));
    socket.on("failed", (failure) => this.failures.push(failure));
    socket.on("trouble", (trouble) => this.troubles.push(trouble));
    socket.on("reasonSample", (sample) => this.reasonSamples.push(sample));
    socket.on("chunk", (_, bytes, reply) => {
      if (!this.takesChunks) return;
      const chunk = decodeChunk(bytes);
      const known = this.chunks.some(({ table, number }) => table === chunk.table && number === chunk.number);
      if (!known) this.chunks.push(chunk);
      reply({ ok: true, value: null });
    });
  }
}
