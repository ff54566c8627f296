import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import type { ContainerInfo } from "dockerode";
import { messageOf } from "../../shared/errors/app-error.ts";
import type { ContainerSelector } from "../../shared/scenario/observe-settings.ts";
import {
  type ContainerTotals,
  containerMeasures,
  type EngineStatistics,
  totalsOf,
  usageBetween,
} from "../resources/container-usage.ts";
import type { ResourceSink, ResourceWatcher } from "../resources/resource-sink.ts";
import { labelNames } from "./labels.ts";

/** Containers may come and go: a swarm starts lost tasks again, and others under new names. */
const lookEveryMs = 2000;

/** The statistics of all containers that the selectors find in an engine, which sends them once a second. */
export function containerWatcher(
  openEngine: (signal: AbortSignal) => Promise<Docker>,
  selectors: readonly ContainerSelector[],
): ResourceWatcher {
  return {
    async watch(sink: ResourceSink, signal: AbortSignal): Promise<void> {
      const followed = new Map<string, { readonly name: string; readonly end: Promise<void> }>();
      const look = async (): Promise<void> => {
        const engine = await openEngine(signal);
        const found = await engine.listContainers({ all: true });
        for (const selector of selectors) {
          if (!found.some((container) => isChosen(container, selector))) {
            missing(sink, selector, "the engine has no such container");
          }
        }
        for (const container of found) {
          if (followed.has(container.Id) || container.State !== "running") continue;
          if (!selectors.some((selector) => isChosen(container, selector))) continue;
          const taken = [...followed.values()].map(({ name }) => name);
          const name = [shortNameOf(container), nameOf(container)].find((one) => !taken.includes(one)) ?? container.Id;
          const end = follow(engine, container, name, sink, signal).finally(() => followed.delete(container.Id));
          followed.set(container.Id, { name, end });
        }
      };
      while (!signal.aborted) {
        try {
          await look();
        } catch (error) {
          if (signal.aborted) break;
          for (const selector of selectors) missing(sink, selector, messageOf(error));
        }
        await delay(lookEveryMs, undefined, { signal }).catch(() => undefined);
      }
      await Promise.all([...followed.values()].map(({ end }) => end));
    },
  };
}

function isChosen({ Names, Labels }: ContainerInfo, selector: ContainerSelector): boolean {
  switch (selector.kind) {
    case "name":
      return Names.includes(`/${selector.name}`);
    case "deployment":
      return Labels[labelNames.deployment] === selector.deployment;
    case "label": {
      const [key = "", ...value] = selector.label.split("=");
      return value.length === 0 ? key in Labels : Labels[key] === value.join("=");
    }
  }
}

function missing(sink: ResourceSink, selector: ContainerSelector, why: string): void {
  sink.found({ name: describe(selector), kind: "container", about: "not found", measures: [] }).failed(why);
}

/** What stands for the containers where there are none. */
function describe(selector: ContainerSelector): string {
  switch (selector.kind) {
    case "name":
      return selector.name;
    case "deployment":
      return `deployment ${selector.deployment}`;
    case "label":
      return `label ${selector.label}`;
  }
}

/** Until the container is gone or the signal is aborted. */
async function follow(
  engine: Docker,
  container: ContainerInfo,
  name: string,
  sink: ResourceSink,
  signal: AbortSignal,
): Promise<void> {
  const feed = sink.found({ name, kind: "container", about: container.Image, measures: containerMeasures });
  let before: ContainerTotals | null = null;
  try {
    const stream = (await engine.getContainer(container.Id).stats({ stream: true })) as Readable;
    const lines = createInterface({ input: stream });
    // A stream that is destroyed has no end that its reader would come to.
    const end = (): void => {
      lines.close();
      stream.destroy();
    };
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    stream.once("error", end);
    stream.once("close", end);
    for await (const line of lines) {
      if (line === "") continue;
      const now = totalsOf(JSON.parse(line) as EngineStatistics);
      if (now === null) feed.failed("the container does not run");
      else if (before !== null && now.atSeconds > before.atSeconds) feed.sample(usageBetween(before, now));
      before = now;
    }
    signal.removeEventListener("abort", end);
    if (!signal.aborted) feed.failed("the container is gone");
  } catch (error) {
    if (!signal.aborted) feed.failed(messageOf(error));
  }
}

function nameOf({ Id, Names }: ContainerInfo): string {
  return Names[0]?.slice(1) ?? Id.slice(0, 12);
}

/** Without what all containers of a deployment, or all tasks of a service, have in common. */
function shortNameOf(container: ContainerInfo): string {
  const { Labels } = container;
  const task = Labels["com.docker.swarm.task.name"];
  const name = task === undefined ? nameOf(container) : task.split(".").slice(0, 2).join(".");
  const deployment = Labels[labelNames.deployment];
  return deployment === undefined ? name : name.replace(`loadstone-${deployment}-`, "");
}
