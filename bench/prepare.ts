import { createHash } from "node:crypto";
import { PrivateKey, Signature } from "bitsharesjs";
import { JsSignatureProvider } from "eosjs/dist/eosjs-jssig.js";
import { AntelopePreparer } from "../shared/chains/antelope/antelope-preparer.ts";
import { createSampleContext as createAntelopeContext } from "../shared/chains/antelope/sample-context.ts";
import { BitsharesPreparer } from "../shared/chains/bitshares/bitshares-preparer.ts";
import { createSampleContext as createBitsharesContext } from "../shared/chains/bitshares/sample-context.ts";
import type { PreparedTransaction, PrepareRequest, TransactionPreparer } from "../shared/chains/driver.ts";
import { CanonicalSigner, signatureBytes } from "../shared/chains/signing/canonical-signer.ts";
import { derivedPrivateKey } from "../shared/chains/signing/derived-key.ts";
import type { BenchResult } from "./bench-result.ts";
import { PackageLoop } from "./package-loop.ts";

const accounts = 1000;
const rounds = 12;
const perRound = 1500;
const warmUp = 3000;

const ourSigner = "our signer alone";
const packageLoop = "the secp256k1 package's loop under the canonical rule";

/** What is prepared, and what its chain's own library is held against. */
interface Chain {
  readonly name: string;
  readonly preparer: TransactionPreparer;
  readonly library: string;
  /** Signatures of the library each second of the processor's time. */
  libraryRate(): Promise<number>;
  /** At least so many times the package's loop, our signer and the library. */
  readonly loopGoal: number;
  readonly signerGoal: number;
  readonly libraryGoal: number;
}

/** Does `count` of a thing from number `first` on. */
type Work = (first: number, count: number) => void;

/**
 * Preparing transfers on one core against bare loops of signing and against what each chain's library needs to sign. The
 * loops take turns, so that whatever else the machine does falls on all of them, and what counts is the processor's time.
 */
export async function benchPrepare(): Promise<BenchResult[]> {
  const chains = createChains();
  const key = derivedPrivateKey("bench");
  const prepared = chains.map(({ preparer }) => preparing(preparer));
  const works = [signing(key), signingByLoop(key), ...prepared.map(({ work }) => work)];
  const [signer = 0, loop = 0, ...perChain] = await rates(works);
  const results: BenchResult[] = [compare(ourSigner, packageLoop, signer, loop, 2)];
  for (const [i, chain] of chains.entries()) {
    const rate = perChain[i] ?? 0;
    const what = `preparing ${chain.name} transfers`;
    const size = `; ${prepared[i]?.described.bodyBytes ?? 0} bytes each in the store`;
    const library = await chain.libraryRate();
    results.push(
      compare(what, packageLoop, rate, loop, chain.loopGoal, size),
      compare(what, ourSigner, rate, signer, chain.signerGoal),
      compare(what, `${chain.library}'s own signing`, rate, library, chain.libraryGoal),
    );
  }
  return results;
}

function createChains(): Chain[] {
  return [
    {
      name: "BitShares",
      preparer: new BitsharesPreparer(createBitsharesContext({ accounts })),
      library: "bitsharesjs",
      libraryRate: bitsharesjsRate,
      loopGoal: 1.7,
      signerGoal: 0.8,
      libraryGoal: 300,
    },
    {
      name: "Antelope",
      preparer: new AntelopePreparer(createAntelopeContext({ accounts })),
      library: "eosjs",
      libraryRate: eosjsRate,
      loopGoal: 1.5,
      // Two more hashes and the text of the signature for each.
      signerGoal: 0.7,
      libraryGoal: 10,
    },
  ];
}

function compare(what: string, against: string, rate: number, other: number, goal: number, more = ""): BenchResult {
  const text = (perSecond: number): string => `${perSecond.toFixed(perSecond < 100 ? 1 : 0)}/s`;
  return {
    name: `${what} against ${against}, one core`,
    ratio: rate / other,
    goal,
    detail: `${text(rate)} against ${text(other)}${more}`,
  };
}

/** How often each work is done in a second of the processor's time. */
async function rates(works: readonly Work[]): Promise<number[]> {
  for (const work of works) work(0, warmUp);
  const spentMs = works.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    const first = warmUp + round * perRound;
    for (const [i, work] of works.entries()) {
      const before = process.cpuUsage();
      work(first, perRound);
      spentMs[i] = (spentMs[i] ?? 0) + milliseconds(before);
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return spentMs.map((ms) => ((rounds * perRound) / ms) * 1000);
}

function milliseconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** `described` is of the transfer prepared last. */
function preparing(preparer: TransactionPreparer): { readonly work: Work; readonly described: PreparedTransaction } {
  const target = new Uint8Array(preparer.typicalBodyBytes * 2);
  const described: PreparedTransaction = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
  const request: PrepareRequest = {
    sequence: 0,
    expirationSeconds: 1_800_000_000,
    entries: Uint16Array.of(0),
    operations: 1,
    poolOrdinals: Uint32Array.of(0),
  };
  const work: Work = (first, count) => {
    for (let i = 0; i < count; i++) {
      request.sequence = first + i;
      preparer.prepare(request, target, 0, described);
    }
    preparer.complete();
  };
  return { work, described };
}

/** Nothing but signing: digests are made beforehand. */
const digests = Array.from({ length: perRound }, (_, i) => createHash("sha256").update(`digest ${i}`).digest());

function signing(key: Buffer): Work {
  const signer = new CanonicalSigner([key]);
  const target = new Uint8Array(signatureBytes);
  return (first, count) => {
    for (let i = 0; i < count; i++) signer.add(digests[(first + i) % perRound] as Buffer, 0, target, 0, null);
    signer.signAll();
  };
}

function signingByLoop(key: Buffer): Work {
  const loop = new PackageLoop();
  return (first, count) => {
    for (let i = 0; i < count; i++) loop.sign(digests[(first + i) % perRound] as Buffer, key);
  };
}

/** bitsharesjs takes about 0.1 s for each. */
const bitsharesjsSignatures = 10;

function bitsharesjsRate(): Promise<number> {
  const key = PrivateKey.fromBuffer(derivedPrivateKey("bench"));
  // Its first signature derives the public key, which later ones have at hand.
  Signature.signBuffer(Buffer.from("warm up"), key);
  const before = process.cpuUsage();
  for (let i = 0; i < bitsharesjsSignatures; i++) Signature.signBuffer(Buffer.from(`message ${i}`), key);
  return Promise.resolve((bitsharesjsSignatures / milliseconds(before)) * 1000);
}

const eosjsSignatures = 400;

async function eosjsRate(): Promise<number> {
  const { resolved, network } = createAntelopeContext({ accounts: 1 });
  const provider = new JsSignatureProvider(resolved.accounts.map((account) => account.privateKey));
  const requiredKeys = await provider.getAvailableKeys();
  const sign = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const serializedTransaction = digests[i % perRound] as Buffer;
      await provider.sign({ chainId: network.chainId, requiredKeys, serializedTransaction, abis: [] });
    }
  };
  await sign(eosjsSignatures / 2);
  const before = process.cpuUsage();
  await sign(eosjsSignatures);
  return (eosjsSignatures / milliseconds(before)) * 1000;
}
