import type { BitsharesDevnetConfig } from "../../shared/devnet/config.ts";
import { BitsharesNetwork, type BitsharesVerdict } from "../bitshares/bitshares-network.ts";
import { VirtualScheduler } from "../network/scheduler.ts";
import { type Reference, signedWith } from "./sign.ts";

type Operations = readonly (readonly [number, object])[];

export interface Answered {
  readonly atMicros: number;
  readonly verdict: BitsharesVerdict;
}

/** A whole network in virtual time, without sockets. */
export class VirtualNetwork {
  readonly scheduler = new VirtualScheduler();
  readonly network: BitsharesNetwork;

  constructor(config: BitsharesDevnetConfig) {
    this.network = new BitsharesNetwork(config, this.scheduler, Date.UTC(2026, 0, 1));
    this.network.startFaults();
  }

  chain(node: number) {
    return this.network.nodes[node]!.chain;
  }

  /** By default the last irreversible block, as load tools refer to it. */
  reference(node = 0, back?: number): Reference {
    const chain = this.chain(node);
    const number = back === undefined ? chain.head.lastIrreversible : chain.head.number - back;
    return {
      chainId: this.network.parameters.chainId.toString("hex"),
      refBlockNumber: number & 0xffff,
      refBlockPrefix: chain.block(number)?.prefix ?? 0,
      headSeconds: chain.headSeconds,
    };
  }

  sign(operations: Operations, reference = this.reference()): object {
    return signedWith(operations, reference);
  }

  /** Filled once the node has answered. */
  broadcast(node: number, transaction: object): Answered[] {
    const answers: Answered[] = [];
    this.network.nodes[node]!.broadcast(
      transaction,
      (verdict) => answers.push({ atMicros: this.scheduler.nowMicros(), verdict }),
      () => undefined,
    );
    return answers;
  }

  send(node: number, operations: Operations): Answered[] {
    return this.broadcast(node, this.sign(operations));
  }

  advance(seconds: number): void {
    this.scheduler.advanceTo(this.scheduler.nowMicros() + seconds * 1e6);
  }
}
