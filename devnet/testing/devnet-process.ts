import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type DevnetReady, devnetReadySchema } from "../../shared/devnet/config.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { waitUntil, withDeadline } from "../../shared/time/wait.ts";

/** The devnet as its users start it: a process, run from source. */
export class DevnetProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly exited: Promise<number | null>;
  stdout = "";
  stderr = "";

  constructor(args: readonly string[]) {
    const main = fileURLToPath(new URL("../main.ts", import.meta.url));
    this.child = spawn(process.execPath, ["--import", "tsx", main, ...args]);
    this.child.stdout.on("data", (data) => {
      this.stdout += String(data);
    });
    this.child.stderr.on("data", (data) => {
      this.stderr += String(data);
    });
    this.exited = new Promise((resolve) => {
      this.child.on("close", resolve);
    });
  }

  async ready(): Promise<DevnetReady> {
    await waitUntil(() => this.stdout.includes("\n") || this.child.exitCode !== null, {
      timeoutMs: 25_000,
      onTimeout: () => new AppError("INTERNAL", `not ready: ${this.stderr}`),
    });
    return devnetReadySchema.parse(JSON.parse(this.stdout.split("\n")[0]!));
  }

  exitCode(): Promise<number | null> {
    return withDeadline(this.exited, {
      timeoutMs: 25_000,
      onTimeout: () => {
        this.child.kill("SIGKILL");
        return new AppError("INTERNAL", `still running: ${this.stderr}`);
      },
    });
  }
}
