import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitUntil } from "../../shared/time/wait.ts";

export const root = new URL("../../", import.meta.url).pathname;

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** One of the built programs, as a user starts it. */
export class Program {
  readonly finished: Promise<Finished>;
  out = "";
  err = "";
  readonly child: ChildProcess;

  /** `launcher`: a command that becomes the program it is given, such as one that sets its priority. */
  constructor(
    program: "overseer" | "beacon" | "devnet",
    args: readonly string[],
    env: Record<string, string> = {},
    launcher: readonly string[] = [],
  ) {
    const main = join(root, "dist", program, "main.js");
    const [command = "", ...rest] = [...launcher, process.execPath, main, ...args];
    this.child = spawn(command, rest, {
      cwd: root,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (data: Buffer) => {
      this.out += data.toString();
    });
    this.child.stderr?.on("data", (data: Buffer) => {
      this.err += data.toString();
    });
    this.finished = new Promise((resolve) => {
      this.child.once("close", (code) => resolve({ code, out: this.out, err: this.err }));
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  /** Until `pattern` appears on either stream. */
  async says(pattern: RegExp, timeoutMs = 60_000): Promise<RegExpExecArray> {
    const find = (): RegExpExecArray | null => pattern.exec(this.out) ?? pattern.exec(this.err);
    await waitUntil(() => find() !== null || this.child.exitCode !== null, {
      timeoutMs,
      onTimeout: () => new Error(`did not say ${pattern}:\n${this.out}\n${this.err}`),
    });
    const found = find();
    if (found === null) throw new Error(`ended without saying ${pattern}:\n${this.out}\n${this.err}`);
    return found;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** What `--json` says once a run has been broadcasting for `seconds` or more: a machine that stalls may skip some. */
export function broadcastingFor(seconds: 2 | 3 | 5 | 6): RegExp {
  return new RegExp(`"stage":"broadcasting","elapsedMicros":(?:[${seconds}-9]\\d{6}|\\d{8,})\\b`);
}

export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "loadstone-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The one run's folder in a folder of reports. */
export async function onlyRun(reports: string): Promise<string> {
  const runs = await readdir(reports);
  if (runs.length !== 1) throw new Error(`expected one run in ${reports}, found ${runs.length}`);
  return join(reports, runs[0] as string);
}

export async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, "utf8")) as T;
}

/** Processes whose command line has `text`: to see that nothing was left running. */
export async function processesWith(text: string): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const commandLine = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    if (commandLine.includes(text)) found.push(Number(entry));
  }
  return found;
}
