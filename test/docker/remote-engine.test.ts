import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { temporaryFolder } from "../support/programs.ts";
import { overseer } from "./support.ts";

const execute = promisify(execFile);
const engineSocket = "/var/run/docker.sock";
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let strangers: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Server;
let url: string;

beforeAll(async () => {
  [folder, strangers] = await Promise.all([temporaryFolder(), temporaryFolder()]);
  await Promise.all([makeCertificates(folder.path), makeCertificates(strangers.path)]);
  server = await serveEngine(folder.path);
  url = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.close();
  await Promise.all([folder.remove(), strangers.remove()]);
});

describe("an engine behind TLS", () => {
  test("answers whoever has its certificates", async () => {
    const args = ["deploy", "status", "--engine", url, "--certificates", folder.path];
    expect(await overseer(...args)).toMatchObject({ code: 0 });
  });

  test("is not taken for the right one when its certificate is of another authority", async () => {
    const { code, err } = await overseer("deploy", "status", "--engine", url, "--certificates", strangers.path);
    expect({ code, err }).toEqual({ code: 113, err: expect.stringContaining(`${url} cannot be reached`) });
  });

  test("says which files are missing", async () => {
    const args = ["deploy", "status", "--engine", url, "--certificates", join(folder.path, "nowhere")];
    expect(await overseer(...args)).toMatchObject({ code: 104, err: expect.stringContaining("ca.pem") });
  });
});

/** As a daemon with --tlsverify: only clients with a certificate of its authority reach the socket. */
async function serveEngine(certificates: string): Promise<Server> {
  const [ca, cert, key] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map((name) => readFile(join(certificates, name), "utf8")),
  );
  const options = { ca, cert, key, requestCert: true, rejectUnauthorized: true };
  const listening = createServer(options, (client) => {
    const engine = connect(engineSocket);
    client.pipe(engine).pipe(client);
    for (const end of [client, engine]) {
      end.on("error", () => {
        client.destroy();
        engine.destroy();
      });
    }
  });
  // A client that does not trust the server, or that it does not trust.
  listening.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return listening;
}

/** An authority, and one certificate of it for both ends. */
async function makeCertificates(path: string): Promise<void> {
  const run = (...args: string[]) => execute("openssl", args, { cwd: path });
  const request = ["req", "-newkey", "rsa:2048", "-nodes", "-subj"];
  await run(...request, "/CN=authority", "-x509", "-days", "2", "-keyout", "ca-key.pem", "-out", "ca.pem");
  await run(
    ...request,
    "/CN=engine",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
    "-keyout",
    "key.pem",
    "-out",
    "request.pem",
  );
  const sign = ["x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial"];
  await run(...sign, "-days", "2", "-copy_extensions", "copy", "-out", "cert.pem");
}
