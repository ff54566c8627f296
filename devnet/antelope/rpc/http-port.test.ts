import { Agent, request as send } from "node:http";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { waitUntil } from "../../../shared/time/wait.ts";
import { HttpPort } from "./http-port.ts";

interface Answered {
  readonly status: number;
  readonly body: string;
}

let port: HttpPort;
let url: string;
let agent: Agent;
let seen: string[];

beforeEach(async () => {
  seen = [];
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
  port = new HttpPort((path, body, respond) => {
    seen.push(path);
    respond({ status: 202, body: JSON.stringify({ path, length: body.length }) });
  });
  url = await port.listen("127.0.0.1", 0);
});

afterEach(async () => {
  agent.destroy();
  await port.close();
});

function post(path: string, body: string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = send(`${url}${path}`, { method: "POST", agent }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += String(chunk);
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

test("one connection carries many requests, whatever characters they hold", async () => {
  const text = "ä€𝄞".repeat(30_000);
  const answers = [await post("/one", ""), await post("/two", text), await post("/three", "{}")];
  expect(answers.map(({ status, body }) => [status, JSON.parse(body)])).toEqual([
    [202, { path: "/one", length: 0 }],
    [202, { path: "/two", length: text.length }],
    [202, { path: "/three", length: 2 }],
  ]);
  const sockets = Object.values(agent.freeSockets).flat();
  expect(sockets).toHaveLength(1);
});

test("what is too large is not read, and its connection is closed", async () => {
  expect(await codeOf(post("/large", "x".repeat(2 * 1024 * 1024 + 1)))).toMatch(/^(ECONNRESET|EPIPE)$/);
  expect(seen).toEqual([]);
  expect(await post("/again", "x".repeat(2 * 1024 * 1024))).toMatchObject({ status: 202 });
});

test("during a stall nothing is read or answered on old connections or new ones, and afterwards everything is", async () => {
  await post("/before", "");
  port.setStalled(true);
  let answered = 0;
  const waiting = ["/old", "/new"].map((path, index) => {
    if (index === 1) agent = new Agent({ keepAlive: true });
    return post(path, "{}").then(() => {
      answered += 1;
    });
  });
  const other = new HttpPort((_path, _body, respond) => respond({ status: 200, body: "{}" }));
  const otherUrl = await other.listen("127.0.0.1", 0);
  // Another node on the same loop answers meanwhile: what was sent before has had its turn.
  for (let turn = 0; turn < 20; turn += 1) await fetch(otherUrl);
  await other.close();
  expect([answered, seen]).toEqual([0, ["/before"]]);
  port.setStalled(false);
  await Promise.all(waiting);
  expect(seen.toSorted()).toEqual(["/before", "/new", "/old"]);
});

test("connections that are dropped can be made again", async () => {
  await post("/before", "");
  port.setStalled(true);
  const lost = codeOf(post("/lost", ""));
  port.dropConnections();
  expect(await lost).toBe("ECONNRESET");
  port.setStalled(false);
  expect(await post("/after", "")).toMatchObject({ status: 202 });
});

test("a node that is gone is not there, and comes back on its port", async () => {
  await post("/before", "");
  port.setGone(true);
  expect(await codeOf(post("/gone", ""))).toMatch(/^(ECONNREFUSED|ECONNRESET)$/);
  expect(await codeOf(post("/gone", ""))).toBe("ECONNREFUSED");
  port.setGone(false);
  await waitUntil(async () => (await codeOf(post("/after", ""))) === undefined, {
    timeoutMs: 5000,
    onTimeout: () => new Error("still gone"),
  });
  expect(seen).toEqual(["/before", "/after"]);
});
