// Compiles the sources to dist/ and makes the entry points executable.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync } from "node:fs";
import { createRequire } from "node:module";

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const result = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" });
if (result.status !== 0) process.exit(result.status ?? 1);
for (const entry of ["overseer", "beacon", "devnet"]) {
  const path = `dist/${entry}/main.js`;
  if (existsSync(path)) chmodSync(path, 0o755);
}
