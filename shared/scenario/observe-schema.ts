import { z } from "zod";
import { parseSelector } from "./metric-selector.ts";
import { metricPresets, metricUnits } from "./observe-settings.ts";
import { isThisMachine, plainUrl } from "./plain-url.ts";
import { duration, refused, secretSourceSchema, text } from "./schema-parts.ts";

const expectedContainers = "expected containers such as { name: node-1 }, { deployment: lab } or { label: tier=chain }";

const containerSchema = z.union(
  [
    z
      .strictObject({ name: z.string().min(1).describe("Name of a container.") })
      .transform(({ name }) => ({ kind: "name" as const, name })),
    z
      .strictObject({ deployment: z.string().min(1).describe("All that overseer deploy made under this name.") })
      .transform(({ deployment }) => ({ kind: "deployment" as const, deployment })),
    z
      .strictObject({ label: z.string().min(1).describe("All with this label, as key or key=value.") })
      .transform(({ label }) => ({ kind: "label" as const, label })),
  ],
  refused(expectedContainers),
);

const expectedExpression = "expected a metric or a query";

const metricSchema = z
  .strictObject({
    name: text("expected a name of up to 64 characters", /^.{1,64}$/).describe("What it is called in the report."),
    metric: z
      .string(refused(expectedExpression))
      .min(1, refused(expectedExpression))
      .optional()
      .describe(
        'With url: the metric, with matchers if it needs them, such as nodeos_p2p_peers or x_total{mode!="idle"}.',
      ),
    query: z
      .string(refused(expectedExpression))
      .min(1, refused(expectedExpression))
      .optional()
      .describe("With server: a PromQL query that gives one value."),
    kind: z
      .enum(["gauge", "counter"], refused("expected gauge or counter"))
      .default("gauge")
      .describe("With metric: counter is shown as what it rises by in a second."),
    unit: z
      .enum(metricUnits, refused(`expected one of ${metricUnits.join(", ")}`))
      .default("count")
      .describe("Of what is shown, so of a counter's rise in a second."),
  })
  .describe("One figure of the report.");

const expectedPresets = metricPresets.join(", ");

const prometheusSchema = z
  .strictObject(
    {
      name: text("expected a name of up to 64 characters", /^.{1,64}$/).describe("What it is called in the report."),
      url: plainUrl
        .optional()
        .describe("What answers with Prometheus' text format itself, such as http://10.0.0.5:9100/metrics."),
      server: plainUrl
        .optional()
        .describe("A Prometheus server, such as http://10.0.0.9:9090, which is asked with queries."),
      metrics: z
        .union(
          [
            z.enum(metricPresets, refused(`expected one of ${expectedPresets}, or a list of metrics`)),
            z.array(metricSchema).min(1, refused("expected at least one metric")),
          ],
          refused(`expected one of ${expectedPresets}, or a list of metrics`),
        )
        .describe("What is taken: host (a node_exporter), process, antelope (nodeos), or a list."),
      interval: duration(1_000_000, "1s").prefault("2s").describe("How often it is asked, at least 1s."),
      token: secretSourceSchema
        .nullable()
        .default(null)
        .describe("Where the bearer token is that it wants: { file: … } or { env: … }."),
      ca: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe("With https: file with certificates of an authority of your own, relative to the scenario."),
    },
    refused("expected { name: …, url: …, metrics: … }"),
  )
  .superRefine((target, context) => {
    const add: Add = (message, path, input) => {
      context.issues.push({ code: "custom", message, path, input });
    };
    const { url: exporter, server, metrics, token, ca } = target;
    if ((exporter === undefined) === (server === undefined)) {
      add("expected either url or server", [server === undefined ? "url" : "server"], server);
    }
    const address = exporter ?? server ?? "";
    if (token !== null && !address.startsWith("https:") && !isThisMachine(address)) {
      add(
        "expected https, because others could read the token on the way",
        [exporter === undefined ? "server" : "url"],
        address,
      );
    }
    if (ca !== null && !address.startsWith("https:")) add("does nothing without https", ["ca"], ca);
    if (typeof metrics !== "string") checkMetrics(metrics, server !== undefined, add);
    else if (server !== undefined) add("expected a list of queries, because it is a server", ["metrics"], metrics);
  });

type Add = (message: string, path: (string | number)[], input: unknown) => void;

function checkMetrics(metrics: readonly z.output<typeof metricSchema>[], ofServer: boolean, add: Add): void {
  const names = metrics.map(({ name }) => name);
  for (const [i, written] of metrics.entries()) {
    const { name, metric, query } = written;
    const path = ["metrics", i];
    if (names.indexOf(name) < i) add("is named twice", [...path, "name"], name);
    if (ofServer) {
      if (query === undefined) add("expected a query, because it is a server", path, written);
      if (metric !== undefined) add("goes with url and not with server", [...path, "metric"], metric);
      continue;
    }
    if (query !== undefined) add("goes with server and not with url", [...path, "query"], query);
    if (metric === undefined) add("expected a metric", path, written);
    else if (parseSelector(metric) === null) {
      add('expected a metric such as node_load1 or node_cpu_seconds_total{mode!="idle"}', [...path, "metric"], metric);
    }
  }
}

/** What is looked at during a run besides the beacons and the blocks. */
export const observeSchema = z
  .strictObject(
    {
      containers: z
        .array(containerSchema, refused(expectedContainers))
        .default([])
        .describe(
          "Containers of the engine whose statistics are taken once a second; those of the run are in any case.",
        ),
      prometheus: z
        .array(prometheusSchema, refused("expected a list of what is to be asked"))
        .default([])
        .superRefine((targets, context) => {
          for (const [i, { name }] of targets.entries()) {
            if (targets.findIndex((target) => target.name === name) === i) continue;
            context.issues.push({ code: "custom", message: "is named twice", path: [i, "name"], input: name });
          }
        })
        .describe("Exporters, nodes and Prometheus servers that are asked while the run is on."),
    },
    refused("expected containers and prometheus"),
  )
  .describe(
    "What is looked at during the run besides beacons and blocks. Failures show as gaps and never fail the run.",
  );
