import { OverseerLink } from "../beacon/link/overseer-link.ts";
import { codeOfOutcome, codeOfReason } from "../shared/chains/outcome.ts";
import { encodeChunk } from "../shared/ledger/chunk.ts";
import { createColumns, outcomesLayout } from "../shared/ledger/columns.ts";
import { protocolVersion, type Status } from "../shared/protocol/messages.ts";
import { LatencyHistogram } from "../shared/stats/histogram.ts";
import { systemClock } from "../shared/time/clock.ts";
import {
  benchEpoch,
  benchRunId,
  benchToken,
  nodeCount,
  phaseCount,
  rowsPerChunk,
  statusIntervalMs,
} from "./overseer-load.ts";

/**
 * Beacons that only report: the real link and messages, as many histogram values and ledger rows as 200 transactions a
 * second give. A process of its own, started with `fork`, with the overseer's URL, how many beacons and the first one's
 * number as arguments.
 */
const url = process.argv[2] as string;
const count = Number(process.argv[3]);
const firstNumber = Number(process.argv[4]);

/** Latencies between a tenth of a millisecond and a second, in as many kinds as make no difference to the reader. */
const histograms = Array.from({ length: 64 }, (_, kind) => {
  const histogram = new LatencyHistogram();
  for (let i = 0; i < rowsPerChunk; i++) histogram.record(100 * 10 ** (((kind * 31 + i * i) % 400) / 100));
  return histogram.encode();
});

function histogramOf(beacon: number, second: number): string {
  return histograms[(beacon * 3 + second) % histograms.length] as string;
}

function statusOf(beacon: number, second: number): Status {
  const done = second * rowsPerChunk;
  return {
    runId: benchRunId,
    epoch: benchEpoch,
    number: second,
    state: "broadcasting",
    prepared: 1e5,
    planned: 1e5,
    counters: Array.from({ length: phaseCount }, (_, phase) => ({
      phase,
      due: done,
      sent: done,
      accepted: done,
      rejected: 0,
      unanswered: 0,
      shed: 0,
      cancelled: 0,
    })),
    intervalHistograms: {
      lateness: histogramOf(beacon, second),
      answerIntended: histogramOf(beacon + 1, second),
      answerService: histogramOf(beacon + 2, second),
    },
    sample: {
      atMicros: systemClock.nowMicros(),
      cpuCores: 0.25,
      hostCpuShare: 0.5,
      residentBytes: 150e6,
      heapBytes: 30e6,
      sendLoopDelayMicros: 800,
      controlLoopDelayMicros: 900,
      inFlight: 12,
      bufferedBytes: 0,
      connections: Array.from({ length: nodeCount }, (_, node) => ({ node: `node-${node + 1}`, open: 2, lost: 0 })),
    },
    spooledRows: done,
    acknowledgedRows: done,
    lateAnswers: 0,
    leaseExpired: false,
  };
}

function chunkOf(beacon: number, second: number): Uint8Array {
  const columns = createColumns(outcomesLayout, rowsPerChunk);
  columns.sequence.forEach((_, row) => {
    columns.sequence[row] = (beacon * 120 + (second % 120)) * rowsPerChunk + row;
    columns.due[row] = row * 5000;
    columns.sent[row] = row * 5000 + 90;
    columns.answered[row] = row * 5000 + 1900;
  });
  columns.outcome.fill(codeOfOutcome("accepted"));
  columns.reason.fill(codeOfReason("none"));
  return encodeChunk("outcomes", benchEpoch, second, columns, 0, rowsPerChunk);
}

/** A new one for each wait, because waits leave their listeners for as long as they last. */
function never(): AbortSignal {
  return new AbortController().signal;
}

async function report(beacon: number): Promise<void> {
  const name = `beacon-${beacon}`;
  const link = new OverseerLink(
    {
      url,
      connectTimeoutMs: 30_000,
      tls: { authority: null, identity: null },
      hello: {
        protocolVersion,
        role: "beacon",
        token: benchToken,
        name,
        instance: `${name}-instance`,
        labels: {},
        host: {
          hostname: "bench",
          platform: "bench",
          cpuModel: "bench",
          cpus: 1,
          memoryBytes: 1e9,
          node: process.version,
          version: "bench",
          pid: process.pid,
        },
      },
    },
    {
      onConnected: () => undefined,
      onDisconnected: () => undefined,
      onFailed: () => undefined,
      onRefused: (error) => console.error(error.message),
    },
  );
  await link.connect(never());
  let second = 0;
  const beat = (): void => {
    const number = second++;
    link.tellStatus(statusOf(beacon, number)).catch(() => undefined);
    // A beacon writes it to its disk first.
    setImmediate(() => void link.sendChunk(benchRunId, chunkOf(beacon, number), never()).catch(() => undefined));
  };
  // Spread over the second, as beacons are that started when they liked.
  setTimeout(() => setInterval(beat, statusIntervalMs), ((beacon * 61) % 1000) * (statusIntervalMs / 1000));
}

process.on("disconnect", () => process.exit(0));
for (let i = 0; i < count; i++) await report(firstNumber + i);
