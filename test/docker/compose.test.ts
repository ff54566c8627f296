import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { readJson } from "../support/programs.ts";

const execute = promisify(execFile);
const root = new URL("../../", import.meta.url).pathname;

interface ComposeFile {
  readonly services: Readonly<
    Record<string, { readonly image: string; readonly read_only?: boolean; readonly cap_drop?: string[] }>
  >;
}

const file = parse(await readFile(`${root}docker/compose.yaml`, "utf8"), { merge: true }) as ComposeFile;
const command = await findCompose();
if (command === null) process.stderr.write("There is no docker compose here: its own check of the file is left out.\n");

describe("docker/compose.yaml", () => {
  test("runs our programs confined, in the version of this package", async () => {
    const { version } = await readJson<{ version: string }>(`${root}package.json`);
    expect(await readFile(`${root}docker/.env`, "utf8")).toContain(`LOADSTONE_VERSION=${version}\n`);
    for (const service of Object.values(file.services)) {
      if (!service.image.startsWith("loadstone-")) continue;
      expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
    }
  });

  test("pins every image", () => {
    for (const { image } of Object.values(file.services))
      expect(image).toMatch(/:(\$\{LOADSTONE_VERSION:-)?v?\d+\.\d+/);
  });

  (command === null ? test.skip : test)("is valid for compose itself", async () => {
    const [program, ...before] = command ?? [""];
    const args = [
      ...before,
      "--file",
      `${root}docker/compose.yaml`,
      "--profile",
      "run",
      "--profile",
      "monitoring",
      "config",
      "--quiet",
    ];
    await expect(execute(program as string, args)).resolves.toBeDefined();
  });
});

async function findCompose(): Promise<readonly string[] | null> {
  for (const [program, ...args] of [["docker", "compose"], ["docker-compose"]] as const) {
    const there = await execute(program, [...args, "version"]).then(
      () => true,
      () => false,
    );
    if (there) return [program, ...args];
  }
  return null;
}
