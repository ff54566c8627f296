import { createHash } from "node:crypto";
import { type AddressInfo, createServer } from "node:net";

/**
 * A node that accepts every broadcast at once and does nothing else; a process of its own, started with `fork`, that
 * tells its port and ends with its parent. It reads frames where they lie and answers all that arrived together with one
 * write, because a WebSocket server that handles messages one by one is slower than the clients that it should measure.
 */
const acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const head = '{"id":'.length;
const zero = 48;
const nine = 57;
const answerHead = Buffer.from('{"id":');
const answerTail = Buffer.from(',"result":null}');
const keyBytes = 4;
/** Every message of a broadcast has a 16-bit length. */
const headerBytes = 4;
const longestAnswer = 64;

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  let held = Buffer.alloc(0);
  socket.once("data", (request) => {
    const key = /sec-websocket-key: (\S+)/i.exec(request.toString("latin1"))?.[1];
    const accepted = createHash("sha1").update(`${key}${acceptSuffix}`).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accepted}\r\n\r\n`,
    );
    socket.on("data", (piece) => {
      const data = held.length === 0 ? piece : Buffer.concat([held, piece]);
      const answers = Buffer.allocUnsafe((data.length / 100) * longestAnswer + longestAnswer);
      let written = 0;
      let at = 0;
      while (data.length - at >= headerBytes) {
        if (((data[at] as number) & 15) === 8) {
          socket.end();
          return;
        }
        const length = data.readUInt16BE(at + 2);
        const end = at + headerBytes + keyBytes + length;
        if (end > data.length) break;
        written = answer(data, at + headerBytes, answers, written);
        at = end;
      }
      held = data.subarray(at);
      if (written > 0) socket.write(answers.subarray(0, written));
    });
  });
});

/** For the message whose key lies at `keyAt`. */
function answer(data: Buffer, keyAt: number, answers: Buffer, offset: number): number {
  let to = offset + 2;
  answerHead.copy(answers, to);
  to += answerHead.length;
  for (let i = head; ; i++) {
    const digit = (data[keyAt + keyBytes + i] as number) ^ (data[keyAt + (i & 3)] as number);
    if (digit < zero || digit > nine) break;
    answers[to++] = digit;
  }
  answerTail.copy(answers, to);
  to += answerTail.length;
  answers[offset] = 0x81;
  answers[offset + 1] = to - offset - 2;
  return to;
}

server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit(0));
