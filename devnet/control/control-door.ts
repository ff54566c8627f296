import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { networkBehaviourSchema, nodeBehaviourSchema } from "../../shared/devnet/config.ts";
import type { ObservedNetwork } from "../network/observed-network.ts";
import { describeState } from "./describe-state.ts";

const behaviourRequestSchema = z.union([
  z.strictObject({
    node: z.union([z.literal("all"), z.number().int().min(0)]),
    behaviour: withoutDefaults(nodeBehaviourSchema),
  }),
  z.strictObject({ network: withoutDefaults(networkBehaviourSchema) }),
]);

const maximumRequestBytes = 1024 * 1024;

/** A change names only what changes: what it leaves out must not fall back to a default. */
function withoutDefaults<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>) {
  const fields = Object.entries(schema.shape).map(([name, field]) => [
    name,
    (field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : (field as z.ZodType)).optional(),
  ]);
  return z.strictObject(Object.fromEntries(fields) as Record<string, z.ZodType>);
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** Loopback HTTP: what the network looks like inside, and its behaviour, changeable while it runs. */
export class ControlDoor {
  readonly #network: ObservedNetwork;
  readonly #server: Server;

  constructor(network: ObservedNetwork, stop: () => void) {
    this.#network = network;
    this.#server = createServer((request, response) => {
      receive(request).then(
        (text) => {
          const reply = this.#answer(`${request.method} ${request.url}`, text);
          send(response, reply);
          if (request.url === "/stop" && reply.status === 200) stop();
        },
        (error: unknown) => send(response, { status: 400, body: { error: String(error) } }),
      );
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
    });
  }

  #answer(route: string, text: string): Reply {
    switch (route) {
      case "GET /state":
        return { status: 200, body: describeState(this.#network) };
      case "POST /behaviour":
        return this.#change(text);
      case "POST /stop":
        return { status: 200, body: { stopping: true } };
      default:
        return { status: 404, body: { error: "There are GET /state, POST /behaviour and POST /stop." } };
    }
  }

  #change(text: string): Reply {
    let given: unknown;
    try {
      given = JSON.parse(text);
    } catch (error) {
      return { status: 400, body: { error: `The body is no JSON: ${(error as Error).message}` } };
    }
    const parsed = behaviourRequestSchema.safeParse(given);
    if (!parsed.success) return { status: 400, body: { error: z.prettifyError(parsed.error) } };
    const { data } = parsed;
    if ("network" in data) {
      this.#network.setBehaviour(data.network);
      return { status: 200, body: { network: this.#network.behaviour } };
    }
    const nodes = this.#network.nodes.filter(({ index }) => data.node === "all" || index === data.node);
    if (nodes.length === 0) return { status: 404, body: { error: `There is no node ${data.node}.` } };
    for (const node of nodes) this.#network.setNodeBehaviour(node, data.behaviour);
    return { status: 200, body: { nodes: nodes.map(({ index, behaviour }) => ({ node: index, behaviour })) } };
  }
}

async function receive(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumRequestBytes) throw new RangeError("the body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { "content-type": "application/json", connection: "close" }).end(JSON.stringify(body));
}
