import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { joinCommands } from "./join-command.ts";
import { type CertificateFiles, makeCertificate } from "./testing/make-certificate.ts";
import { isNamedIn, isReadByOthers, loadTlsIdentity, ownAuthorityIn } from "./tls-identity.ts";

/** When both are valid, however long it took to make them. */
let now: number;
let folder: string;
let own: CertificateFiles;
let issued: CertificateFiles;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loadstone-"));
  own = await makeCertificate(folder, "own");
  issued = await makeCertificate(folder, "issued", { issuer: own, names: "DNS:overseer.example,IP:10.0.0.5" });
  now = Date.now();
});

afterAll(() => rm(folder, { recursive: true }));

async function problemsOf(files: Partial<Parameters<typeof loadTlsIdentity>[0]>, at = now) {
  try {
    await loadTlsIdentity({ ...own, clientAuthority: null, ...files }, at);
  } catch (error) {
    expect(error).toMatchObject({ code: "CONFIGURATION_INVALID" });
    return (error as { problems: { path: string; expected: string }[] }).problems;
  }
  return [];
}

test("takes a certificate with its key, and knows who vouches for it", async () => {
  expect((await loadTlsIdentity({ ...own, clientAuthority: own.certificate }, now)).authority).toBe("itself");
  expect((await loadTlsIdentity({ ...issued, clientAuthority: null }, now)).authority).toBe("private");
});

test("names every file that is missing", async () => {
  const problems = await problemsOf({ certificate: "/none/c", key: "/none/k", clientAuthority: "/none/a" });
  expect(problems.map(({ path }) => path)).toEqual(["--tls-cert", "--tls-key", "--tls-client-ca"]);
});

test("refuses a key of another certificate", async () => {
  expect(await problemsOf({ key: issued.key })).toMatchObject([{ path: "--tls-key" }]);
});

test("refuses what is no certificate and no key, without quoting it", async () => {
  const nonsense = join(folder, "nonsense");
  await writeFile(nonsense, "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
  const problems = await problemsOf({ certificate: nonsense, key: nonsense });
  expect(problems.map(({ path }) => path)).toEqual(["--tls-cert", "--tls-key"]);
  expect(JSON.stringify(problems)).not.toContain("c2VjcmV0");
});

test("refuses a certificate that is not valid today", async () => {
  expect(await problemsOf({}, now + 3 * 86_400_000)).toMatchObject([
    { expected: expect.stringMatching(/^has expired/) },
  ]);
  expect(await problemsOf({}, now - 86_400_000)).toMatchObject([{ expected: expect.stringMatching(/^is not valid/) }]);
});

test("refuses an authority for clients that may not vouch for anybody", async () => {
  expect(await problemsOf({ clientAuthority: issued.certificate })).toMatchObject([{ path: "--tls-client-ca" }]);
});

test("knows for which names and addresses it stands", async () => {
  const tls = await loadTlsIdentity({ ...issued, clientAuthority: null }, now);
  const hosts = ["overseer.example", "10.0.0.5", "other.example", "10.0.0.6"];
  expect(hosts.map((host) => isNamedIn(tls, host))).toEqual([true, true, false, false]);
});

test("finds the authority where the file has it, at the end", async () => {
  expect(ownAuthorityIn(await loadTlsIdentity({ ...issued, clientAuthority: null }, now))).toBeNull();
  const authority = await readFile(own.certificate, "utf8");
  const chain = join(folder, "chain.pem");
  await writeFile(chain, (await readFile(issued.certificate, "utf8")) + authority);
  const whole = await loadTlsIdentity({ certificate: chain, key: issued.key, clientAuthority: null }, now);
  expect(whole.authority).toBe("private");
  expect(ownAuthorityIn(whole)).toBe(authority.trim());
  expect(ownAuthorityIn(await loadTlsIdentity({ ...own, clientAuthority: null }, now))).toBe(authority.trim());
});

test("sees that others may read a key", async () => {
  await chmod(own.key, 0o600);
  expect(await isReadByOthers(own.key)).toBe(false);
  await chmod(own.key, 0o644);
  expect(await isReadByOthers(own.key)).toBe(true);
});

const door = { join: { program: "beacon", tokenFile: "my token", certificateFile: "own.pem", inContainer: false } };

test("on loopback the command dials what is listened on", () => {
  expect(joinCommands("http://127.0.0.1:7411", { ...door, host: "127.0.0.1", tls: null }, ["10.0.0.5"])).toEqual([
    { label: "Join", command: 'beacon --overseer http://127.0.0.1:7411 --token-file "my token"' },
  ]);
});

test("on every address the commands dial those that others can reach", () => {
  const all = joinCommands("http://0.0.0.0:7411", { ...door, host: "0.0.0.0", tls: null }, ["10.0.0.5", "fd00::5"]);
  expect(all[0]?.command).toContain("--overseer http://10.0.0.5:7411 ");
  expect(all[1]?.command).toMatch(/^docker run .*"\$PWD\/my token:\/token:ro" loadstone-beacon:\S+ --overseer http:/);
  expect(all[1]?.command).toContain(' --user "$(id -u):$(id -g)" ');
  expect(all[2]).toMatchObject({ label: "also at" });
  expect(all[2]?.command).not.toContain("fd00");
});

test("with a certificate the commands dial names that it has, and say whom to trust", async () => {
  const tls = await loadTlsIdentity({ ...issued, clientAuthority: null }, now);
  const url = "https://0.0.0.0:7411";
  const all = joinCommands(url, { ...door, host: "0.0.0.0", tls }, ["10.0.0.5", "10.0.0.6"]);
  expect(all[0]?.command).toBe(
    'beacon --overseer https://overseer.example:7411 --token-file "my token" --ca AUTHORITY.pem',
  );
  expect(all[2]).toEqual({ label: "also at", command: "https://10.0.0.5:7411" });
  const self = await loadTlsIdentity({ ...own, clientAuthority: null }, now);
  const [first] = joinCommands("https://127.0.0.1:1", { ...door, host: "127.0.0.1", tls: self }, []);
  expect(first?.command).toMatch(/--ca own\.pem$/);
});

describe("from inside a container the commands name no file of it", () => {
  const join = {
    ...{ program: "beacon", tokenFile: "/run/secrets/token", certificateFile: "/run/secrets/own.pem" },
    inContainer: true,
  };

  test("but copies of them where the command is typed, and say of what and how the container is reached", () => {
    const all = joinCommands("http://0.0.0.0:7411", { host: "0.0.0.0", tls: null, join }, ["172.17.0.2"]);
    expect(all[0]?.command).toBe("beacon --overseer http://172.17.0.2:7411 --token-file token");
    expect(all[1]?.command).toContain('--volume "$PWD/token:/token:ro"');
    expect(all.at(-1)).toEqual({
      label: "note",
      command: expect.stringMatching(
        /^token is a copy of this container's \/run\/secrets\/token; from another machine/,
      ),
    });
  });

  test("neither its certificate, whose names are those that are dialled", async () => {
    const tls = await loadTlsIdentity({ ...own, clientAuthority: null }, now);
    const all = joinCommands("https://localhost:7411", { host: "localhost", tls, join }, []);
    expect(all[0]?.command).toMatch(/ --token-file token --ca own\.pem$/);
    expect(all.at(-1)?.command).toBe(
      "token is a copy of this container's /run/secrets/token, own.pem is a copy of this container's /run/secrets/own.pem",
    );
  });
});
