import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

/**
 * A node that accepts every broadcast at once and does nothing else; a process of its own, started with `fork`, that
 * tells its port and ends with its parent.
 */
const head = '{"id":'.length;
const zero = 48;
const nine = 57;

const sink = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
sink.on("connection", (socket) => {
  socket.on("message", (data: Buffer) => {
    let id = 0;
    for (let at = head; ; at++) {
      const digit = data[at] as number;
      if (digit < zero || digit > nine) break;
      id = id * 10 + digit - zero;
    }
    socket.send(`{"id":${id},"result":null}`);
  });
});
sink.on("listening", () => process.send?.((sink.address() as AddressInfo).port));
process.on("disconnect", () => process.exit(0));
