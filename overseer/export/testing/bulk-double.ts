import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface BulkDouble {
  readonly url: string;
  /** What was written, by index and id. */
  readonly documents: ReadonlyMap<string, Record<string, unknown>>;
  readonly templates: ReadonlyMap<string, unknown>;
  /** How many documents each request to `_bulk` brought. */
  readonly batches: readonly number[];
  readonly authorizations: ReadonlySet<string | undefined>;
  close(): Promise<void>;
}

export interface BulkBehaviour {
  /** Answers a whole request in the place of the double, if it ends the response. */
  readonly intercept?: (request: IncomingMessage, body: string, response: ServerResponse) => void;
  /** Refuses a document: status and error as in an item of a bulk answer. */
  readonly refuse?: (id: string, source: Record<string, unknown>) => ItemError | null;
}

export interface ItemError {
  readonly status: number;
  readonly error: { readonly type: string; readonly reason: string };
}

/** Takes documents as Elasticsearch's bulk protocol has it, and answers a request that is none with its 400. */
export async function startBulkDouble(behaviour: BulkBehaviour = {}): Promise<BulkDouble> {
  const documents = new Map<string, Record<string, unknown>>();
  const templates = new Map<string, unknown>();
  const batches: number[] = [];
  const authorizations = new Set<string | undefined>();

  const bulk = (body: string): unknown => {
    const lines = body.split("\n");
    if (lines.pop() !== "" || lines.length === 0 || lines.length % 2 !== 0) return null;
    batches.push(lines.length / 2);
    const items = [];
    for (let i = 0; i < lines.length; i += 2) {
      const { index: action } = JSON.parse(lines[i] as string) as { index: { _index: string; _id: string } };
      const source = JSON.parse(lines[i + 1] as string) as Record<string, unknown>;
      const refusal = behaviour.refuse?.(action._id, source) ?? null;
      const key = `${action._index}/${action._id}`;
      const known = documents.has(key);
      if (refusal === null) documents.set(key, source);
      const done = known ? { result: "updated", status: 200 } : { result: "created", status: 201 };
      items.push({ index: { ...action, ...(refusal ?? done) } });
    }
    return { took: 1, errors: items.some(({ index }) => "error" in index), items };
  };

  const answerTo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    authorizations.add(request.headers.authorization);
    const body = await text(request);
    behaviour.intercept?.(request, body, response);
    if (response.writableEnded || response.destroyed) return;
    const { pathname } = new URL(request.url ?? "", "http://double");
    const answer = (status: number, content: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
    };
    if (request.method === "PUT" && pathname.startsWith("/_index_template/")) {
      templates.set(pathname.slice("/_index_template/".length), JSON.parse(body));
      return answer(200, { acknowledged: true });
    }
    const type = request.headers["content-type"];
    const taken =
      request.method === "POST" && pathname === "/_bulk" && type === "application/x-ndjson" ? bulk(body) : null;
    if (taken !== null) return answer(200, taken);
    answer(400, errorBody(400, "illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]"));
  };
  const server = createServer((request, response) => void answerTo(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ documents, templates, batches, authorizations },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** How the servers say that a whole request failed. */
export function errorBody(status: number, type: string, reason: string): object {
  return { error: { root_cause: [{ type, reason }], type, reason }, status };
}
