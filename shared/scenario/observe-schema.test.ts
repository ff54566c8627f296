import { expect, test } from "@jest/globals";
import { observeSchema } from "./observe-schema.ts";

function problemsOf(written: unknown): string[] {
  const result = observeSchema.safeParse(written);
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const exporter = { name: "host", url: "http://10.0.0.5:9100/metrics", metrics: "host" };
const server = {
  name: "server",
  server: "https://prometheus.example",
  metrics: [{ name: "load", query: "sum(node_load1)" }],
};

test("exporters, nodes and servers with what is wanted of them", () => {
  const own = { ...exporter, name: "node", metrics: [{ name: "Peers", metric: 'nodeos_p2p_peers{a!~"b"}' }] };
  expect(problemsOf({ containers: [{ name: "a" }, { label: "b=c" }], prometheus: [exporter, own, server] })).toEqual(
    [],
  );
});

test("all that is wrong is said at once, each at its place", () => {
  const problems = problemsOf({
    containers: [{ nmae: "a" }],
    prometheus: [
      { ...exporter, server: "http://x" },
      { ...exporter, url: "http://user:secret@host/metrics" },
      {
        ...server,
        name: "b",
        metrics: [
          { name: "x", metric: "up" },
          { name: "x", query: "up" },
        ],
      },
      { ...exporter, name: "c", metrics: [{ name: "sum", metric: "sum(up)" }] },
      { ...server, name: "d", metrics: "host" },
      { ...exporter, name: "e", token: { env: "TOKEN" } },
      { ...exporter, name: "f", interval: "10ms" },
    ],
  });
  for (const expected of [
    "containers.0",
    "prometheus.0.server: expected either url or server",
    "prometheus.1.url: expected an http:// or https:// URL without user and password",
    "prometheus.2.metrics.0: expected a query",
    "prometheus.2.metrics.0.metric: goes with url",
    "prometheus.2.metrics.1.name: is named twice",
    "prometheus.3.metrics.0.metric: expected a metric",
    "prometheus.4.metrics: expected a list of queries",
    "prometheus.5.url: expected https",
    "prometheus.6.interval",
  ]) {
    expect(problems).toEqual(expect.arrayContaining([expect.stringContaining(expected)]));
  }
});

test("a token may go over http to this machine, and to others over https", () => {
  const token = { env: "TOKEN" };
  expect(problemsOf({ prometheus: [{ ...exporter, url: "http://127.0.0.1:9100/metrics", token }] })).toEqual([]);
  expect(problemsOf({ prometheus: [{ ...server, token }] })).toEqual([]);
  expect(problemsOf({ prometheus: [{ ...exporter, url: "http://127.0.0.1.example/metrics", token }] })).toHaveLength(1);
});
