import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type WebSocket, WebSocketServer } from "ws";
import { waitUntil } from "../../time/wait.ts";
import { FrameReader } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";
import { requestUpgrade } from "./upgrade-request.ts";

/** Where the length of a frame changes its form, and both sides of it. */
const lengths = [0, 1, 5, 125, 126, 127, 128, 600, 65_535, 65_536, 70_001];

let server: WebSocketServer;
let endpoint: string;

beforeAll(async () => {
  server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  endpoint = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

async function connect(): Promise<{ socket: Socket; peer: WebSocket }> {
  const accepted = once(server, "connection") as Promise<[WebSocket]>;
  const socket = await new Promise<Socket>((resolve, reject) => {
    requestUpgrade(endpoint, { onUpgraded: resolve, onFailed: reject });
  });
  const [peer] = await accepted;
  return { socket, peer };
}

function textOf(length: number): string {
  return Array.from({ length }, (_, i) => String.fromCharCode(32 + ((i * 7 + length) % 90))).join("");
}

test("messages of every length reach a server as they are, all in one write", async () => {
  const { socket, peer } = await connect();
  const received: string[] = [];
  peer.on("message", (data: Buffer) => received.push(data.toString()));
  const frames = new FrameWriter(64);
  for (const length of lengths) {
    frames.begin();
    frames.out.ascii(textOf(length));
    frames.end();
  }
  socket.write(frames.out.bytes.subarray(0, frames.out.length));
  await waitUntil(() => received.length === lengths.length, {
    timeoutMs: 5000,
    onTimeout: () => new Error(`${received.length} messages arrived`),
  });
  expect(received).toEqual(lengths.map(textOf));
  socket.destroy();
});

test("every frame is masked with a key of its own", () => {
  const frames = new FrameWriter(64);
  const keys = new Set<string>();
  for (let i = 0; i < 5000; i++) {
    frames.out.length = 0;
    frames.begin();
    frames.out.ascii(textOf(200));
    frames.end();
    expect(frames.out.bytes[1]).toBe(0x80 | 126);
    keys.add(frames.out.bytes.toString("hex", 4, 8));
  }
  expect(keys.size).toBeGreaterThan(4990);
});

interface Heard {
  readonly messages: string[];
  readonly pings: string[];
  readonly closes: number[];
}

function listen(maximumBytes = 1e6): { reader: FrameReader; heard: Heard } {
  const heard: Heard = { messages: [], pings: [], closes: [] };
  const reader = new FrameReader(
    {
      onMessage: (data, start, end) => heard.messages.push(data.toString("latin1", start, end)),
      onPing: (payload) => heard.pings.push(payload.toString("latin1")),
      onClose: (code) => heard.closes.push(code),
    },
    { maximumBytes },
  );
  return { reader, heard };
}

test("what a server sends is read the same however it is cut into pieces", async () => {
  const { socket, peer } = await connect();
  const arrived: Buffer[] = [];
  socket.on("data", (piece: Buffer) => arrived.push(piece));
  for (const length of lengths) peer.send(textOf(length));
  peer.send("first, ", { fin: false });
  peer.ping("in between");
  peer.send("second, ", { fin: false });
  peer.send("third");
  peer.close(1001);
  const expected: Heard = {
    messages: [...lengths.map(textOf), "first, second, third"],
    pings: ["in between"],
    closes: [1001],
  };
  const whole = (): Heard => {
    const { reader, heard } = listen();
    reader.read(Buffer.concat(arrived));
    return heard;
  };
  await waitUntil(() => whole().closes.length === 1, { timeoutMs: 5000, onTimeout: () => new Error("no close") });
  socket.destroy();
  expect(whole()).toEqual(expected);
  const bytes = Buffer.concat(arrived);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 40 }), (cuts) => {
      const { reader, heard } = listen();
      const ends = [...new Set([...cuts, 1, 2, 3, bytes.length])].sort((a, b) => a - b);
      let from = 0;
      for (const end of ends) {
        if (end > from) reader.read(bytes.subarray(from, end));
        from = end;
      }
      expect(heard).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

describe("a server that breaks the protocol is refused", () => {
  test.each([
    ["masks its frames", [0x81, 0x80, 0, 0, 0, 0]],
    ["uses reserved bits", [0xc1, 0]],
    ["continues what it had not begun", [0x80, 0]],
    ["begins a message within another", [0x01, 0, 0x81, 0]],
    ["sends an unknown kind", [0x83, 0]],
    ["announces more than is taken", [0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0]],
  ])("one that %s", (_, bytes) => {
    expect(() => listen().reader.read(Buffer.from(bytes))).toThrow();
  });
});

test("a server that is none, or answers with something else, fails the handshake", async () => {
  const failure = (url: string): Promise<Error> =>
    new Promise((resolve, reject) => {
      requestUpgrade(url, { onUpgraded: () => reject(new Error("upgraded")), onFailed: resolve });
    });
  expect((await failure("ws://127.0.0.1:1")).message).toContain("ECONNREFUSED");
  const refusing = new WebSocketServer({ host: "127.0.0.1", port: 0, verifyClient: () => false });
  await once(refusing, "listening");
  const { message } = await failure(`ws://127.0.0.1:${(refusing.address() as AddressInfo).port}`);
  expect(message).toContain("401");
  refusing.close();
});
