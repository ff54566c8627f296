import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { DelayRelay } from "./delay-relay.ts";

let server: Server;
let relay: DelayRelay;
let port: number;
const accepted: Socket[] = [];
const delayMs = 60;

beforeEach(async () => {
  // What arrives goes back at once, up to and including the end.
  server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket);
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const to = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  relay = new DelayRelay({ listen: { host: "127.0.0.1", port: 0 }, to, delayMs });
  port = await relay.start();
});

afterEach(async () => {
  await relay.stop();
  for (const socket of accepted.splice(0)) socket.destroy();
  server.close();
});

async function open(): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  await once(socket, "connect");
  return socket;
}

test("what goes there and comes back is away for twice the delay, and never less", async () => {
  const socket = await open();
  const trips: number[] = [];
  for (let i = 0; i < 5; i++) {
    const since = performance.now();
    socket.write("ping");
    await once(socket, "data");
    trips.push(performance.now() - since);
  }
  expect(Math.min(...trips)).toBeGreaterThanOrEqual(2 * delayMs - 1);
  // A busy machine may be late, but not every time.
  expect(Math.min(...trips)).toBeLessThan(2 * delayMs + 40);
  socket.destroy();
});

test("everything arrives in its order, however much is under way, and then the end does", async () => {
  const socket = await open();
  const parts = Array.from({ length: 3000 }, (_, i) => Buffer.alloc(4096, i % 251));
  const received: Buffer[] = [];
  socket.on("data", (data: Buffer) => received.push(data));
  for (const part of parts) socket.write(part);
  socket.end();
  await once(socket, "end");
  expect(Buffer.concat(received).equals(Buffer.concat(parts))).toBe(true);
});

test("a connection that breaks at one end breaks at the other", async () => {
  const socket = await open();
  socket.write("ping");
  await once(socket, "data");
  const broken = new Promise((resolve) => socket.once("error", resolve));
  accepted[0]?.resetAndDestroy();
  expect(await broken).toMatchObject({ code: "ECONNRESET" });
});

test("a connection to nobody is closed", async () => {
  server.close();
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("close", resolve));
  expect(socket.destroyed).toBe(true);
});
