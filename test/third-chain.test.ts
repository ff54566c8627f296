import { spawn } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { RunSummary } from "../overseer/reporting/run-summary.ts";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import { type Step, stepsOf, withInsertions } from "./support/documented-steps.ts";
import { onlyRun, readJson, temporaryFolder } from "./support/programs.ts";
import { PaperNode } from "./third-chain/paper-node.ts";

const root = new URL("../", import.meta.url).pathname;
/** What a clone has that building, testing and running need. */
const cloned = [
  ...["beacon", "bench", "devnet", "overseer", "scenarios", "scripts", "shared", "test", "dist"],
  ...["package.json", "tsconfig.json", "tsconfig.build.json", "jest.config.ts", ".dependency-cruiser.cjs"],
];
const documentedEndpoint = "http://127.0.0.1:7000";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let node: PaperNode;
let steps: Step[];

beforeAll(async () => {
  folder = await temporaryFolder();
  node = await PaperNode.start();
  steps = stepsOf(await readFile(join(root, "docs/adding-a-chain.md"), "utf8"));
  for (const name of cloned) await cp(join(root, name), join(folder.path, name), { recursive: true });
  await symlink(join(root, "node_modules"), join(folder.path, "node_modules"));
}, 60_000);

afterAll(async () => {
  await node?.stop();
  await folder.remove();
});

async function follow(step: Step): Promise<void> {
  if (step.kind === "command") {
    const code = await runCommand(step.words);
    // Void is said of the machine that a test runs on, not of the chain.
    if (code === exitCodes["generator-bound"] && step.words.includes("run")) return;
    expect([step.words.join(" "), code]).toEqual([step.words.join(" "), 0]);
    return;
  }
  const path = join(folder.path, step.path);
  if (step.kind === "insertions") {
    await writeFile(path, withInsertions(await readFile(path, "utf8"), step.lines));
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  // The page names a port, the node took a free one.
  await writeFile(path, step.text.replace(documentedEndpoint, node.endpoint));
}

/** Its exit code, and what it said where that is not 0. */
async function runCommand([program = "", ...args]: readonly string[]): Promise<number | string> {
  const child = spawn(program, args, {
    cwd: folder.path,
    env: { ...process.env, NO_COLOR: "1", PAPER_KEYS: JSON.stringify(node.keys) },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      said += data.toString();
    });
  }
  const code = await new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  return code === 0 || code === exitCodes["generator-bound"] ? code : `${code}: ${said}`;
}

test("a chain is a folder and a registration", () => {
  const touched = steps.flatMap((step) => (step.kind === "command" ? [] : [step.path]));
  const inPrograms = touched.filter((path) => !/^(test|scenarios)\//.test(path));
  expect(inPrograms.filter((path) => !path.startsWith("shared/chains/paper/"))).toEqual(["shared/chains/registry.ts"]);
});

test("whoever follows docs/adding-a-chain.md word for word has a chain that keeps the contract and can be put under load", async () => {
  for (const step of steps) await follow(step);
  const run = await onlyRun(join(folder.path, "reports"));
  const summary = await readJson<RunSummary>(join(run, "run.json"));
  expect(summary.verdicts.accounting.holds).toBe(true);
  const { planned, sent, accepted, included } = summary.overall.counts;
  expect(planned).toBe(200);
  expect(sent).toBeGreaterThan(100);
  expect({ accepted, included }).toEqual({ accepted: sent, included: sent });
  expect(summary.overall.counts.irreversible).toBeGreaterThan(0);
  expect(summary.blocks.usage).toEqual([expect.objectContaining({ key: "ink", limit: 10_000 })]);
  expect(summary.blocks.usage[0]?.total).toBe(12 * summary.blocks.transactions);
  const page = await readFile(join(run, "report.md"), "utf8");
  expect(page).toMatch(/by 3\sclerks/);
  expect(page).toContain("By entry");
}, 600_000);
