// Copies what one program needs to run, and no more: `node docker/pick-files.mjs PROGRAM FOLDER`.
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const programs = {
  // It starts the two others on its own machine, and looks some packages up by name at run time.
  overseer: { rooms: ["overseer", "beacon", "devnet", "shared"], everyDependency: true, besides: ["scenarios"] },
  beacon: { rooms: ["beacon", "shared"], everyDependency: false, besides: [] },
  devnet: { rooms: ["devnet", "shared"], everyDependency: false, besides: [] },
};

const [program, folder] = process.argv.slice(2);
const { rooms, everyDependency, besides } = programs[program];
const manifest = JSON.parse(await readFile("package.json", "utf8"));
const installed = JSON.parse(await readFile("package-lock.json", "utf8")).packages;

await mkdir(folder, { recursive: true });
for (const room of rooms) await copy(join("dist", room));
for (const other of besides) await copy(other);
await cp("docker/healthcheck.mjs", join(folder, "healthcheck.mjs"));
await writeFile(join(folder, "package.json"), JSON.stringify(strippedManifest()));
const wanted = everyDependency ? Object.keys(manifest.dependencies) : await importedPackages();
for (const path of closure(wanted)) await copy(path);
if (program === "devnet") await writeFile(join(folder, "devnet.json"), JSON.stringify(await devnetConfig()));

async function copy(path) {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  const notForRunning = /\.(map|d\.ts|d\.mts|d\.cts|md|markdown|tsbuildinfo)$/;
  // One package's manual is three times as large as all else that a beacon needs. Nested packages come by themselves.
  const folders = ["docs", "test", "tests", "example", "examples", "node_modules"].map((name) => join(path, name));
  await cp(path, join(folder, path), {
    recursive: true,
    filter: (from) => !folders.includes(from) && !notForRunning.test(from),
  });
}

function strippedManifest() {
  const { name, version, license, type } = manifest;
  return { name, version, license, type };
}

/** Packages that the program and its threads import, as the bundler sees them. */
async function importedPackages() {
  const files = await readdir(join("dist", program), { recursive: true });
  const entries = files.filter((file) => file === "main.js" || file.endsWith("-worker.js"));
  const { metafile } = await build({
    entryPoints: entries.map((file) => join("dist", program, file)),
    bundle: true,
    write: false,
    metafile: true,
    outdir: "unused",
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
  const outside = Object.values(metafile.outputs).flatMap((output) => output.imports.filter((one) => one.external));
  const names = outside.map(({ path }) => path.split("/", path.startsWith("@") ? 2 : 1).join("/"));
  return [...new Set(names)].filter((name) => `node_modules/${name}` in installed);
}

/** Folders of the packages and of all that they depend on. */
function closure(names) {
  const found = new Set();
  const visit = (from, name) => {
    const path = resolve(from, name);
    // A peer that nobody has installed.
    if (path === null || found.has(path)) return;
    found.add(path);
    const { dependencies, optionalDependencies, peerDependencies } = installed[path];
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
      visit(path, next);
  };
  for (const name of names) visit("", name);
  // Optional packages of other platforms, or that could not be built here, are in the lock and not on the disk.
  return [...found].sort().filter((path) => installed[path].optional !== true || existsSync(path));
}

/** Node's own way to look for a package: beside the one that asks, then one level up, and so on. */
function resolve(from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    const path = at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (path in installed) return path;
    if (at === "") return null;
  }
}

/** The network that starts without a configuration, with doors that other containers can reach. */
async function devnetConfig() {
  const { defaultConfig } = await import("../dist/devnet/default-config.js");
  return { ...defaultConfig, host: "0.0.0.0", ports: [8090, 8091, 8092] };
}
