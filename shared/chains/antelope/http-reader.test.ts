import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { HttpReader } from "./http-reader.ts";

interface Heard {
  readonly status: number;
  readonly body: string;
  readonly keepsOpen: boolean;
  readonly keptForMs: number | null;
}

function listen(maximumBodyBytes = 1e6): { readonly reader: HttpReader; readonly heard: Heard[] } {
  const heard: Heard[] = [];
  const reader = new HttpReader(
    {
      onHead: () => undefined,
      onAnswer: ({ body, ...rest }) => heard.push({ ...rest, body: body.toString("latin1") }),
    },
    { maximumBodyBytes },
  );
  return { reader, heard };
}

/** What Node's own server sends for these answers, one after the other over one connection that it ends after the last. */
async function bytesOf(answers: readonly RequestListener[]): Promise<Buffer> {
  let next = 0;
  const server = createServer({ keepAliveTimeout: 5000 }, (request, response) => {
    request.resume();
    (answers[next++] as RequestListener)(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const pieces: Buffer[] = [];
  socket.on("data", (piece: Buffer) => pieces.push(piece));
  const request = (last: boolean): string =>
    `GET / HTTP/1.1\r\nHost: x\r\n${last ? "Connection: close\r\n" : "Connection: keep-alive\r\n"}\r\n`;
  socket.write(answers.map((_, i) => request(i === answers.length - 1)).join(""));
  await once(socket, "close");
  server.close();
  return Buffer.concat(pieces);
}

const long = "0123456789abcdef".repeat(5000);

test("what a server sends is read the same however it is cut into pieces", async () => {
  const bytes = await bytesOf([
    (_, response) => response.writeHead(202, { "content-length": 5 }).end("hello"),
    // Without a length Node's server sends chunks.
    (_, response) => {
      response.writeHead(500);
      response.write("first,");
      response.write(long);
      response.addTrailers({ "x-after": "1" });
      response.end("last");
    },
    (_, response) => {
      response.writeContinue();
      response.writeHead(200, { "content-length": long.length }).end(long);
    },
    (_, response) => response.writeHead(204).end(),
    (_, response) => response.end("bye"),
  ]);
  const open = { keepsOpen: true, keptForMs: 5000 };
  const expected: Heard[] = [
    { status: 202, body: "hello", ...open },
    { status: 500, body: `first,${long}last`, ...open },
    { status: 200, body: long, ...open },
    { status: 204, body: "", ...open },
    { status: 200, body: "bye", keepsOpen: false, keptForMs: null },
  ];
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: bytes.length }), { maxLength: 60 }), (cuts) => {
      const { reader, heard } = listen();
      let from = 0;
      for (const end of [...new Set([...cuts, 1, 2, bytes.length])].sort((a, b) => a - b)) {
        reader.read(bytes.subarray(from, end));
        from = end;
      }
      reader.close();
      expect(heard).toEqual(expected);
      expect(reader.isReading).toBe(false);
    }),
    { numRuns: 60 },
  );
  const { reader, heard } = listen();
  for (const byte of bytes.subarray(0, 2000)) reader.read(Buffer.of(byte));
  expect(heard[0]).toEqual(expected[0]);
});

test("a body without a length ends with its connection", () => {
  const { reader, heard } = listen();
  reader.read(Buffer.from("HTTP/1.1 200 OK\r\n\r\nsome "));
  reader.read(Buffer.from("text"));
  expect(heard).toEqual([]);
  reader.close();
  expect(heard).toEqual([{ status: 200, body: "some text", keepsOpen: false, keptForMs: null }]);
});

test.each([
  ["HTTP/1.0 says nothing", "HTTP/1.0 200 OK", "", false],
  ["HTTP/1.0 keeps it", "HTTP/1.0 200 OK", "Connection: Keep-Alive", true],
  ["HTTP/1.1 says nothing", "HTTP/1.1 200 OK", "", true],
  ["HTTP/1.1 closes it", "HTTP/1.1 200", "connection: x, Close", false],
])("whether a connection is kept: %s", (_, status, field, keepsOpen) => {
  const { reader, heard } = listen();
  reader.read(Buffer.from(`${status}\r\nContent-Length: 0${field === "" ? "" : `\r\n${field}`}\r\n\r\n`));
  expect(heard).toMatchObject([{ keepsOpen, body: "" }]);
});

describe("an answer is refused", () => {
  test.each([
    ["that is no HTTP", "SSH-2.0-OpenSSH_9\r\n\r\n"],
    ["of another version", "HTTP/2 200\r\n\r\n"],
    ["that changes the protocol", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
    ["with two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"],
    ["with a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n"],
    ["with a line that is no field", "HTTP/1.1 200 OK\r\nhello\r\n\r\n"],
    ["with a chunk that is no number", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
    ["with a chunk that is longer than it says", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n"],
    ["that is longer than is taken", "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"],
    ["whose chunks are longer than is taken", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n"],
    ["whose end is not known and does not come", `HTTP/1.1 200 OK\r\n\r\n${"x".repeat(11)}`],
    ["whose head does not end", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(70_000)}`],
  ])("%s", (_, text) => {
    expect(() => listen(10).reader.read(Buffer.from(text, "latin1"))).toThrow(SyntaxError);
  });

  test("that its connection does not bring to an end", () => {
    const { reader } = listen();
    reader.read(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"));
    expect(() => reader.close()).toThrow(SyntaxError);
  });
});
