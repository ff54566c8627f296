import { afterEach, describe, expect, test } from "@jest/globals";
import { io, type Socket } from "socket.io-client";
import { type Hello, protocolVersion, refusalDataSchema } from "../../shared/protocol/messages.ts";
import { release } from "../../shared/release.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { BeaconGateway } from "./beacon-gateway.ts";
import type { BeaconSession } from "./beacon-session.ts";

const token = "a-token-of-some-length";
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function hello(changes: Partial<Hello> = {}): Hello {
  return {
    protocolVersion,
    role: "beacon",
    token,
    name: "b1",
    instance: "instance-1",
    labels: {},
    host: { hostname: "h", platform: "p", cpuModel: "c", cpus: 1, memoryBytes: 1, node: "v20", version: "0", pid: 1 },
    ...changes,
  };
}

async function open() {
  const arrivals: BeaconSession[] = [];
  const refusals: string[] = [];
  const gateway = new BeaconGateway(
    { host: "127.0.0.1", port: 0, token, tls: null },
    {
      clock: systemClock,
      onArrival: (session) => arrivals.push(session),
      onRefusal: (_, cause) => refusals.push(cause),
    },
  );
  const url = await gateway.listen();
  cleanUps.push(() => gateway.close());
  const dial = (
    auth: object,
    headers: Record<string, string> = {},
    answers: Readonly<Record<string, unknown>> = {},
  ): Promise<{ socket: Socket; refused: string | null; data?: unknown }> =>
    new Promise((resolve) => {
      const socket = io(`${url}/beacons`, {
        transports: ["websocket"],
        auth,
        extraHeaders: headers,
        reconnection: false,
        forceNew: true,
      });
      cleanUps.push(() => socket.disconnect());
      // Before it connects, as a beacon does: the overseer may ask at once.
      for (const [event, answer] of Object.entries(answers)) {
        socket.on(event, (_: unknown, reply: (answer: unknown) => void) => reply(answer));
      }
      socket.once("connect", () => resolve({ socket, refused: null }));
      socket.once("connect_error", (error) =>
        resolve({ socket, refused: error.message, data: (error as { data?: unknown }).data }),
      );
    });
  return { gateway, url, arrivals, refusals, dial };
}

describe("the door for beacons", () => {
  test.each([
    ["a wrong token", { token: "another-token-of-length" }, /token/],
    ["no token", { token: undefined }, /token/],
    ["another protocol version", { protocolVersion: protocolVersion + 1 }, /protocol version/],
    ["a name that is no name", { name: "../../etc" }, /incomplete: name/],
  ])("turns away %s and says why", async (_, changes, cause) => {
    const { dial, refusals, arrivals } = await open();
    const { refused } = await dial({ ...hello(), ...changes });
    expect(refused).toMatch(cause);
    expect(refusals).toHaveLength(1);
    expect(JSON.stringify(refusals)).not.toContain("another-token-of-length");
    expect(arrivals).toHaveLength(0);
  });

  test("names the releases of both sides to a beacon of another protocol version", async () => {
    const { dial, refusals } = await open();
    const { host } = hello();
    const { refused } = await dial(
      hello({ protocolVersion: protocolVersion + 1, host: { ...host, version: "9.8.7" } }),
    );
    for (const text of [refused, ...refusals]) {
      expect(text).toContain(`version ${protocolVersion + 1} (release 9.8.7)`);
      expect(text).toContain(`version ${protocolVersion} (release ${release})`);
    }
  });

  test("holds off who shows many wrong tokens, tells it once, and says when to come again", async () => {
    const { dial, refusals } = await open();
    for (let i = 0; i < 10; i++) await dial(hello({ token: `wrong-token-number-${i}` }));
    expect(refusals).toHaveLength(10);
    const errors = await Promise.all([dial(hello()), dial(hello())]);
    expect(refusals).toHaveLength(11);
    for (const { data } of errors) expect(refusalDataSchema.parse(data).retryAfterMs).toBeGreaterThan(50_000);
    expect(JSON.stringify(refusals)).not.toContain("wrong-token");
  });

  test("turns away a web page, which CORS would not stop", async () => {
    const { dial, arrivals } = await open();
    const { refused } = await dial(hello(), { origin: "http://evil.example" });
    expect(refused).not.toBeNull();
    expect(arrivals).toHaveLength(0);
  });

  test("a name belongs to the process that has it, which may come back", async () => {
    const { dial, arrivals, gateway } = await open();
    const first = await dial(hello());
    expect(first.refused).toBeNull();
    const other = await dial(hello({ instance: "instance-2" }));
    expect(other.refused).toMatch(/taken/);
    first.socket.disconnect();
    const again = await dial(hello());
    expect(again.refused).toBeNull();
    expect(arrivals).toHaveLength(1);
    expect(gateway.sessions.size).toBe(1);
  });

  test("a request waits for a beacon that is away, and gives up at its deadline", async () => {
    const { dial, arrivals } = await open();
    const first = await dial(hello());
    const session = arrivals[0] as BeaconSession;
    const gone = new Promise((resolve) => session.listen({ epoch: 1, onConnection: resolve } as never));
    first.socket.disconnect();
    await gone;
    session.unlisten(1);
    const asked = session.request("release", { epoch: 1 }, 10_000);
    const again = await dial(hello(), {}, { release: { ok: true, value: null } });
    await expect(asked).resolves.toBeNull();
    again.socket.off("release");
    await expect(session.request("release", { epoch: 1 }, 50)).rejects.toMatchObject({ code: "BEACON_LOST" });
  });

  test("a request to a beacon that is given up fails at once", async () => {
    const { dial, arrivals } = await open();
    await dial(hello());
    const session = arrivals[0] as BeaconSession;
    const asked = session.request("release", { epoch: 1 }, 60_000);
    session.abandon("was lost: its process ended");
    await expect(asked).rejects.toMatchObject({ code: "BEACON_LOST", message: expect.stringContaining("its process") });
    await expect(session.request("release", { epoch: 1 }, 60_000)).rejects.toMatchObject({ code: "BEACON_LOST" });
  });

  test("a request is cut off by its signal, whether the beacon is there or away", async () => {
    const { dial, arrivals } = await open();
    const { socket } = await dial(hello());
    const session = arrivals[0] as BeaconSession;
    const cut = new AbortController();
    const asked = session.request("collect", { epoch: 1 }, 60_000, cut.signal);
    const gone = new Promise((resolve) => session.listen({ epoch: 1, onConnection: resolve } as never));
    socket.disconnect();
    await gone;
    const askedInVain = session.request("collect", { epoch: 1 }, 60_000, cut.signal);
    cut.abort(new Error("cut"));
    await expect(asked).rejects.toThrow("cut");
    await expect(askedInVain).rejects.toThrow("cut");
  });

  test("a door that closes keeps no request waiting", async () => {
    const { dial, arrivals, gateway } = await open();
    await dial(hello());
    const asked = arrivals[0]?.request("collect", { epoch: 1 }, 60_000);
    const refused = expect(asked).rejects.toMatchObject({ code: "BEACON_LOST" });
    await gateway.close();
    await refused;
  });

  test("a beacon's own error arrives as that error", async () => {
    const { dial, arrivals } = await open();
    await dial(
      hello(),
      {},
      {
        collect: { ok: false, error: { code: "NETWORK_UNREACHABLE", message: "no node", problems: [] } },
      },
    );
    await expect(arrivals[0]?.request("collect", { epoch: 1 }, 5000)).rejects.toMatchObject({
      code: "NETWORK_UNREACHABLE",
      message: "beacon b1: no node",
    });
  });

  test("a short token is refused before anything listens", async () => {
    const gateway = new BeaconGateway(
      { host: "127.0.0.1", port: 0, token: "short", tls: null },
      { clock: systemClock, onArrival: () => undefined, onRefusal: () => undefined },
    );
    await expect(gateway.listen()).rejects.toMatchObject({ code: "CONFIGURATION_INVALID" });
    await gateway.close();
  });

  test("a port that is taken is named", async () => {
    const { url } = await open();
    const port = Number(new URL(url).port);
    const second = new BeaconGateway(
      { host: "127.0.0.1", port, token, tls: null },
      { clock: systemClock, onArrival: () => undefined, onRefusal: () => undefined },
    );
    await expect(second.listen()).rejects.toMatchObject({ code: "PORT_IN_USE" });
    await second.close();
  });
});
