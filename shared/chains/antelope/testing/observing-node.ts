import { once } from "node:events";
import { Worker } from "node:worker_threads";

const requestAt = 0;

/** Runs in a thread of its own, so that it sees what arrives while the thread of the test does not turn its loop. */
const source = `
const { createServer } = require("node:net");
const { parentPort, workerData } = require("node:worker_threads");
const seen = new Int32Array(workerData);
const answer = (status, body) => "HTTP/1.1 " + status + "\\r\\nContent-Length: " + body.length + "\\r\\n\\r\\n" + body;
const accepted = answer("202 Accepted", '{"transaction_id":"ab","processed":{"except":null,"error_code":null}}');
const tried = answer("200 OK", "{}");
const server = createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.on("data", (piece) => {
    const isTrial = piece.includes("/get_info ");
    if (!isTrial) {
      Atomics.store(seen, ${requestAt}, 1);
      Atomics.notify(seen, ${requestAt});
    }
    socket.write(isTrial ? tried : accepted);
  });
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

/** An Antelope node that accepts everything, and that can be asked by a thread that waits whether a request has come. */
export class ObservingNode {
  readonly endpoint: string;
  readonly #worker: Worker;
  readonly #seen: Int32Array;

  private constructor(worker: Worker, seen: Int32Array, port: number) {
    this.#worker = worker;
    this.#seen = seen;
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<ObservingNode> {
    const memory = new SharedArrayBuffer(4);
    const worker = new Worker(source, { eval: true, workerData: memory });
    const [port] = (await once(worker, "message")) as [number];
    return new ObservingNode(worker, new Int32Array(memory), port);
  }

  /** A broadcast that comes from now on is the one that is waited for. */
  forget(): void {
    Atomics.store(this.#seen, requestAt, 0);
  }

  /** Keeps the calling thread; false when none came in time. */
  waitForRequest(timeoutMs: number): boolean {
    return Atomics.wait(this.#seen, requestAt, 0, timeoutMs) !== "timed-out";
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
