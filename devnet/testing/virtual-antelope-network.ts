import { type AntelopeDevnetConfig, antelopeDevnetSchema } from "../../shared/devnet/config.ts";
import { AntelopeNetwork, type AntelopeVerdict } from "../antelope/antelope-network.ts";
import { developmentKey } from "../default-config.ts";
import { VirtualScheduler } from "../network/scheduler.ts";
import { type AntelopeReference, signedActions, type TestAction } from "./antelope-actions.ts";

export interface AntelopeAnswer {
  readonly atMicros: number;
  readonly verdict: AntelopeVerdict;
}

/** Accounts account1 to account5 with 1000.0000 SYS each. */
export function smallAntelopeNetwork(
  change: Readonly<Record<string, unknown>> = {},
  account1: Readonly<Record<string, unknown>> = {},
): AntelopeDevnetConfig {
  return antelopeDevnetSchema.parse({
    chain: "antelope",
    ports: [0, 0, 0],
    genesis: {
      accounts: Array.from({ length: 5 }, (_, index) => ({
        name: `account${index + 1}`,
        publicKey: developmentKey.antelopePublicKey,
        balances: { SYS: "10000000" },
        ...(index === 0 ? account1 : {}),
      })),
      tokens: [{ symbol: "SYS", precision: 4, maxSupply: "10000000000000" }],
    },
    ...change,
  });
}

/** A whole network in virtual time, without sockets. */
export class VirtualAntelopeNetwork {
  readonly scheduler = new VirtualScheduler();
  readonly network: AntelopeNetwork;

  constructor(config: AntelopeDevnetConfig) {
    this.network = new AntelopeNetwork(config, this.scheduler, Date.UTC(2026, 0, 1));
    this.network.startFaults();
  }

  chain(node: number) {
    return this.network.nodes[node]!.chain;
  }

  /** By default the last irreversible block, as load tools refer to it. */
  reference(node = 0, back?: number): AntelopeReference {
    const { head, irreversible } = this.chain(node);
    const block = back === undefined ? irreversible : this.chain(node).block(head.number - back)!;
    return {
      chainId: this.network.chainId,
      refBlockNumber: block.number,
      refBlockPrefix: block.prefix,
      expirationSeconds: Math.floor(head.timestampSeconds) + 60,
    };
  }

  /** Filled once the node has answered. */
  broadcast(node: number, transaction: object): AntelopeAnswer[] {
    const answers: AntelopeAnswer[] = [];
    this.network.nodes[node]!.broadcast(
      transaction,
      (verdict) => answers.push({ atMicros: this.scheduler.nowMicros(), verdict }),
      () => undefined,
    );
    return answers;
  }

  send(node: number, ...actions: TestAction[]): AntelopeAnswer[] {
    return this.broadcast(node, signedActions(actions, this.reference(node)));
  }

  /** What the node says at once. */
  ask(node: number, ...actions: TestAction[]): AntelopeVerdict {
    const [answer] = this.send(node, ...actions);
    if (answer === undefined) throw new Error("no answer");
    return answer.verdict;
  }

  advance(seconds: number): void {
    this.scheduler.advanceTo(this.scheduler.nowMicros() + seconds * 1e6);
  }

  advanceTo(seconds: number): void {
    this.scheduler.advanceTo(seconds * 1e6);
  }
}
