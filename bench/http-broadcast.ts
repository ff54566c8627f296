import { Client } from "undici";
import { AntelopePreparer } from "../shared/chains/antelope/antelope-preparer.ts";
import { bodyToJson } from "../shared/chains/antelope/packed-body.ts";
import { createSampleContext } from "../shared/chains/antelope/sample-context.ts";
import type { PreparedTransaction, PrepareRequest } from "../shared/chains/driver.ts";
import { driverOf } from "../shared/chains/registry.ts";
import { systemClock } from "../shared/time/clock.ts";
import type { BenchResult } from "./bench-result.ts";
import { rateOf } from "./broadcast.ts";
import { startHttpSink } from "./local-run.ts";

const rounds = 3;
const perRound = 20_000;
/** Distinct bodies of the bare loop; more would only take longer to make. */
const bodies = 2000;

/** A beacon at full speed against a bare loop of the same HTTP client with as many connections, which keeps no record. */
export async function benchHttpBroadcast(): Promise<BenchResult[]> {
  const connections = driverOf("antelope").defaultConnectionsPerNode;
  const sink = await startHttpSink();
  try {
    const texts = renderBodies();
    const rate = { bare: 0, beacon: 0 };
    let unmatched = 0;
    await bareLoop(sink.endpoint, texts, connections);
    for (let round = 0; round < rounds; round++) {
      rate.bare += (await bareLoop(sink.endpoint, texts, connections)) / rounds;
      const { perSecond, missing } = await rateOf({
        ...{ endpoint: sink.endpoint, chain: "antelope", connections, transactions: perRound },
        ...{ load: { kind: "unlimited", inFlight: 256 }, durationMicros: 60e6, signingThreads: 2 },
      });
      rate.beacon += perSecond / rounds;
      unmatched += missing;
    }
    const detail = `${rate.beacon.toFixed(0)}/s against ${rate.bare.toFixed(0)}/s over ${connections} connections, ${unmatched} answers not matched`;
    return [
      { name: "unlimited HTTP broadcast against a bare loop", ratio: rate.beacon / rate.bare, goal: 0.7, detail },
      { name: "HTTP answers matched and recorded", ratio: 1 - unmatched / (rounds * perRound), goal: 1, detail },
    ];
  } finally {
    sink.close();
  }
}

async function bareLoop(endpoint: string, texts: readonly Buffer[], connections: number): Promise<number> {
  const clients = Array.from({ length: connections }, () => new Client(endpoint, { pipelining: 1 }));
  const headers = ["content-type", "application/json"];
  let sent = 0;
  let answered = 0;
  const started = systemClock.nowMicros();
  await new Promise<void>((resolve, reject) => {
    const sendNext = (client: Client): void => {
      if (sent === perRound) return;
      const body = texts[sent++ % texts.length] as Buffer;
      client.dispatch(
        { method: "POST", path: "/v1/chain/send_transaction2", headers, body },
        {
          onConnect: () => undefined,
          onHeaders: () => true,
          onData: () => true,
          onComplete: () => {
            if (++answered === perRound) resolve();
            sendNext(client);
          },
          onError: reject,
        },
      );
    };
    for (const client of clients) sendNext(client);
  });
  const elapsed = systemClock.nowMicros() - started;
  await Promise.all(clients.map((client) => client.destroy()));
  return (perRound / elapsed) * 1e6;
}

/** The same bytes that the driver sends. */
function renderBodies(): Buffer[] {
  const preparer = new AntelopePreparer(createSampleContext({ accounts: 1000 }));
  const body = new Uint8Array(preparer.typicalBodyBytes * 2);
  const prepared: PreparedTransaction = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
  const request: PrepareRequest = {
    sequence: 0,
    expirationSeconds: 1_800_000_000,
    entries: Uint16Array.of(0),
    operations: 1,
    poolOrdinals: new Uint32Array(1),
  };
  return Array.from({ length: bodies }, (_, sequence) => {
    request.sequence = sequence;
    preparer.prepare(request, body, 0, prepared);
    preparer.complete();
    return Buffer.from(bodyToJson(body.subarray(0, prepared.bodyBytes), "send_transaction2"), "latin1");
  });
}
