import { createHash } from "node:crypto";
import { PrivateKey, Signature } from "bitsharesjs";
import { BitsharesPreparer } from "../shared/chains/bitshares/bitshares-preparer.ts";
import { privateKeyBytes } from "../shared/chains/bitshares/keys.ts";
import { createSampleContext } from "../shared/chains/bitshares/sample-context.ts";
import type { PreparedTransaction, PrepareRequest } from "../shared/chains/driver.ts";
import { CanonicalSigner, signatureBytes } from "../shared/chains/signing/canonical-signer.ts";
import type { BenchResult } from "./bench-result.ts";
import { FirstSigner } from "./first-signer.ts";

const rounds = 12;
const perRound = 1500;
const warmUp = 3000;
/** bitsharesjs takes about 0.1 s for each. */
const librarySignatures = 10;

/**
 * Preparing transfers on one core against bare loops of canonical signing, the present and the first one, and against
 * bitsharesjs's own signing. The loops take turns, so that whatever else the machine does falls on all of them, and what
 * counts is the processor's time.
 */
export async function benchPrepare(): Promise<BenchResult[]> {
  const context = createSampleContext({ accounts: 1000 });
  const prepare = preparing(context);
  const key = privateKeyBytes(context.resolved.accounts[0]?.privateKey as string, "bench");
  const sign = signing(key);
  const signAsFirst = signingAsFirst(key);
  prepare(0, warmUp);
  sign(0, warmUp);
  signAsFirst(0, warmUp);
  let prepareMs = 0;
  let signMs = 0;
  let firstMs = 0;
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const first = warmUp + round * perRound;
    signMs += timed(() => sign(first, perRound));
    prepareMs += timed(() => {
      bytes = prepare(first, perRound);
    });
    firstMs += timed(() => signAsFirst(first, perRound));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const count = rounds * perRound;
  const preparedPerSecond = (count / prepareMs) * 1000;
  const signedPerSecond = (count / signMs) * 1000;
  const firstPerSecond = (count / firstMs) * 1000;
  const libraryPerSecond = libraryRate(context.resolved.accounts[0]?.privateKey as string);
  const rate = (perSecond: number): string => `${perSecond.toFixed(perSecond < 100 ? 1 : 0)}/s`;
  return [
    {
      name: "canonical signing against the first version of it, one core",
      ratio: signedPerSecond / firstPerSecond,
      goal: 2,
      detail: `${rate(signedPerSecond)} against ${rate(firstPerSecond)}`,
    },
    {
      name: "preparing transfers against the first version's signing alone, one core",
      ratio: preparedPerSecond / firstPerSecond,
      goal: 1.7,
      detail: `${rate(preparedPerSecond)} against ${rate(firstPerSecond)}`,
    },
    {
      name: "preparing transfers against bare canonical signing, one core",
      ratio: preparedPerSecond / signedPerSecond,
      goal: 0.8,
      detail: `${rate(preparedPerSecond)} against ${rate(signedPerSecond)}; ${bytes} bytes each in the store`,
    },
    {
      name: "preparing transfers against bitsharesjs's signing, one core",
      ratio: preparedPerSecond / libraryPerSecond,
      goal: 300,
      detail: `${rate(preparedPerSecond)} against ${rate(libraryPerSecond)}`,
    },
  ];
}

function timed(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Prepares `count` transfers from sequence number `first` on; gives the size of the last. */
function preparing(context: ReturnType<typeof createSampleContext>): (first: number, count: number) => number {
  const preparer = new BitsharesPreparer(context);
  const target = new Uint8Array(preparer.typicalBodyBytes * 2);
  const prepared: PreparedTransaction = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
  const request: PrepareRequest = {
    sequence: 0,
    expirationSeconds: 1_800_000_000,
    entries: Uint16Array.of(0),
    operations: 1,
    poolOrdinals: Uint32Array.of(0),
  };
  return (first, count) => {
    for (let i = 0; i < count; i++) {
      request.sequence = first + i;
      preparer.prepare(request, target, 0, prepared);
    }
    preparer.complete();
    return prepared.bodyBytes;
  };
}

/** Nothing but signing: digests are made beforehand. */
const digests = Array.from({ length: perRound }, (_, i) => createHash("sha256").update(`digest ${i}`).digest());

function signing(key: Buffer): (first: number, count: number) => void {
  const signer = new CanonicalSigner([key]);
  const target = new Uint8Array(signatureBytes);
  return (first, count) => {
    for (let i = 0; i < count; i++) signer.add(digests[(first + i) % perRound] as Buffer, 0, target, 0, null);
    signer.signAll();
  };
}

function signingAsFirst(key: Buffer): (first: number, count: number) => void {
  const signer = new FirstSigner();
  return (first, count) => {
    for (let i = 0; i < count; i++) signer.sign(digests[(first + i) % perRound] as Buffer, key);
  };
}

function libraryRate(wif: string): number {
  const key = PrivateKey.fromWif(wif);
  // Its first signature derives the public key, which later ones have at hand.
  Signature.signBuffer(Buffer.from("warm up"), key);
  const ms = timed(() => {
    for (let i = 0; i < librarySignatures; i++) Signature.signBuffer(Buffer.from(`message ${i}`), key);
  });
  return (librarySignatures / ms) * 1000;
}
