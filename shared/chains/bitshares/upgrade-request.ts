import { createHash, randomBytes } from "node:crypto";
import { get as httpGet } from "node:http";
import { get as httpsGet } from "node:https";
import type { Socket } from "node:net";

/** RFC 6455, section 1.3: what a server appends to the client's key before it hashes it. */
const acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export interface UpgradeHandlers {
  /** `head` came together with the handshake's end and is the first of the frames. */
  onUpgraded(socket: Socket, head: Buffer): void;
  /** Once, and never after `onUpgraded`. */
  onFailed(error: Error): void;
}

/**
 * The opening handshake of a WebSocket, over TLS for `wss:`. Afterwards the stream of bytes is the caller's: a client
 * that is handed whole messages cannot write many of them at once nor read answers without an object for each.
 */
export function requestUpgrade(endpoint: string, handlers: UpgradeHandlers): { abort(): void } {
  const url = new URL(endpoint);
  const isSecure = url.protocol === "wss:";
  url.protocol = isSecure ? "https:" : "http:";
  const key = randomBytes(16).toString("base64");
  const request = (isSecure ? httpsGet : httpGet)(url, {
    agent: false,
    headers: { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": 13, "Sec-WebSocket-Key": key },
  });
  let settled = false;
  const fail = (error: Error): void => {
    if (settled) return;
    settled = true;
    request.destroy();
    handlers.onFailed(error);
  };
  request.on("error", fail);
  request.on("response", (response) => {
    response.resume();
    fail(new Error(`unexpected server response: ${response.statusCode}`));
  });
  request.on("upgrade", (response, stream, head) => {
    const accepted = createHash("sha1").update(`${key}${acceptSuffix}`).digest("base64");
    if (
      response.headers.upgrade?.toLowerCase() !== "websocket" ||
      response.headers["sec-websocket-accept"] !== accepted
    ) {
      stream.destroy();
      fail(new Error("the server did not accept the WebSocket handshake"));
      return;
    }
    settled = true;
    const socket = stream as Socket;
    socket.setTimeout(0);
    socket.setNoDelay(true);
    handlers.onUpgraded(socket, head);
  });
  return { abort: () => fail(new Error("closed before the connection was open")) };
}
