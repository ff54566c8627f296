import { once } from "node:events";
import { WebSocket } from "ws";
import { BitsharesPreparer } from "../shared/chains/bitshares/bitshares-preparer.ts";
import { expandedBound, expandText } from "../shared/chains/bitshares/packed-text.ts";
import { createSampleContext } from "../shared/chains/bitshares/sample-context.ts";
import type { PreparedTransaction, PrepareRequest } from "../shared/chains/driver.ts";
import { codeOfOutcome } from "../shared/chains/outcome.ts";
import { systemClock } from "../shared/time/clock.ts";
import type { BenchResult } from "./bench-result.ts";
import { LocalRun, type LocalRunOptions, startSink } from "./local-run.ts";

const rounds = 3;
const perRound = 60_000;
const inFlight = 256;
/** Distinct messages of the ping-pong; more would only take longer to make. */
const messages = 2000;

/** A beacon at full speed against a bare WebSocket client that does the same and keeps no record of it. */
export async function benchBroadcast(): Promise<BenchResult[]> {
  const sink = await startSink();
  try {
    const bodies = renderMessages();
    const rate = { bare: 0, beacon: 0 };
    let unmatched = 0;
    await pingPong(sink.endpoint, bodies, perRound);
    for (let round = 0; round < rounds; round++) {
      rate.bare += (await pingPong(sink.endpoint, bodies, perRound)) / rounds;
      const { perSecond, missing } = await broadcast(sink.endpoint);
      rate.beacon += perSecond / rounds;
      unmatched += missing;
    }
    const detail = `${rate.beacon.toFixed(0)}/s against ${rate.bare.toFixed(0)}/s with ${inFlight} in flight, ${unmatched} answers not matched`;
    return [
      { name: "unlimited broadcast against a bare ping-pong", ratio: rate.beacon / rate.bare, goal: 1.5, detail },
      {
        name: "answers matched and recorded",
        ratio: 1 - unmatched / (rounds * perRound),
        goal: 1,
        detail,
      },
    ];
  } finally {
    sink.close();
  }
}

interface Rate {
  readonly perSecond: number;
  readonly missing: number;
}

function broadcast(endpoint: string): Promise<Rate> {
  return rateOf({
    ...{ endpoint, load: { kind: "unlimited", inFlight }, transactions: perRound },
    ...{ durationMicros: 60e6, signingThreads: 2 },
  });
}

/** From the first that was sent to the last that was answered. */
export async function rateOf(options: LocalRunOptions): Promise<Rate> {
  const { outcomes } = await LocalRun.perform(options);
  const accepted = codeOfOutcome("accepted");
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  let matched = 0;
  for (const { outcome, sent, answered } of outcomes) {
    for (let i = 0; i < outcome.length; i++) {
      if (outcome[i] !== accepted) continue;
      matched++;
      first = Math.min(first, sent[i] as number);
      last = Math.max(last, answered[i] as number);
    }
  }
  return { perSecond: (matched / (last - first)) * 1e6, missing: options.transactions - matched };
}

async function pingPong(endpoint: string, bodies: readonly Buffer[], count: number): Promise<number> {
  const socket = new WebSocket(endpoint, { perMessageDeflate: false });
  await once(socket, "open");
  let sent = 0;
  let answered = 0;
  const sendNext = (): void => {
    if (sent < count) socket.send(bodies[sent++ % bodies.length] as Buffer, { binary: false });
  };
  const started = systemClock.nowMicros();
  await new Promise<void>((resolve) => {
    socket.on("message", () => {
      if (++answered === count) resolve();
      sendNext();
    });
    for (let i = 0; i < inFlight; i++) sendNext();
  });
  const elapsed = systemClock.nowMicros() - started;
  socket.close();
  return (count / elapsed) * 1e6;
}

/** The same bytes that the driver sends. */
function renderMessages(): Buffer[] {
  const preparer = new BitsharesPreparer(createSampleContext({ accounts: 1000 }));
  const body = new Uint8Array(preparer.typicalBodyBytes * 2);
  const prepared: PreparedTransaction = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
  const request: PrepareRequest = {
    sequence: 0,
    expirationSeconds: 1_800_000_000,
    entries: Uint16Array.of(0),
    operations: 1,
    poolOrdinals: new Uint32Array(1),
  };
  return Array.from({ length: messages }, (_, sequence) => {
    request.sequence = sequence;
    preparer.prepare(request, body, 0, prepared);
    preparer.complete();
    const text = new Uint8Array(expandedBound(prepared.bodyBytes));
    const length = expandText(body.subarray(0, prepared.bodyBytes), text, 0);
    const call = `"method":"call","params":["network_broadcast","broadcast_transaction",[${Buffer.from(text.subarray(0, length)).toString("latin1")}]]`;
    return Buffer.from(`{"id":${sequence},${call}}`, "latin1");
  });
}
