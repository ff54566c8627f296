import { type ChildProcess, execFile, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { waitUntil } from "../../shared/time/wait.ts";

const execute = promisify(execFile);

/** Debian's programs of these names, or null: then the tests with them are left out, and say so. */
export async function monitoringPrograms(): Promise<{ readonly exporter: string; readonly server: string } | null> {
  const there = await Promise.all(
    ["prometheus-node-exporter", "prometheus"].map((program) =>
      execute(program, ["--version"]).then(
        () => true,
        () => false,
      ),
    ),
  );
  return there.every(Boolean) ? { exporter: "prometheus-node-exporter", server: "prometheus" } : null;
}

export interface Monitoring {
  readonly exporterUrl: string;
  readonly serverUrl: string;
  stop(): Promise<void>;
}

/**
 * A node exporter of this machine and a Prometheus server that scrapes it each second, both on loopback alone, and what
 * `jobs` name besides.
 */
export async function startMonitoring(
  programs: { readonly exporter: string; readonly server: string },
  folder: string,
  jobs: readonly object[] = [],
): Promise<Monitoring> {
  const [exporter, server] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const config = join(folder, "prometheus.yaml");
  const targets = [{ job_name: "node", static_configs: [{ targets: [exporter] }] }, ...jobs];
  await writeFile(config, JSON.stringify({ global: { scrape_interval: "1s" }, scrape_configs: targets }));
  const children = [
    spawn(programs.exporter, [`--web.listen-address=${exporter}`], { stdio: "ignore" }),
    spawn(
      programs.server,
      [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, "tsdb")}`, `--web.listen-address=${server}`],
      { stdio: "ignore" },
    ),
  ];
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(ended));
  };
  try {
    await answers(`http://${exporter}/metrics`, (text) => text.includes("node_cpu_seconds_total"));
    await answers(`http://${server}/api/v1/query?query=up`, (text) => text.includes('"1"'));
  } catch (error) {
    await stop();
    throw error;
  }
  return { exporterUrl: `http://${exporter}/metrics`, serverUrl: `http://${server}`, stop };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await end;
}

async function answers(url: string, expected: (text: string) => boolean): Promise<void> {
  let last = "";
  await waitUntil(
    async () => {
      last = await fetch(url).then((response) => response.text(), String);
      return expected(last);
    },
    { timeoutMs: 60_000, everyMs: 200, onTimeout: () => new Error(`${url}: ${last.slice(0, 300)}`) },
  );
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
