import { expect } from "@jest/globals";
import { type Case, longer, passes } from "./case.ts";

export const networkCases: readonly Case[] = [
  {
    what: "a node dies and comes back after 5 s",
    stage: "broadcasting",
    how: "one of two",
    options: { endpoints: true, scenario: longer },
    code: 0,
    act: async (bench) => {
      await bench.loseNode(1, 5000);
      return undefined;
    },
    check: (summary) => {
      const { sent, shed, unanswered, planned } = summary.overall.counts;
      expect(sent + shed).toBe(planned);
      expect(shed).toBeGreaterThan(50);
      expect(shed + unanswered).toBeLessThan(300);
      expect(summary.errors.some((error) => error.reason === "node-unreachable")).toBe(true);
      // It is sent to again once it is back.
      const node = summary.breakdowns.byNode.find(({ name }) => name === "node-2");
      expect(node?.counts.sent).toBeGreaterThan(350);
    },
  },
  {
    what: "the network is killed",
    stage: "broadcasting",
    how: "embedded",
    code: 113,
    act: async (bench) => {
      process.kill(await bench.networkPid(), "SIGKILL");
      return undefined;
    },
  },
  {
    what: "the network is frozen for 3 s",
    stage: "broadcasting",
    how: "embedded",
    code: 0,
    act: async (bench) => {
      const pid = await bench.networkPid();
      process.kill(pid, "SIGSTOP");
      await passes(3000);
      process.kill(pid, "SIGCONT");
      return undefined;
    },
    check: ({ overall }) => expect(overall.counts.sent).toBe(480),
  },
];
