import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import type { PrometheusTarget } from "../../shared/scenario/observe-settings.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import type { UsageValues } from "./measures.ts";
import { prometheusWatcher } from "./watch-prometheus.ts";

const token = "a-token-that-nobody-may-see";
let server: Server | null = null;
let end = new AbortController();
let watching: Promise<void> = Promise.resolve();

afterEach(async () => {
  end.abort();
  await watching;
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve) ?? resolve(null));
});

interface Seen {
  readonly values: UsageValues | null;
  readonly trouble: string | null;
}

/** Watches what `answer` gives, until there are as many samples as wanted. */
async function watch(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  target: Partial<PrometheusTarget>,
  wanted = 1,
): Promise<Seen[]> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const seen: Seen[] = [];
  end = new AbortController();
  const watcher = prometheusWatcher(
    {
      name: "target",
      kind: "exposition",
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      metrics: [{ name: "x", expression: "x", isCounter: false, unit: "count" }],
      intervalMicros: 200_000,
      token: null,
      authority: null,
      ...target,
    },
    { token, authority: null },
    systemClock,
  );
  const feed = {
    sample: (values: UsageValues, trouble: string | null = null) => void seen.push({ values, trouble }),
    failed: (trouble: string) => void seen.push({ values: null, trouble }),
  };
  watching = watcher.watch({ found: () => feed }, end.signal);
  await waitUntil(() => seen.length >= wanted, { timeoutMs: 10_000, onTimeout: () => new Error("nothing came") });
  return seen;
}

test("shows its token and takes what comes", async () => {
  const seen = await watch((request, response) => {
    response.end(request.headers.authorization === `Bearer ${token}` ? "x 5" : "x 0");
  }, {});
  expect(seen[0]).toEqual({ values: { x: 5 }, trouble: null });
});

test("a refusal, a redirection and what takes too long are gaps; afterwards it goes on", async () => {
  let asked = 0;
  const seen = await watch(
    (_, response) => {
      asked++;
      if (asked === 1) response.writeHead(401).end("x 1");
      else if (asked === 2) response.writeHead(302, { location: "/elsewhere" }).end();
      else if (asked === 3) response.writeHead(200).write("x 1\n");
      else response.end("x 7");
    },
    {},
    4,
  );
  expect(seen.slice(0, 4)).toEqual([
    { values: null, trouble: "it answers 401" },
    { values: null, trouble: "it answers 302" },
    { values: null, trouble: "no answer within 0.2 s" },
    { values: { x: 7 }, trouble: null },
  ]);
});

test("no message has the token, whatever the target says", async () => {
  const seen = await watch((_, response) => response.writeHead(500, token).end(token), {});
  expect(JSON.stringify(seen)).not.toContain(token);
});

test("a server's queries: one value, none, several, and one that is wrong", async () => {
  const vector = (...values: string[]): string =>
    JSON.stringify({
      status: "success",
      data: { resultType: "vector", result: values.map((value) => ({ metric: {}, value: [1, value] })) },
    });
  const answers: Readonly<Record<string, string>> = {
    one: vector("2.5"),
    none: vector(),
    several: vector("1", "2"),
    scalar: JSON.stringify({ status: "success", data: { resultType: "scalar", result: [1, "3"] } }),
  };
  const seen = await watch(
    (request, response) => {
      const query = new URL(request.url ?? "", "http://here").searchParams.get("query") ?? "";
      const answer = answers[query];
      if (answer !== undefined) response.end(answer);
      else response.writeHead(400).end('{"status":"error","errorType":"bad_data","error":"parse error"}');
    },
    {
      kind: "server",
      metrics: ["one", "none", "several", "scalar", "wrong("].map((name) => ({
        name,
        expression: name,
        isCounter: false,
        unit: "count" as const,
      })),
      intervalMicros: 2_000_000,
    },
  );
  expect(seen[0]?.values).toEqual({ one: 2.5, none: null, several: null, scalar: 3, "wrong(": null });
  expect(seen[0]?.trouble).toContain("several: the query gives 2 series");
  expect(seen[0]?.trouble).toContain("wrong(: parse error");
});
