import { describe, expect, test } from "@jest/globals";
import { toEngineOptions } from "./engine-address.ts";

const plain = { certificates: null, sshAgent: null };

describe("an engine's address", () => {
  test.each([
    ["unix:///var/run/docker.sock", { socketPath: "/var/run/docker.sock" }],
    ["tcp://10.0.0.5", { protocol: "http", host: "10.0.0.5", port: 2375 }],
    ["tcp://[::1]:1234", { protocol: "http", host: "::1", port: 1234 }],
    ["https://engine.example", { protocol: "https", host: "engine.example", port: 2376 }],
    ["ssh://ops@engine.example:2222", { protocol: "ssh", host: "engine.example", port: 2222, username: "ops" }],
  ])("%s", async (url, expected) => {
    expect(await toEngineOptions({ ...plain, url })).toEqual(expected);
  });

  test.each(["docker", "ftp://engine", ""])("refuses %j", async (url) => {
    await expect(toEngineOptions({ ...plain, url })).rejects.toMatchObject({ code: "CONFIGURATION_INVALID" });
  });
});
