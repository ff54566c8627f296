import { describe, expect, test } from "@jest/globals";
import { toEngineOptions } from "./engine-address.ts";
import { SshAgent, sshArguments } from "./ssh-agent.ts";

const plain = { certificates: null };

describe("an engine's address", () => {
  test.each([
    ["unix:///var/run/docker.sock", { socketPath: "/var/run/docker.sock" }],
    ["tcp://10.0.0.5", { protocol: "http", host: "10.0.0.5", port: 2375 }],
    ["tcp://[::1]:1234", { protocol: "http", host: "::1", port: 1234 }],
    ["https://engine.example", { protocol: "https", host: "engine.example", port: 2376 }],
  ])("%s", async (url, expected) => {
    expect(await toEngineOptions({ ...plain, url })).toEqual(expected);
  });

  test("ssh:// is left to the system's own ssh, with nothing set that its configuration may say better", async () => {
    expect(await toEngineOptions({ ...plain, url: "ssh://engine.example" })).toMatchObject({
      agent: expect.any(SshAgent),
    });
    const run = ["docker", "system", "dial-stdio"];
    expect(sshArguments({ host: "engine.example", user: null, port: null }).slice(-5)).toEqual([
      ...["--", "engine.example", ...run],
    ]);
    expect(sshArguments({ host: "-oProxyCommand=x", user: "ops", port: 2222 }).slice(-9)).toEqual([
      ...["-l", "ops", "-p", "2222", "--", "-oProxyCommand=x", ...run],
    ]);
  });

  test.each(["docker", "ftp://engine", ""])("refuses %j", async (url) => {
    await expect(toEngineOptions({ ...plain, url })).rejects.toMatchObject({ code: "CONFIGURATION_INVALID" });
  });
});
