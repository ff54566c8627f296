import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer as createPlainServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { waitUntil } from "../../shared/time/wait.ts";
import { Program, temporaryFolder } from "../support/programs.ts";
import { overseer, remainsOf, writeDeployment } from "./support.ts";

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

const sshDaemon = await stat("/usr/sbin/sshd").then(
  () => "/usr/sbin/sshd",
  () => null,
);
if (sshDaemon === null) process.stderr.write("There is no sshd here: engines behind ssh are left out.\n");

(sshDaemon === null ? describe.skip : describe)("an engine behind ssh", () => {
  let keys: Awaited<ReturnType<typeof temporaryFolder>>;
  let daemon: ChildProcess;
  let bin: string;
  let port: number;

  beforeAll(async () => {
    keys = await temporaryFolder();
    bin = join(keys.path, "bin");
    port = await freePort();
    const key = (name: string) => execute("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(keys.path, name)]);
    await Promise.all([key("host"), key("user"), key("stranger")]);
    await writeFile(join(keys.path, "authorized"), await readFile(join(keys.path, "user.pub")));
    await writeFile(
      join(keys.path, "sshd_config"),
      [
        ...[`Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${keys.path}/host`, "UsePAM no", "StrictModes no"],
        ...[`AuthorizedKeysFile ${keys.path}/authorized`, "PasswordAuthentication no", `PidFile ${keys.path}/pid`],
        ...["KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password", ""],
      ].join("\n"),
    );
    const host = (await readFile(join(keys.path, "host.pub"), "utf8")).split(" ").slice(0, 2).join(" ");
    await writeFile(join(keys.path, "known"), `[127.0.0.1]:${port} ${host}\n`);
    const stranger = (await readFile(join(keys.path, "stranger.pub"), "utf8")).split(" ").slice(0, 2).join(" ");
    await writeFile(join(keys.path, "known-wrong"), `[127.0.0.1]:${port} ${stranger}\n`);
    await writeFile(join(keys.path, "known-none"), "");
    await mkdir(bin);
    await mkdir("/run/sshd", { recursive: true });
    daemon = spawn(sshDaemon ?? "", ["-D", "-f", join(keys.path, "sshd_config")], { stdio: "ignore" });
    await waitUntil(() => reaches(port), { timeoutMs: 20_000, onTimeout: () => new Error("sshd does not listen") });
  });

  afterAll(async () => {
    daemon.kill();
    await keys.remove();
  });

  /** The user's own ssh configuration, as a command that goes before the system's: it takes no other file. */
  async function status(identity: string, known: string): Promise<{ code: number | null; err: string; out: string }> {
    const options = [
      `-i ${keys.path}/${identity}`,
      "-o IdentitiesOnly=yes",
      `-o UserKnownHostsFile=${keys.path}/${known}`,
    ];
    await writeFile(join(bin, "ssh"), `#!/bin/sh\nexec /usr/bin/ssh ${options.join(" ")} "$@"\n`, { mode: 0o755 });
    const { username } = userInfo();
    const args = ["deploy", "status", "--engine", `ssh://${username}@127.0.0.1:${port}`];
    return new Program("overseer", args, { PATH: `${bin}:${process.env.PATH}`, SSH_AUTH_SOCK: "" }).finished;
  }

  test("answers whoever has a key for its machine, and knows the machine's", async () => {
    expect(await status("user", "known")).toMatchObject({ code: 0 });
  });

  test("refuses whoever has none", async () => {
    const { code, err } = await status("stranger", "known");
    expect({ code, err }).toEqual({ code: 113, err: expect.stringContaining("Permission denied") });
  });

  test.each(["known-none", "known-wrong"])("is not asked anything when its machine's key is %s", async (known) => {
    const { code, err } = await status("user", known);
    expect({ code, err }).toEqual({ code: 113, err: expect.stringContaining("Host key verification failed") });
  });

  test("takes files and whole deployments", async () => {
    await status("user", "known");
    const name = `test-ssh-${process.pid}`;
    const file = await writeDeployment(keys.path, { name, isolated: true, network: {} });
    const engine = ["--engine", `ssh://${userInfo().username}@127.0.0.1:${port}`];
    const run = (...args: string[]) => {
      return new Program("overseer", ["deploy", ...args, ...engine], { PATH: `${bin}:${process.env.PATH}` }).finished;
    };
    expect(await run("up", file)).toMatchObject({ code: 0 });
    expect((await run("logs", name)).out).toMatch(/"event":"ready"/);
    expect(await run("down", name)).toMatchObject({ code: 0 });
    expect(await remainsOf(name)).toEqual([]);
  });
});

async function freePort(): Promise<number> {
  const probe = createPlainServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function reaches(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => resolve(true));
    socket.on("error", () => resolve(false)).on("connect", () => socket.destroy());
  });
}

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
