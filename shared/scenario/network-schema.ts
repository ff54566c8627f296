import { z } from "zod";
import { networkBehaviourSchema, nodeBehaviourSchema, topologySchema } from "../devnet/config.ts";
import { topologyNames } from "../devnet/topologies.ts";
import { embeddedSettingForms, type SettingField } from "./embedded-settings.ts";
import type { NetworkTarget } from "./scenario.ts";
import { bytes, containerShape, duration, limits, refused, text, whole } from "./schema-parts.ts";

type ContainerSettings = NonNullable<Extract<NetworkTarget, { kind: "embedded" }>["container"]>;

/** The devnet's own schema with a text for each field, for editors; the types see to it that none is forgotten. */
function described<S extends Record<string, z.ZodType>>(
  schema: z.ZodObject<S>,
  texts: { readonly [K in keyof S]: string },
): z.ZodObject<S, z.core.$strict> {
  const fields = Object.entries(schema.shape).map(([key, field]) => [key, field.describe(texts[key] as string)]);
  return z.strictObject(Object.fromEntries(fields) as S);
}

const nodeBehaviour = described(nodeBehaviourSchema, {
  capacityPerSecond: "Transactions per second that the node takes off its queue; null: as fast as it can.",
  answerDelay: "Held back before each broadcast's answer: fixed, points with weights, or log-normal; null: nothing.",
  stalls: "The node neither reads nor answers during these; milliseconds after the network is ready.",
  outages: "The node is gone during these, to clients and to other nodes; milliseconds after the network is ready.",
  dropConnectionsAtMs: "All client connections are cut at these times, in milliseconds after the network is ready.",
  rejectShare: "Share (0 to 1) of broadcasts that are refused although nothing is wrong with them.",
  dropAnswerShare: "Share (0 to 1) of broadcasts that are taken in but never answered.",
  forgetShare: "Share (0 to 1) of broadcasts that are answered as accepted but never put into a block.",
});

const networkBehaviour = described(networkBehaviourSchema, {
  propagationDelayMs: "From one node to another, each message, in milliseconds.",
  linkDelays: "Delays of their own for pairs of nodes (positions from 0), both ways, in milliseconds.",
  missedSlotShare: "Share (0 to 1) of slots in which nothing is produced.",
  partitions: "Nodes (positions from 0) are split into two sides for a while; the shorter side's blocks are orphaned.",
  orphanedReturn: "Whether transactions of orphaned blocks go back to the pool, as with real nodes.",
});

const topology = described(topologySchema, {
  roles: "What each node does: producer, backup, full or seed; clients reach the full ones, called node-1, node-2, …",
  links: "Pairs of positions (from 0) of nodes that are connected, both ways.",
});

const counts = z.strictObject({
  producers: whole(1, limits.embeddedNodes, "a number of nodes").default(1).describe("Nodes that make blocks."),
  backups: whole(0, limits.embeddedNodes, "a number of nodes")
    .default(0)
    .describe("Nodes that make them while a producer is gone."),
  seeds: whole(0, limits.embeddedNodes, "a number of nodes")
    .default(0)
    .describe("Nodes that only pass on what they hear from others."),
  full: whole(1, limits.embeddedNodes, "a number of nodes").describe("Nodes that serve clients: node-1, node-2, …"),
});

/** Which of them a chain has, and their defaults, only shows with the chain. */
const settingFields = Object.fromEntries(
  embeddedSettingForms().map(({ field, unit, schema, description }) => {
    const form = unit === null ? withoutDefault(schema) : unit === "bytes" ? bytes : duration(1, "1us");
    return [field, form.optional().describe(description)];
  }),
) as { readonly [F in SettingField]: z.ZodOptional<z.ZodType<unknown>> };

function withoutDefault(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodDefault ? (schema.unwrap() as z.ZodType) : schema;
}

const embeddedSchema = z.strictObject(
  {
    nodes: whole(1, limits.embeddedNodes, "a number of nodes")
      .optional()
      .describe("How many nodes serve clients; they are called node-1, node-2, … Default: 3, or as the topology says."),
    topology: z
      .union(
        [z.enum(topologyNames), counts, topology],
        refused(`expected ${topologyNames.join(", ")}, { producers, backups, seeds, full } or { roles, links }`),
      )
      .nullable()
      .default(null)
      .describe("Who is there and who is connected to whom; null: every node makes blocks and knows every other."),
    ...settingFields,
    nodeBehaviours: z
      .array(nodeBehaviour)
      .default([])
      .describe("How each node behaves, in the order of the nodes; those beyond the list behave normally."),
    networkBehaviour: networkBehaviour
      .prefault({})
      .describe("How messages and blocks travel between the nodes, missed slots and partitions."),
  },
  refused("expected the embedded network's settings"),
);

const dockerSchema = embeddedSchema.extend({
  ...containerShape,
  publish: z
    .union([z.ipv4(), z.ipv6()], refused("expected an address of the engine's host such as 10.0.0.5"))
    .nullable()
    .default(null)
    .describe("Address of the engine's host on which the nodes listen. Without it: only that host reaches them."),
});

/** Also where a node is named outside of a scenario. */
export const nodeAddressSchema = text(
  'expected the address of a node such as "ws://10.0.0.5:8090" or "http://10.0.0.5:8888"',
  /^(wss?|https?):\/\/[^\s/]+/,
);
export const chainIdSchema = text("expected a chain id of 64 hexadecimal digits", /^[0-9a-f]{64}$/);

const endpointsSchema = z
  .array(nodeAddressSchema, refused("expected a list of node addresses"))
  .min(1, refused("expected at least one node address"))
  .max(limits.nodes, refused(`expected at most ${limits.nodes} node addresses`));

export const networkSchema = z
  .union(
    [
      z
        .strictObject({ embedded: embeddedSchema.describe("Starts a network of its own for the run.") })
        .transform(({ embedded }) => ({ embedded, container: null as ContainerSettings | null })),
      z
        .strictObject({ docker: dockerSchema.describe("Starts such a network in a container, for the run.") })
        .transform(({ docker: { image, cpus, memory, publish, ...embedded } }) => ({
          embedded,
          container: { image, cpus, memoryBytes: memory, publish } as ContainerSettings | null,
        })),
      z.strictObject({
        endpoints: endpointsSchema.describe("Addresses of nodes of one network; they are called node-1, node-2, …"),
        chainId: chainIdSchema
          .nullable()
          .default(null)
          .describe("The chain id that the nodes must have. Without it the nodes only have to agree with each other."),
      }),
    ],
    refused("expected { embedded: … }, { docker: … } or { endpoints: [ … ] }"),
  )
  .describe("The network that is put under load: an embedded one, or existing nodes.");
