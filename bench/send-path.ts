import { once } from "node:events";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import WebSocket from "ws";
import { BitsharesBroadcaster } from "../shared/chains/bitshares/bitshares-broadcaster.ts";
import { BitsharesPreparer } from "../shared/chains/bitshares/bitshares-preparer.ts";
import { bodyToJson } from "../shared/chains/bitshares/packed-text.ts";
import { createSampleContext } from "../shared/chains/bitshares/sample-context.ts";
import type { BenchResult } from "./bench-result.ts";

const rounds = 6;
const perRound = 50_000;
const inFlight = 64;
/** Sent together once as many answers are back, as a pacer with millisecond ticks does. */
const batch = 16;

interface Sender {
  send(token: number): void;
  flush(): void;
  /** Called for each answer. */
  answered: () => void;
}

/**
 * Sending prepared transfers against sending messages of the same size that are ready as they are. Counted is the time
 * that the sending thread was busy: the answering side has a thread of its own.
 */
export async function benchSendPath(): Promise<BenchResult[]> {
  const extension = extname(import.meta.url);
  const worker = new Worker(new URL(`./answering-worker${extension}`, import.meta.url));
  const [port] = (await once(worker, "message")) as [number];
  const endpoint = `ws://127.0.0.1:${port}`;
  const body = preparedTransfer();
  const broadcaster = await openBroadcaster(endpoint, body);
  const bare = await openBare(endpoint, body);
  await busyMs(broadcaster);
  await busyMs(bare);
  let broadcasterMs = 0;
  let bareMs = 0;
  for (let round = 0; round < rounds; round++) {
    broadcasterMs += await busyMs(broadcaster);
    bareMs += await busyMs(bare);
  }
  await worker.terminate();
  const rate = (ms: number): string => `${Math.round(((rounds * perRound) / ms) * 1000)}/s`;
  return [
    {
      name: "broadcasting prepared transfers against a bare WebSocket, for each busy core",
      ratio: bareMs / broadcasterMs,
      goal: 2,
      detail: `${rate(broadcasterMs)} against ${rate(bareMs)}`,
    },
  ];
}

async function busyMs(sender: Sender): Promise<number> {
  const before = performance.eventLoopUtilization();
  let sent = 0;
  let done = 0;
  await new Promise<void>((resolve) => {
    const pump = (): void => {
      while (sent < perRound && sent - done < inFlight) sender.send(sent++);
      sender.flush();
    };
    sender.answered = () => {
      done++;
      if (done === perRound) resolve();
      else if (sent - done <= inFlight - batch) pump();
    };
    pump();
  });
  return performance.eventLoopUtilization(before).active;
}

async function openBroadcaster(endpoint: string, body: Uint8Array): Promise<Sender> {
  const sender: Sender = {
    send: (token) => broadcaster.send(token, body),
    flush: () => broadcaster.flush(),
    answered: () => undefined,
  };
  const broadcaster = new BitsharesBroadcaster({
    endpoint,
    connections: 1,
    connectTimeoutMs: 5000,
    data: null,
    handlers: {
      onAnswer: () => sender.answered(),
      onUnanswered: () => undefined,
      onConnections: () => undefined,
    },
  });
  await broadcaster.open();
  return sender;
}

async function openBare(endpoint: string, body: Uint8Array): Promise<Sender> {
  const socket = new WebSocket(endpoint, { perMessageDeflate: false, skipUTF8Validation: true });
  await once(socket, "open");
  const call = `{"id":1000,"method":"call","params":["network_broadcast","broadcast_transaction",[${bodyToJson(body)}]]}`;
  const message = Buffer.from(call, "latin1");
  const sender: Sender = {
    send: () => socket.send(message, { binary: false }),
    flush: () => undefined,
    answered: () => undefined,
  };
  socket.on("message", () => sender.answered());
  return sender;
}

function preparedTransfer(): Uint8Array {
  const preparer = new BitsharesPreparer(createSampleContext());
  const target = new Uint8Array(preparer.typicalBodyBytes);
  const prepared = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
  const request = {
    sequence: 1,
    expirationSeconds: 1_800_000_000,
    entries: Uint16Array.of(0),
    operations: 1,
    poolOrdinals: Uint32Array.of(0),
  };
  preparer.prepare(request, target, 0, prepared);
  preparer.complete();
  return target.slice(0, prepared.bodyBytes);
}
