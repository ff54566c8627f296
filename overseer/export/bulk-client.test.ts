import { afterEach, expect, test } from "@jest/globals";
import type { AppError } from "../../shared/errors/app-error.ts";
import { BulkClient, type BulkOptions, type BulkResult, type BulkTarget } from "./bulk-client.ts";
import type { RunDocument } from "./run-documents.ts";
import {
  type BulkBehaviour,
  type BulkDouble,
  errorBody,
  type ItemError,
  startBulkDouble,
} from "./testing/bulk-double.ts";

let double: BulkDouble | null = null;
let pauses: number[] = [];
let told: string[] = [];

afterEach(async () => {
  await double?.close();
  double = null;
  pauses = [];
  told = [];
});

const busy = { status: 429, error: { type: "es_rejected_execution_exception", reason: "rejected execution of bulk" } };

function unparsable(id: string): ItemError {
  const reason = `failed to parse field [producer] of type [long] in document with id '${id}'. Preview of field's value: '${id}'`;
  return { status: 400, error: { type: "mapper_parsing_exception", reason } };
}

function documents(count: number, filling = ""): RunDocument[] {
  return Array.from({ length: count }, (_, i) => ({ id: `run/second/${i}`, source: { i, filling } }));
}

async function started(behaviour: BulkBehaviour = {}): Promise<BulkDouble> {
  double = await startBulkDouble(behaviour);
  return double;
}

async function withClient<T>(
  work: (client: BulkClient) => Promise<T>,
  target: Partial<BulkTarget> = {},
  options: Partial<BulkOptions> = {},
): Promise<T> {
  const client = new BulkClient(
    { url: double?.url ?? "", credentials: null, authority: null, ...target },
    {
      signal: new AbortController().signal,
      onRetry: (why) => void told.push(why),
      pause: (ms) => Promise.resolve(void pauses.push(ms)),
      ...options,
    },
  );
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

async function write(all: readonly RunDocument[], target: Partial<BulkTarget> = {}): Promise<BulkResult> {
  return withClient((client) => client.write("loadstone-2026.11", all), target);
}

async function failureOf(work: Promise<unknown>): Promise<AppError> {
  return work.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error as AppError,
  );
}

test("writes all documents in batches, and the second time in the same places", async () => {
  const { documents: kept, batches } = await started();
  const all = documents(2500);
  expect(await write(all)).toEqual({ written: 2500, refused: [] });
  expect(await write(all)).toEqual({ written: 2500, refused: [] });
  expect(kept.size).toBe(2500);
  expect(kept.get("loadstone-2026.11/run/second/7")).toEqual({ i: 7, filling: "" });
  expect(batches).toEqual([1000, 1000, 500, 1000, 1000, 500]);
});

test("a batch is limited by its bytes too", async () => {
  const { batches } = await started();
  expect((await write(documents(10, "ä".repeat(500_000)))).written).toBe(10);
  expect(batches).toEqual([4, 4, 2]);
});

test("tries again only the documents that the server was too busy for", async () => {
  const seen = new Map<string, number>();
  const { batches, documents: kept } = await started({
    refuse(id) {
      const times = (seen.get(id) ?? 0) + 1;
      seen.set(id, times);
      return Number(id.split("/").at(-1)) % 10 === 0 && times <= 2 ? busy : null;
    },
  });
  expect(await write(documents(100))).toEqual({ written: 100, refused: [] });
  expect(batches).toEqual([100, 10, 10]);
  expect(kept.size).toBe(100);
  expect(pauses).toEqual([500, 1000]);
  expect(told[0]).toBe("10 documents: 429 es_rejected_execution_exception: rejected execution of bulk");
});

test("counts what is refused for good by its reason, and what stays refused for want of room as well", async () => {
  const { documents: kept } = await started({
    refuse: (id, { i }) => ((i as number) < 3 ? unparsable(id) : i === 5 ? busy : null),
  });
  expect(await write(documents(20))).toEqual({
    written: 16,
    refused: [
      { reason: `400 mapper_parsing_exception: ${unparsable("run/second/0").error.reason}`, count: 3 },
      { reason: "429 es_rejected_execution_exception: rejected execution of bulk", count: 1 },
    ],
  });
  expect(kept.size).toBe(16);
  expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000]);
});

test("waits as long as a server asks that takes nothing, and then goes on", async () => {
  let asked = 0;
  const { documents: kept } = await started({
    intercept(_, __, response) {
      asked++;
      if (asked === 1) response.writeHead(429, { "retry-after": "7" }).end();
      if (asked === 2) response.writeHead(503).end(JSON.stringify(errorBody(503, "unavailable", "no master")));
      if (asked === 3) response.destroy();
    },
  });
  expect((await write(documents(5))).written).toBe(5);
  expect(kept.size).toBe(5);
  expect(pauses).toEqual([7000, 1000, 2000]);
  expect(told[1]).toBe("503 unavailable: no master");
});

test("splits what is too large for the server until it fits, and counts what never does", async () => {
  const { documents: kept } = await started({
    intercept(_, body, response) {
      if (body.length > 3000) response.writeHead(413).end();
    },
  });
  const all = [...documents(40, "x".repeat(500)), { id: "run/second/large", source: { filling: "x".repeat(5000) } }];
  expect(await write(all)).toEqual({
    written: 40,
    refused: [{ reason: "413 a document that is larger than the server takes", count: 1 }],
  });
  expect(kept.size).toBe(40);
});

test("gives up on a server that stays away, and says what had been written", async () => {
  let asked = 0;
  await started({
    intercept(_, __, response) {
      if (++asked > 1) response.writeHead(502).end("<html>bad gateway</html>");
    },
  });
  const { code, message } = await failureOf(write(documents(1500)));
  expect(code).toBe("NETWORK_UNREACHABLE");
  expect(message).toContain("7 times: status 502; 1000 documents had been written");
});

test("says at once that it may not, that it was led elsewhere and that it does not understand", async () => {
  const answers: [number, string, string][] = [
    [401, JSON.stringify(errorBody(401, "security_exception", "missing authentication")), "ACCESS_DENIED"],
    [403, JSON.stringify(errorBody(403, "security_exception", "is unauthorized for API key")), "ACCESS_DENIED"],
    [302, "", "NETWORK_MISMATCH"],
    [404, "not found", "NETWORK_MISMATCH"],
    [200, "<html>welcome</html>", "NETWORK_MISMATCH"],
    [200, JSON.stringify({ items: [{ index: { status: 201 } }] }), "NETWORK_MISMATCH"],
  ];
  for (const [status, text, code] of answers) {
    const { close } = await started({
      intercept: (_, __, response) => response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(text),
    });
    expect((await failureOf(write(documents(2)))).code).toBe(code);
    await close();
  }
  expect(pauses).toEqual([]);
});

test("shows the key or the password to the server, and nobody else: not even where the server repeats it", async () => {
  const key = "VnVhQ2ZHY0JDZGJrU-a-key";
  const password = "correct horse battery";
  const basic = Buffer.from(`elastic:${password}`).toString("base64");
  const cases = [
    { credentials: { kind: "api-key", key } as const, header: `ApiKey ${key}` },
    { credentials: { kind: "password", user: "elastic", password } as const, header: `Basic ${basic}` },
  ];
  for (const { credentials, header } of cases) {
    const { authorizations, close } = await started({
      refuse: () => ({ status: 400, error: { type: "echo", reason: `${header} with ${password}\u001b[2J\nand more` } }),
    });
    const { refused } = await write(documents(1), { credentials });
    const reason = refused[0]?.reason;
    expect([...authorizations]).toEqual([header]);
    expect(reason).toMatch(/^400 echo: (ApiKey|Basic) … with /);
    for (const secret of [...(credentials.kind === "api-key" ? [key] : [password, basic]), "\u001b", "\n"]) {
      expect(reason).not.toContain(secret);
    }
    await close();
  }
});

test("ends when it is told to, in the middle of trying again", async () => {
  const stop = new AbortController();
  await started({ intercept: (_, __, response) => response.writeHead(503).end() });
  const stopped = new Error("stopped by SIGINT");
  const work = withClient(
    (client) => client.write("loadstone-2026.11", documents(1)),
    {},
    {
      signal: stop.signal,
      pause: () => Promise.resolve(stop.abort(stopped)),
    },
  );
  expect(await failureOf(work)).toBe(stopped);
});

test("leaves a template under its name", async () => {
  const { templates } = await started();
  await withClient((client) => client.putTemplate("loadstone", { index_patterns: ["loadstone-*"] }));
  expect(templates.get("loadstone")).toEqual({ index_patterns: ["loadstone-*"] });
});
