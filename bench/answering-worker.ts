import type { AddressInfo } from "node:net";
import { parentPort } from "node:worker_threads";
import { WebSocketServer } from "ws";

/** Accepts every broadcast at once: what is measured is the other side. */
const idAt = '{"id":'.length;
const comma = 44;

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false, skipUTF8Validation: true });
server.on("connection", (client, request) => {
  client.on("message", (data: Buffer) => {
    // One write for all answers to what came in together, or the answering would be the bottleneck.
    if (!request.socket.writableCorked) {
      request.socket.cork();
      setImmediate(() => request.socket.uncork());
    }
    client.send(`{"id":${data.toString("latin1", idAt, data.indexOf(comma))},"result":null}`);
  });
});
server.on("listening", () => parentPort?.postMessage((server.address() as AddressInfo).port));
