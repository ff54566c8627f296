import { readFileSync } from "node:fs";
import { WebSocketServer } from "ws";

interface Transcript {
  readonly exchanges: readonly { readonly name: string; readonly send?: string; readonly receive?: string }[];
}

type Answer = { result: unknown } | { error: unknown } | null;

const fixtures = new URL("../fixtures/bitshares/", import.meta.url);

/** What a real node answered, by API and method; the first transcript of each counts. */
function recordedAnswers(): Map<string, Answer> {
  const answers = new Map<string, Answer>();
  for (const file of ["chain.json", "session.json", "inclusion.json"]) {
    const transcript = JSON.parse(readFileSync(new URL(file, fixtures), "utf8")) as Transcript;
    for (const { send, receive } of transcript.exchanges) {
      if (send === undefined || receive === undefined || !send.startsWith("{")) continue;
      const key = keyOf(send);
      if (key !== null && !answers.has(key)) {
        const { result, error } = JSON.parse(receive) as { result?: unknown; error?: unknown };
        answers.set(key, error === undefined ? { result } : { error });
      }
    }
  }
  return answers;
}

function keyOf(message: string): string | null {
  try {
    const { params } = JSON.parse(message) as { params?: unknown };
    return Array.isArray(params) && params.length >= 2 ? `${String(params[0])}.${String(params[1])}` : null;
  } catch {
    return null;
  }
}

export interface ScriptedNode {
  readonly url: string;
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/**
 * A node that answers as a real one was recorded, with the changes that a test makes: `change` gets `api.method` and
 * the recorded answer, and returns another, or null for none at all.
 */
export async function startScriptedNode(
  change: (call: string, recorded: Answer, params: readonly unknown[]) => Answer = (_, recorded) => recorded,
): Promise<ScriptedNode> {
  const answers = recordedAnswers();
  const asked: string[] = [];
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await new Promise((resolve) => server.once("listening", resolve));
  server.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => {
      const text = data.toString();
      const { id, params } = JSON.parse(text) as { id: number; params: readonly unknown[] };
      const key = keyOf(text) ?? "?";
      asked.push(key);
      const answer = change(key, answers.get(key) ?? { result: null }, (params[2] as readonly unknown[]) ?? []);
      if (answer !== null) socket.send(JSON.stringify({ id, ...answer }));
    });
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `ws://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        for (const client of server.clients) client.terminate();
        server.close(() => resolve());
      }),
  };
}
