import { type AddressInfo, createServer } from "node:net";

/**
 * An HTTP node that accepts every broadcast at once with a trace of the usual size and does nothing else; a process of its
 * own, started with `fork`, that tells its port and ends with its parent. Node's own HTTP server takes longer over a
 * request than the clients that should be measured.
 */
const headEnd = Buffer.from("\r\n\r\n");
const lengthPattern = /content-length: (\d+)/i;
/** A transfer with its two notifications, as nodeos 5 traces it, has 3,082 bytes. */
const traceBytes = 3082;
const traceTail = '","except":null,"error_code":null}}';
const traceHead = `{"transaction_id":"${"ab".repeat(32)}","processed":{"filling":"`;
const trace = traceHead + "x".repeat(traceBytes - traceHead.length - traceTail.length) + traceTail;
const accepted = respond("202 Accepted", trace);
const tried = respond("200 OK", "{}");

function respond(status: string, body: string): Buffer {
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.from(head + body, "latin1");
}

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  let held = Buffer.alloc(0);
  socket.on("data", (piece) => {
    held = held.length === 0 ? piece : Buffer.concat([held, piece]);
    for (;;) {
      const headAt = held.indexOf(headEnd);
      if (headAt < 0) return;
      const head = held.toString("latin1", 0, headAt);
      const end = headAt + headEnd.length + Number(lengthPattern.exec(head)?.[1] ?? 0);
      if (held.length < end) return;
      held = held.subarray(end);
      socket.write(head.includes("/get_info") ? tried : accepted);
    }
  });
});

server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit(0));
