import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { parse } from "yaml";
import { devnetChains } from "../shared/devnet/config.ts";

const root = new URL("../", import.meta.url).pathname;

function demo(...args: readonly string[]): { readonly code: number | null; readonly err: string } {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/demo.mjs", ...args], {
    cwd: root,
    encoding: "utf8",
  });
  return { code: status, err: stderr };
}

test("there is a demo of every chain that there is an embedded network of", () => {
  const files = readdirSync(`${root}scenarios`).filter((name) => name.endsWith("real-user-activity.yaml"));
  const chains = files.map(
    (name) => (parse(readFileSync(`${root}scenarios/${name}`, "utf8")) as { chain: string }).chain,
  );
  expect([...new Set(chains)].sort()).toEqual([...devnetChains].sort());
});

test.each([[["--chain", "dogecoin"]], [["--chain=dogecoin", "--quiet"]], [["--chain"]]])(
  "a demo of no chain that there is (%j) is a usage error that lists those that there are",
  (args) => {
    const { code, err } = demo(...args);
    expect(code).toBe(2);
    for (const chain of devnetChains) expect(err).toContain(chain);
  },
);

test("all other options are those of a run", () => {
  expect(demo("--chain", "antelope", "--no-such-option")).toMatchObject({
    code: 2,
    err: expect.stringContaining("such-option"),
  });
});
