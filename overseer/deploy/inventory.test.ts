import { expect, test } from "@jest/globals";
import type { Holding, Resource } from "./deployer.ts";
import { reasonToKeep } from "./inventory.ts";
import { labelsOf, taskLabelsOf } from "./labels.ts";

function holding(...resources: readonly Pick<Resource, "kind" | "labels">[]): Holding {
  return { deployment: "lab", resources: resources.map((one, i) => ({ id: `${i}`, name: `${i}`, ...one })) };
}

const task = {
  kind: "container",
  labels: { ...taskLabelsOf("lab", "beacon"), "com.docker.swarm.task.id": "x" },
} as const;
const volume = { kind: "volume", labels: taskLabelsOf("lab", "storage") } as const;
const ownerGone = { "loadstone.owner": labelsOf("lab", "beacon")["loadstone.owner"]?.replace(/\d+$/, "1") ?? "" };

test("tasks of a swarm whose manager is another engine are not swept, nor are the volumes that they have", () => {
  expect(reasonToKeep(holding(task, volume))).toBe("tasks");
});

test("what tasks have left on an engine is swept", () => {
  expect(reasonToKeep(holding(volume))).toBeNull();
});

test("tasks go with their service, whose owner decides", () => {
  const labels = labelsOf("lab", "beacon");
  expect(reasonToKeep(holding(task, volume, { kind: "service", labels }))).toBe("owned");
  expect(reasonToKeep(holding(task, volume, { kind: "service", labels: { ...labels, ...ownerGone } }))).toBeNull();
});

test("what was complete is kept, whoever made it", () => {
  const labels = { ...labelsOf("lab", "complete"), ...ownerGone };
  expect(reasonToKeep(holding({ kind: "volume", labels }))).toBe("complete");
});
