import { expect, test } from "@jest/globals";
import type { DeploymentStatus } from "../../deploy/deployer.ts";
import { statusText } from "./status-text.ts";

const left: DeploymentStatus = {
  name: "lab",
  mode: "containers",
  complete: false,
  kept: null,
  parts: [],
  rest: { network: 0, volume: 1, secret: 0 },
};

const part = { name: "beacon-1", role: "beacon", image: "loadstone-beacon:0", detail: "Up 2 minutes", node: null };

test.each<[string, Partial<DeploymentStatus>, string]>([
  ["a volume alone", {}, "lab: no containers any more, only 1 volume; removed by: overseer deploy sweep\n"],
  [
    "what is left of one that was meant to stay",
    { kept: "complete", rest: { network: 1, volume: 2, secret: 0 } },
    "lab: no containers any more, only 1 network, 2 volumes; removed by: overseer deploy down lab\n",
  ],
  [
    "what another machine has begun",
    { kept: "foreign", rest: { network: 0, volume: 0, secret: 1 } },
    "lab: no containers any more, only 1 secret, begun on another machine and not complete; removed by: overseer deploy down lab\n",
  ],
  ["what is being made", { kept: "owned" }, "lab: no containers, only 1 volume, held by a process that runs\n"],
])("%s is called what it is, with the command that removes it", (_, changes, text) => {
  expect(statusText({ ...left, ...changes }, 80)).toBe(text);
});

test("containers are counted by whether they run, and their volumes are not told", () => {
  const parts = [
    { ...part, state: "running" },
    { ...part, name: "beacon-2", state: "exited" },
  ];
  const text = statusText({ ...left, kept: "complete", parts }, 80);
  expect(text).toMatch(/^lab \(containers\): 1 of 2 running\n/);
  expect(text).toContain("  beacon-2  exited");
  expect(text).not.toContain("volume");
});
