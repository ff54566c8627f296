import type { AntelopeListener, AntelopeNetwork, AntelopeNode } from "../antelope-network.ts";
import { type Call, type Route, toAnswer } from "./call.ts";
import { type HttpAnswer, unknownEndpointAnswer } from "./error-answer.ts";
import { HttpPort } from "./http-port.ts";
import { createRoutes } from "./routes.ts";

/** One node's port: `/v1/chain/*` over HTTP. */
export class NodeServer implements AntelopeListener {
  readonly #call: Call;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #port: HttpPort;

  constructor(network: AntelopeNetwork, node: AntelopeNode, options: { readonly transactionStatus: boolean }) {
    this.#call = { network, node };
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

  onBlocks(): void {
    // Over HTTP clients ask; nobody is told.
  }

  onPending(): void {
    // Nor of transactions.
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
