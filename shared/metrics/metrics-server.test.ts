import { request } from "node:http";
import { afterEach, expect, test } from "@jest/globals";
import type { MetricFamily } from "./exposition-text.ts";
import { MetricsServer } from "./metrics-server.ts";

const families: MetricFamily[] = [
  { type: "gauge", name: "answer", help: "of everything", series: [{ labels: {}, value: 42 }] },
];
const token = "a-token-for-scrapers";
const servers: MetricsServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(shown: string | null, read: () => MetricFamily[] = () => families): Promise<string> {
  const server = await MetricsServer.start({ host: "127.0.0.1", port: 0, token: shown }, read);
  servers.push(server);
  return server.url;
}

test("whoever asks gets the figures as they are at that moment", async () => {
  let looks = 0;
  const url = await serve(null, () => {
    looks++;
    return families;
  });
  expect(looks).toBe(0);
  const response = await fetch(url);
  expect(response.headers.get("content-type")).toContain("version=0.0.4");
  expect(await response.text()).toContain("answer 42\n");
  expect(looks).toBe(1);
});

test.each([
  ["none", {}, 401],
  ["a wrong one", { authorization: "Bearer another-token-of-some" }, 401],
  ["the right one", { authorization: `Bearer ${token}` }, 200],
])("where a token is wanted, %s gets %j", async (_, headers, status) => {
  const response = await fetch(await serve(token), { headers: headers as Record<string, string> });
  expect(response.status).toBe(status);
  if (status === 401) expect(await response.text()).not.toContain("answer");
});

test.each([
  ["localhost", 200],
  ["127.0.0.1", 200],
  ["[::1]", 200],
  ["page.example", 421],
  ["127.0.0.1.page.example", 421],
])("figures that no token guards are told under the name %s of this machine: %i", async (name, status) => {
  const { port } = new URL(await serve(null));
  const headers = { host: `${name}:${port}` };
  const answered = await new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path: "/metrics", headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once("error", reject)
      .end();
  });
  expect(answered).toBe(status);
});

test("nothing else is served, and nothing can be told", async () => {
  const url = await serve(null);
  expect((await fetch(url.replace("/metrics", "/"))).status).toBe(404);
  expect((await fetch(url, { method: "POST", body: "x" })).status).toBe(405);
});

test("figures that cannot be read are an answer, too", async () => {
  const url = await serve(null, () => {
    throw new Error("no figures");
  });
  expect((await fetch(url)).status).toBe(500);
  expect((await fetch(url)).status).toBe(500);
});

test("a port that is taken is said so", async () => {
  const { port } = new URL(await serve(null));
  const second = MetricsServer.start({ host: "127.0.0.1", port: Number(port), token: null }, () => families);
  await expect(second).rejects.toMatchObject({ code: "PORT_IN_USE" });
});
