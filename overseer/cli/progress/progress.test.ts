import { expect, test } from "@jest/globals";
import type { LiveView } from "../../run/progress.ts";
import { createFakeIo } from "../fake-io.ts";
import { JsonProgress } from "./json-progress.ts";
import { PlainProgress } from "./plain-progress.ts";
import { PointProgress } from "./point-progress.ts";
import { TerminalProgress } from "./terminal-progress.ts";

const view: LiveView = {
  stage: "broadcasting",
  elapsedMicros: 33e6,
  phase: { name: "climb", number: 2, of: 3, measured: true, intoMicros: 28e6, durationMicros: 60e6 },
  totals: {
    planned: 156_250,
    due: 30_000,
    sent: 30_000,
    accepted: 29_990,
    rejected: 0,
    unanswered: 0,
    shed: 0,
    cancelled: 0,
    included: 29_000,
  },
  rates: { due: 986, sent: 986, accepted: 986, included: 981 },
  answer: { p50: 1200, p99: 4800 },
  inclusion: null,
  latenessP99Micros: 400,
  head: { number: 41, transactions: 412, ours: 412, fullness: 0.18 },
  nodes: [
    { name: "node-1", headLag: 0, connected: true },
    { name: "node-2", headLag: 2, connected: false },
  ],
  beacons: [
    { name: "local-1", state: "broadcasting", cpuCores: 0.31, lost: false },
    { name: "local-2", state: "broadcasting", cpuCores: null, lost: true },
  ],
  outstanding: 0,
};

const warning = {
  atMicros: 1,
  wallMillis: 1,
  kind: "node",
  severity: "warning",
  subject: "node-2",
  text: "closed",
} as const;

function stripped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  return text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "");
}

test.each([40, 80, 200])("no line is wider than a terminal of %i columns", (columns) => {
  let written = "";
  const progress = new TerminalProgress({
    write: (text) => {
      written += text;
    },
    columns: () => columns,
    color: true,
  });
  progress.fact("Network", "x".repeat(300));
  progress.live(view);
  progress.event(warning);
  progress.live({ ...view, stage: "draining" });
  for (const line of stripped(written).split("\n")) expect([...line].length).toBeLessThan(columns);
});

test("the block is redrawn in place and events scroll above it", () => {
  const writes: string[] = [];
  const progress = new TerminalProgress({ write: (text) => writes.push(text), columns: () => 120, color: false });
  progress.live(view);
  progress.event(warning);
  const rows = (writes[0] as string).split("\n").length - 1;
  expect(writes[1]).toBe(`\u001b[${rows}F\u001b[0Jwarning: node node-2: closed\n`);
  expect(stripped(writes[2] as string)).toBe(writes[0]);
});

test("what is told above the block is told whole, and leaves the block in its place", () => {
  const writes: string[] = [];
  const progress = new TerminalProgress({ write: (text) => writes.push(text), columns: () => 40, color: false });
  const words = "a warning of more words than fit the forty columns that this window has";
  progress.live(view);
  const rows = (writes[0] as string).split("\n").length - 1;
  progress.event({ ...warning, text: words });
  progress.note(words);
  for (const told of [writes[1], writes[3]]) {
    expect(told?.startsWith(`\u001b[${rows}F\u001b[0J`)).toBe(true);
    expect(stripped(told as string).replaceAll("\n", " ")).toContain(words);
    for (const line of stripped(told as string).split("\n")) expect(line.length).toBeLessThan(40);
  }
  expect(stripped(writes[4] as string)).toBe(writes[0]);
});

test("without colour nothing but the redrawing is escaped", () => {
  let written = "";
  const progress = new TerminalProgress({
    write: (text) => {
      written += text;
    },
    columns: () => 120,
    color: false,
  });
  progress.fact("Network", "n");
  progress.live(view);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  expect(written).not.toMatch(/\u001b\[[0-9;]*m/);
});

test("a pipe gets a plain line every few seconds and at each change of phase", () => {
  const lines: string[] = [];
  let now = 0;
  const progress = new PlainProgress(
    (text) => lines.push(text),
    () => now,
  );
  progress.live(view);
  now += 1e6;
  progress.live(view);
  now += 5e6;
  progress.live(view);
  progress.live({ ...view, stage: "draining", phase: null });
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain("climb 28 s / 60 s: due 986/s");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  expect(lines.join("")).not.toMatch(/\u001b/);
});

test("machines get one JSON object a line", () => {
  const lines: string[] = [];
  const progress = new JsonProgress((text) => lines.push(text));
  progress.live(view);
  progress.event(warning);
  expect(lines.map((line) => JSON.parse(line).type)).toEqual(["live", "event"]);
});

test("the point of a search that is being measured is one line of a terminal, and none of a pipe", () => {
  const io = createFakeIo({ columns: 40, interactive: true });
  const progress = new PointProgress(io);
  progress.clear();
  progress.live(view);
  expect(stripped(io.stderr)).toMatch(/^\rmeasuring climb 28 s \/ 60 s: due/);
  expect(stripped(io.stderr).trim().length).toBeLessThan(40);
  progress.clear();
  expect(io.stderr.endsWith("\r\u001b[2K")).toBe(true);
  const piped = createFakeIo();
  new PointProgress(piped).live(view);
  expect(piped.stderr).toBe("");
});
