import { describe, expect, test } from "@jest/globals";
import { delayProblems, planNodes } from "./node-plan.ts";

const peerPort = 1776;
const noDelays = { delayMs: 0, delays: [], peerPort };

describe("a plan of nodes", () => {
  test("each link is dialled once, by the later of the two, and full nodes are not linked to each other", () => {
    const { nodes, relays } = planNodes({ counts: { producers: 2, backups: 1, seeds: 1, full: 2 }, ...noDelays });
    expect(nodes.map(({ name, role, peers }) => [name, role, peers.map((peer) => peer.replace(":1776", ""))])).toEqual([
      ["producer-1", "producer", []],
      ["producer-2", "producer", ["producer-1"]],
      ["backup-1", "backup", ["producer-1", "producer-2"]],
      ["seed-1", "seed", ["producer-1", "producer-2", "backup-1"]],
      ["full-1", "full", ["producer-1", "producer-2", "backup-1", "seed-1"]],
      ["full-2", "full", ["producer-1", "producer-2", "backup-1", "seed-1"]],
    ]);
    expect(relays).toEqual([]);
  });

  test("a slow link leads through a relay, in whichever order its ends are named", () => {
    const delays = [
      { between: ["full-1", "producer-1"] as const, ms: 80 },
      { between: ["producer-1", "producer-2"] as const, ms: 0 },
    ];
    const counts = { producers: 2, backups: 0, seeds: 0, full: 1 };
    const { nodes, relays } = planNodes({ counts, delayMs: 20, delays, peerPort });
    expect(nodes.at(-1)?.peers).toEqual(["link-full-1-producer-1:1776", "link-full-1-producer-2:1776"]);
    expect(nodes[1]?.peers).toEqual(["producer-1:1776"]);
    expect(relays).toEqual([
      { name: "link-full-1-producer-1", to: "producer-1", delayMs: 80 },
      { name: "link-full-1-producer-2", to: "producer-2", delayMs: 20 },
    ]);
  });

  test("delays between nodes that are not there or not linked are refused, all at once", () => {
    const delays = [
      { between: ["full-1", "full-2"] as const, ms: 1 },
      { between: ["producer-1", "producer-9"] as const, ms: 1 },
      { between: ["producer-1", "full-2"] as const, ms: 1 },
    ];
    const counts = { producers: 1, backups: 0, seeds: 0, full: 2 };
    expect(delayProblems(counts, delays, "network.delays")).toEqual([
      {
        path: "network.delays[0].between",
        value: "[full-1, full-2]",
        expected: "expected two nodes that are linked; full-1 is linked to producer-1",
      },
      { path: "network.delays[1].between", value: "[producer-1, producer-9]", expected: expect.any(String) },
    ]);
  });
});
