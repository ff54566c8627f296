import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type CertificateFiles, makeCertificate } from "../server/testing/make-certificate.ts";
import { deployedDoorOf } from "./door.ts";
import { createFakeIo } from "./fake-io.ts";

let folder: string;
let own: CertificateFiles;
let issued: CertificateFiles;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loadstone-"));
  own = await makeCertificate(folder, "own", { names: "DNS:overseer.example,IP:10.0.0.5" });
  issued = await makeCertificate(folder, "issued", { issuer: own, names: "IP:10.0.0.5" });
});

afterAll(() => rm(folder, { recursive: true }));

const filesOf = ({ certificate, key }: CertificateFiles) => ({ "tls-cert": certificate, "tls-key": key });

describe("the door for beacons that a run deploys", () => {
  test("is in their own network unless an address is given", async () => {
    expect(await deployedDoorOf({}, createFakeIo())).toBeNull();
  });

  test("is in the clear on a given address only where that is said", async () => {
    const listen = "10.0.0.5:7411";
    await expect(deployedDoorOf({ listen }, createFakeIo())).rejects.toMatchObject({ code: "CONFIGURATION_INVALID" });
    expect(await deployedDoorOf({ listen, "without-tls": true }, createFakeIo())).toEqual({
      host: "10.0.0.5",
      port: 7411,
      tls: null,
      authority: null,
    });
  });

  test("has the certificate that vouches for itself handed to them", async () => {
    const door = await deployedDoorOf({ listen: "overseer.example:7411", ...filesOf(own) }, createFakeIo());
    expect(door?.tls?.authority).toBe("itself");
    expect(door?.authority).toBe(door?.tls?.certificate.trim());
  });

  test.each([
    ["an address that the certificate lacks", "10.0.0.6:7411", () => own, "expected 10.0.0.6 among its names"],
    ["an authority that nobody could hand over", "10.0.0.5:7411", () => issued, "certificate of its authority"],
  ])("refuses %s, before anything is started", async (_, listen, files, expected) => {
    await expect(deployedDoorOf({ listen, ...filesOf(files()) }, createFakeIo())).rejects.toMatchObject({
      code: "CONFIGURATION_INVALID",
      problems: [{ path: "--tls-cert", expected: expect.stringContaining(expected) }],
    });
  });

  test.each([
    ["every address, which nobody can dial", () => ({ listen: "0.0.0.0:7411", "without-tls": true })],
    ["loopback, which is each container's own", () => ({ listen: "127.0.0.1:7411" })],
    ["a certificate without the address that is in it", () => filesOf(own)],
    ["a token, which the run makes itself", () => ({ "token-file": "token" })],
    ["certificates that they do not have", () => ({ "tls-client-ca": own.certificate })],
  ])("refuses %s", async (_, args) => {
    await expect(deployedDoorOf(args(), createFakeIo())).rejects.toMatchObject({ code: "USAGE" });
  });
});
