import { createHash } from "node:crypto";
import secp256k1 from "secp256k1";
import type { AntelopeDevnetConfig } from "../../../shared/devnet/config.ts";
import { toKeyText } from "../codec/public-key.ts";
import { type Block, emptyBlockId } from "./block.ts";
import { systemAccount } from "./objects.ts";

export interface Producer {
  readonly name: string;
  /** Signs its blocks. */
  readonly privateKey: Buffer;
  /** `EOS…` */
  readonly publicKey: string;
}

/** What all nodes of a network agree on from the start. */
export interface ChainParameters
  extends Readonly<AntelopeDevnetConfig["parameters"]>,
    Readonly<Pick<AntelopeDevnetConfig, "finality" | "blocksPerTurn">> {
  readonly chainId: Buffer;
  readonly genesisMillis: number;
  readonly blockIntervalMs: number;
  readonly producers: readonly Producer[];
  /** As where a system contract demands that resources are bought for new accounts. */
  readonly newAccountsHaveNothing: boolean;
  readonly core: { readonly symbol: string; readonly precision: number };
  /** Number 0: what the first block refers to. */
  readonly origin: Block;
}

export function createChainParameters(config: AntelopeDevnetConfig, genesisMillis: number): ChainParameters {
  const core = config.genesis.tokens[0];
  return {
    ...config.parameters,
    finality: config.finality,
    blocksPerTurn: config.blocksPerTurn,
    chainId: createHash("sha256").update(`antelope devnet ${config.seed}`).digest(),
    genesisMillis,
    blockIntervalMs: config.blockIntervalMs,
    producers: producerNames(config.producers).map((name) => createProducer(config.seed, name)),
    newAccountsHaveNothing: config.genesis.newAccounts === "without-resources",
    core: { symbol: core?.symbol ?? "", precision: core?.precision ?? 0 },
    origin: createOrigin(genesisMillis, config.producers),
  };
}

/** A network with one producer is one that was started and nothing more: there the system account produces. */
export function producerNames(count: number): readonly string[] {
  if (count === 1) return [systemAccount];
  return Array.from({ length: count }, (_, index) => `defproducer${String.fromCharCode(97 + index)}`);
}

/** Producers take turns by the clock, in the order of their names, and a turn is several slots. */
export function producerAt(slot: number, parameters: ChainParameters): number {
  const { genesisMillis, blockIntervalMs, blocksPerTurn, producers } = parameters;
  const sinceEpoch = Math.round((genesisMillis - epochMillis) / blockIntervalMs) + slot;
  return Math.floor(sinceEpoch / blocksPerTurn) % producers.length;
}

/** Antelope counts slots of half a second from the year 2000. */
export const epochMillis = Date.UTC(2000, 0, 1);

function createProducer(seed: number, name: string): Producer {
  const privateKey = createHash("sha256").update(`antelope devnet ${seed} producer ${name}`).digest();
  return { name, privateKey, publicKey: toKeyText(secp256k1.publicKeyCreate(privateKey, true)) };
}

function createOrigin(genesisMillis: number, producers: number): Block {
  return {
    number: 0,
    id: emptyBlockId,
    prefix: 0,
    slot: 0,
    timestampMillis: genesisMillis,
    timestampSeconds: genesisMillis / 1000,
    producer: "",
    lastIrreversible: 0,
    supported: 0,
    builtOn: new Array<number>(producers).fill(0),
    proposed: new Array<number>(producers).fill(0),
    previous: null,
    confirmed: 0,
    transactionRoot: emptyBlockId,
    actionRoot: emptyBlockId,
    signature: "",
    transactionCount: 0,
    cpuMicros: 0,
    netBytes: 0,
    serial: -1,
    applied: null,
  };
}
