import type { AntelopeListener, AntelopeNetwork, AntelopeNode } from "../antelope-network.ts";
import type { Block } from "../chain/block.ts";
import type { SignedTransaction } from "../codec/signed-transaction.ts";
import { type Call, type Route, toAnswer } from "./call.ts";
import { type HttpAnswer, unknownEndpointAnswer } from "./error-answer.ts";
import { HttpPort } from "./http-port.ts";
import { createRoutes } from "./routes.ts";
import { TransactionStatuses } from "./transaction-status.ts";

/** One node's port: `/v1/chain/*` over HTTP. */
export class NodeServer implements AntelopeListener {
  readonly #call: Call;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #port: HttpPort;

  constructor(network: AntelopeNetwork, node: AntelopeNode, options: { readonly transactionStatus: boolean }) {
    const statuses = options.transactionStatus ? new TransactionStatuses(network.store) : null;
    this.#call = { network, node, statuses };
    this.#routes = createRoutes(options.transactionStatus);
    this.#port = new HttpPort((path, body, respond) => this.#handle(path, body, respond));
    node.listeners.add(this);
  }

  listen(host: string, port: number): Promise<string> {
    return this.#port.listen(host, port);
  }

  async close(): Promise<void> {
    this.#call.node.listeners.delete(this);
    await this.#port.close();
  }

  onBlocks(blocks: readonly Block[]): void {
    if (this.#call.statuses !== null) for (const block of blocks) this.#call.statuses.onBlock(block);
  }

  onPending(transaction: SignedTransaction): void {
    this.#call.statuses?.onPending(transaction, this.#call.node.chain.head.timestampMillis);
  }

  onStall(isStalled: boolean): void {
    this.#port.setStalled(isStalled);
  }

  onDropConnections(): void {
    this.#port.dropConnections();
  }

  onOutage(isGone: boolean): void {
    this.#port.setGone(isGone);
  }

  #handle(path: string, body: string, respond: (answer: HttpAnswer) => void): void {
    const route = this.#routes.get(path);
    if (route === undefined) {
      respond(unknownEndpointAnswer);
      return;
    }
    try {
      route(body, this.#call, respond);
    } catch (error) {
      respond(toAnswer(error));
    }
  }
}
