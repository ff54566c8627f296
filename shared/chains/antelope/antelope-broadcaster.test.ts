import { afterEach, describe, expect, test } from "@jest/globals";
import { systemClock } from "../../time/clock.ts";
import { waitUntil } from "../../time/wait.ts";
import type { Reason } from "../outcome.ts";
import { AntelopeBroadcaster } from "./antelope-broadcaster.ts";
import { bodyBytesFor, writeBody } from "./packed-body.ts";
import { ObservingNode } from "./testing/observing-node.ts";
import { type ScriptedAnswer, ScriptedNode } from "./testing/scripted-node.ts";

const within = (what: string) => ({ timeoutMs: 5000, everyMs: 2, onTimeout: () => new Error(`no ${what} in time`) });
const acceptance: ScriptedAnswer = {
  status: 202,
  body: '{"transaction_id":"ab","processed":{"except":null,"error_code":null}}',
};
const ended: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

class Heard {
  readonly answers = new Map<number, Reason>();
  readonly unanswered = new Map<number, Reason>();
  readonly connections: { readonly open: number; readonly error: string | null }[] = [];
  readonly delaysMicros: number[] = [];
}

async function start(connections: number, answerTo: ScriptedNode["answerTo"] = () => null) {
  const node = await ScriptedNode.listen(answerTo);
  ended.push(() => node.close());
  const heard = new Heard();
  const broadcaster = new AntelopeBroadcaster({
    endpoint: node.endpoint,
    connections,
    connectTimeoutMs: 2000,
    data: { broadcastCall: "send_transaction2" },
    handlers: {
      onAnswer: (token, reason, receivedMicros) => {
        heard.delaysMicros.push(systemClock.nowMicros() - receivedMicros);
        heard.answers.set(token, reason);
      },
      onUnanswered: (token, reason) => heard.unanswered.set(token, reason),
      onConnections: (open, error) => heard.connections.push({ open, error }),
    },
  });
  ended.push(() => broadcaster.close());
  await broadcaster.open();
  const sent = () => node.received.filter(({ call }) => call === "send_transaction2");
  return { node, broadcaster, heard, sent };
}

/** What stands for the packed form is some text. */
function body(text: string): Uint8Array {
  const packed = Buffer.from(text);
  const target = new Uint8Array(bodyBytesFor(packed.length, 1)).fill("S".charCodeAt(0));
  writeBody(packed, 1, target, 0);
  return target;
}

function textOf(request: { readonly body: string }): string {
  const { transaction } = JSON.parse(request.body) as { readonly transaction: { readonly packed_trx: string } };
  return Buffer.from(transaction.packed_trx, "hex").toString();
}

describe("connections", () => {
  test("carry one request each, and take no more until an answer comes", async () => {
    const { broadcaster, heard, node, sent } = await start(3);
    expect(broadcaster.openConnections).toBe(3);
    expect([1, 2, 3, 4].map((token) => broadcaster.send(token, body(`${token}`)))).toEqual([true, true, true, false]);
    expect(broadcaster).toMatchObject({ inFlight: 3, hasRoom: false });
    await waitUntil(() => sent().length === 3, within("requests"));
    expect(new Set(sent().map(textOf))).toEqual(new Set(["1", "2", "3"]));
    expect(heard.answers.size).toBe(0);
    expect(node.connections).toBe(3);
  });

  test("are used again and again, each answer told with its own request", async () => {
    const { broadcaster, heard, node } = await start(4, (request) => {
      if (request.call === "get_info") return null;
      const isOdd = Number(textOf(request)) % 2 === 1;
      return isOdd ? { status: 409, body: '{"error":{"code":3040008,"name":"tx_duplicate"}}' } : acceptance;
    });
    for (let token = 0; token < 400; token++) {
      await waitUntil(() => broadcaster.hasRoom, within("room"));
      const target = body(String(token));
      expect(broadcaster.send(token, target)).toBe(true);
      // The caller may use its memory again at once.
      target.fill(0);
    }
    await waitUntil(() => heard.answers.size === 400, within("answers"));
    for (const [token, reason] of heard.answers) expect(reason).toBe(token % 2 === 1 ? "duplicate" : "none");
    expect(node.connections).toBe(4);
    expect(Math.min(...heard.delaysMicros)).toBeGreaterThanOrEqual(0);
    expect(broadcaster.inFlight).toBe(0);
  });

  test("that is waited for no more makes place for another, and the others go on", async () => {
    const { broadcaster, heard, sent } = await start(2, (request) =>
      request.call === "get_info" || textOf(request).includes("stuck") ? null : acceptance,
    );
    broadcaster.send(1, body("stuck"));
    broadcaster.send(2, body("stuck too"));
    await waitUntil(() => sent().length === 2, within("requests"));
    broadcaster.giveUp(1);
    await waitUntil(() => broadcaster.openConnections === 2 && broadcaster.hasRoom, within("room"));
    expect(broadcaster.send(3, body("fine"))).toBe(true);
    await waitUntil(() => heard.answers.has(3), within("answer"));
    expect(heard.answers.get(3)).toBe("none");
    // Nobody is told of the one that was given up, and the other is still waited for.
    expect(heard.unanswered.size).toBe(0);
    expect(broadcaster.inFlight).toBe(1);
    broadcaster.giveUp(99);
    expect(broadcaster.inFlight).toBe(1);
  });

  test("that breaks leaves its own request unanswered, once, and is opened again", async () => {
    const { broadcaster, heard, node, sent } = await start(2);
    broadcaster.send(7, body("a"));
    await waitUntil(() => sent().length === 1, within("request"));
    node.cutConnections();
    await waitUntil(() => heard.unanswered.size === 1, within("loss"));
    expect([...heard.unanswered]).toEqual([[7, "connection-lost"]]);
    expect(broadcaster.hasRoom).toBe(false);
    await waitUntil(() => broadcaster.openConnections === 2, within("connections"));
    expect(heard.connections.map(({ open }) => open)).toEqual([1, 2, 1, 0, 1, 2]);
    expect(heard.connections.filter(({ error }) => error !== null)).toHaveLength(2);
    node.answerTo = ({ call }) => (call === "get_info" ? null : acceptance);
    expect(broadcaster.send(8, body("b"))).toBe(true);
    await waitUntil(() => heard.answers.has(8), within("answer"));
  });

  test("that the node ends with an answer is replaced without an error", async () => {
    const { broadcaster, heard, node } = await start(1, ({ call }) =>
      call === "get_info" ? null : { ...acceptance, headers: { connection: "close" } },
    );
    for (let token = 0; token < 5; token++) {
      await waitUntil(() => broadcaster.hasRoom, within("room"));
      broadcaster.send(token, body(String(token)));
      await waitUntil(() => heard.answers.size === token + 1, within("answer"));
    }
    expect(node.connections).toBeGreaterThanOrEqual(5);
    expect(new Set(heard.answers.values())).toEqual(new Set(["none"]));
    expect(heard.connections.filter(({ error }) => error !== null)).toEqual([]);
  });

  test("that was idle for as long as the node keeps them is replaced without an error", async () => {
    const { heard, node } = await start(1, ({ call }) =>
      call === "get_info" ? { status: 200, body: "{}", headers: { "keep-alive": "timeout=3" } } : acceptance,
    );
    await waitUntil(() => node.connections === 2 && heard.connections.length === 3, within("replacement"));
    expect(heard.connections).toEqual([
      { open: 1, error: null },
      { open: 0, error: null },
      { open: 1, error: null },
    ]);
  });

  test("take a request at once, also when they were used before and the loop is busy then", async () => {
    const node = await ObservingNode.start();
    ended.push(() => node.close());
    const answered: number[] = [];
    const broadcaster = new AntelopeBroadcaster({
      ...{
        endpoint: node.endpoint,
        connections: 1,
        connectTimeoutMs: 5000,
        data: { broadcastCall: "send_transaction2" },
      },
      handlers: {
        onAnswer: (token) => answered.push(token),
        onUnanswered: () => undefined,
        onConnections: () => undefined,
      },
    });
    ended.push(() => broadcaster.close());
    await broadcaster.open();
    for (const token of [1, 2, 3]) {
      node.forget();
      broadcaster.send(token, body(String(token)));
      // Nothing else runs here until the node says that it has it.
      expect(node.waitForRequest(5000)).toBe(true);
      await waitUntil(() => answered.length === token, within("answer"));
    }
  });

  test("that hear what is no HTTP leave their request unanswered and are opened again", async () => {
    const { broadcaster, heard, node } = await start(1, ({ call }) => (call === "get_info" ? null : acceptance));
    node.rawAnswer = "HTTP/1.1 202 Accepted\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}";
    broadcaster.send(1, body("a"));
    await waitUntil(() => heard.unanswered.size === 1, within("loss"));
    expect([...heard.unanswered]).toEqual([[1, "answer-unreadable"]]);
    node.rawAnswer = null;
    await waitUntil(() => broadcaster.hasRoom, within("room"));
    broadcaster.send(2, body("b"));
    await waitUntil(() => heard.answers.has(2), within("answer"));
  });

  test("are open only when the node answers over them", async () => {
    const node = await ScriptedNode.listen(() => ({ status: 503, body: "busy" }));
    ended.push(() => node.close());
    const broadcaster = new AntelopeBroadcaster({
      ...{
        endpoint: node.endpoint,
        connections: 1,
        connectTimeoutMs: 300,
        data: { broadcastCall: "send_transaction" },
      },
      handlers: { onAnswer: () => undefined, onUnanswered: () => undefined, onConnections: () => undefined },
    });
    await expect(broadcaster.open()).rejects.toMatchObject({
      code: "NETWORK_UNREACHABLE",
      message: expect.stringMatching(/0 of 1 connections open: answered 503/),
    });
  });
});
