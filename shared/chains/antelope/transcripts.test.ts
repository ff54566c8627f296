import { describe, expect, test } from "@jest/globals";
import { waitUntil } from "../../time/wait.ts";
import type { Reason } from "../outcome.ts";
import { AntelopeBroadcaster } from "./antelope-broadcaster.ts";
import { classifyAnswer } from "./classify-answer.ts";
import { bodyBytesFor, signatureAt, writeBody } from "./packed-body.ts";
import { signatureTextBytes } from "./signature-text.ts";
import { type Exchange, recordedExchanges } from "./testing/recorded-exchanges.ts";
import { ScriptedNode } from "./testing/scripted-node.ts";

/** By name; the same for each of the three calls unless a call is named. */
const expected: Readonly<Record<string, Reason>> = {
  accepted: "none",
  duplicate: "duplicate",
  "accepted with five actions": "none",
  "overdrawn balance (assertion in the contract)": "insufficient-balance",
  "overdrawn, return_failure_trace false": "insufficient-balance",
  "unknown recipient": "unknown-object",
  "wrong key": "missing-authority",
  "no signature": "missing-authority",
  "irrelevant extra signature": "irrelevant-signature",
  "signature of zeros": "bad-signature",
  "signature that cannot be parsed": "malformed",
  expired: "expired",
  "expires too far ahead": "expiration-too-far",
  "TaPoS: unknown reference block": "tapos",
  "packed transaction cut short": "malformed",
  "no packed transaction": "malformed",
  "not JSON": "malformed",
  "unknown contract account": "unknown-object",
  "unknown action of a contract, send_transaction2": "none",
  "unknown action of a contract": "duplicate",
  "action data cut short": "contract-assertion",
  "unknown actor": "unknown-object",
  "unknown permission": "unknown-object",
  "account without code, send_transaction2": "none",
  "account without code": "duplicate",
  "account CPU used up": "resources-exhausted",
  "account NET used up": "resources-exhausted",
};

/** Errors whose class is only in the messages, which nodes leave out by default. */
const withoutMessages: Readonly<Record<string, Reason>> = {
  "overdrawn balance (assertion in the contract)": "contract-assertion",
  "overdrawn, return_failure_trace false": "contract-assertion",
  "unknown recipient": "contract-assertion",
  "signature of zeros": "other",
  "unknown contract account": "invalid-operation",
  "unknown actor": "invalid-operation",
  "unknown permission": "invalid-operation",
};

const broadcasts = recordedExchanges("broadcast");
const callOf = ({ path }: Exchange): string => path.slice(path.lastIndexOf("/") + 1);
const reasonOf = (exchange: Exchange): Reason | undefined =>
  expected[`${exchange.name}, ${callOf(exchange)}`] ?? expected[exchange.name];

/** The body that is prepared for what was sent then; null where what was sent was meant to be wrong. */
function bodyOf(send: string): Uint8Array | null {
  if (!send.endsWith("}")) return null;
  const sent = JSON.parse(send) as Partial<SentTransaction> & { readonly transaction?: Partial<SentTransaction> };
  const { signatures = [], packed_trx: digits } = sent.transaction ?? sent;
  const isSound = signatures.length > 0 && signatures.every((signature) => signature.length === signatureTextBytes);
  if (digits === undefined || !isSound) return null;
  const packed = Buffer.from(digits, "hex");
  const body = Buffer.alloc(bodyBytesFor(packed.length, signatures.length));
  writeBody(packed, signatures.length, body, 0);
  for (const [i, signature] of signatures.entries()) body.write(signature, signatureAt(i), "latin1");
  return body;
}

interface SentTransaction {
  readonly signatures: readonly string[];
  readonly packed_trx: string;
}

describe("recorded broadcasts", () => {
  test("all have a class, and every class in the table is of one", () => {
    expect(broadcasts.filter((exchange) => reasonOf(exchange) === undefined)).toEqual([]);
    const names = new Set(broadcasts.flatMap((exchange) => [exchange.name, `${exchange.name}, ${callOf(exchange)}`]));
    expect(Object.keys(expected).filter((name) => !names.has(name))).toEqual([]);
  });

  test.each(["send_transaction2", "send_transaction", "push_transaction"])(
    "%s: goes out as recorded and comes back with its class",
    async (call) => {
      const exchanges = broadcasts.filter((exchange) => callOf(exchange) === call);
      const queue = [...exchanges];
      const wentOut: string[] = [];
      const node = await ScriptedNode.listen(({ call: asked, body }) => {
        const exchange = asked === call ? queue.shift() : undefined;
        if (exchange === undefined) return null;
        wentOut.push(body);
        return { status: exchange.status, body: exchange.receive };
      });
      const told = new Map<number, readonly [Reason, string | null]>();
      const broadcaster = new AntelopeBroadcaster({
        endpoint: node.endpoint,
        connections: 1,
        connectTimeoutMs: 5000,
        data: { broadcastCall: call },
        handlers: {
          onAnswer: (token, reason, _at, message) => told.set(token, [reason, message]),
          onUnanswered: (token, reason) => told.set(token, [reason, null]),
          onConnections: () => undefined,
        },
      });
      try {
        await broadcaster.open();
        for (const [token, { send }] of exchanges.entries()) {
          expect(broadcaster.send(token, bodyOf(send) ?? (bodyOf(broadcasts[0]?.send ?? "") as Uint8Array))).toBe(true);
          await waitUntil(() => told.has(token), { timeoutMs: 5000, onTimeout: () => new Error(send), everyMs: 1 });
        }
      } finally {
        await broadcaster.close();
        await node.close();
      }
      for (const [token, exchange] of exchanges.entries()) {
        // We never ask for the trace of a failure.
        const asSent = exchange.send.replace('"return_failure_trace":true', '"return_failure_trace":false');
        if (bodyOf(exchange.send) !== null) expect(wentOut[token]).toBe(asSent);
        const [reason, message] = told.get(token) ?? ["other", null];
        expect([exchange.name, reason]).toEqual([exchange.name, reasonOf(exchange)]);
        if (reason === "none") expect(message).toBeNull();
        else expect(message).toMatch(/\S/);
      }
    },
  );

  test("are told by their codes where a node leaves out the details", () => {
    for (const exchange of broadcasts.filter(({ status }) => status !== 202)) {
      const answer = JSON.parse(exchange.receive) as { error: { details: unknown[] } };
      answer.error.details = [];
      const { reason } = classifyAnswer(exchange.status, Buffer.from(JSON.stringify(answer)));
      expect([exchange.name, reason]).toEqual([exchange.name, withoutMessages[exchange.name] ?? reasonOf(exchange)]);
    }
  });

  test("a trace that ends in another way than nodes now end it is read in full", () => {
    for (const exchange of broadcasts.filter(({ status }) => status === 202)) {
      const spaced = Buffer.from(JSON.stringify(JSON.parse(exchange.receive), null, 1));
      expect(classifyAnswer(202, spaced).reason).toBe(reasonOf(exchange));
    }
  });

  test("texts and their values are put together in messages", () => {
    const traced = broadcasts.find(({ name, status }) => name === "account NET used up" && status === 202) as Exchange;
    const { message } = classifyAnswer(202, Buffer.from(traced.receive));
    expect(message).toBe("transaction net usage is too high: 336 > 185");
  });
});

describe("answers that are not a node's own", () => {
  const page = Buffer.from("<html>Bad Gateway</html>");

  test.each<[number, Reason]>([
    [429, "node-overloaded"],
    [502, "node-overloaded"],
    [503, "node-overloaded"],
    [504, "node-overloaded"],
    [404, "unsupported"],
    [413, "too-large"],
    [403, "not-permitted"],
    [418, "other"],
  ])("a page with status %d", (status, reason) => {
    expect(classifyAnswer(status, page)).toEqual({ reason, message: `status ${status}` });
  });

  test("an acceptance that cannot be read is none", () => {
    expect(classifyAnswer(202, page).reason).toBe("answer-unreadable");
    expect(classifyAnswer(200, Buffer.from("{}")).reason).toBe("answer-unreadable");
  });

  test("a node with too many requests in flight", () => {
    const busy = {
      code: 429,
      message: "Busy",
      error: { code: 429, name: "Busy", what: "Too many requests in flight: 9" },
    };
    const answer = classifyAnswer(429, Buffer.from(JSON.stringify(busy)));
    expect(answer).toEqual({ reason: "node-overloaded", message: "Too many requests in flight: 9" });
  });

  test.each(["null", "[]", "7", '{"error":null}', '{"error":{"code":"x","details":[null,{"message":5}]}}'])(
    "%s is of no known class",
    (body) => {
      expect(classifyAnswer(500, Buffer.from(body)).reason).toBe("other");
    },
  );
});
