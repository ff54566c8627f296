import { join } from "node:path";
import type { LabelledBeacon } from "../../shared/scenario/deal-shares.ts";
import { Child, entryOf } from "../process/child.ts";

export interface LocalBeaconsOptions {
  readonly beacons: readonly LabelledBeacon[];
  readonly overseerUrl: string;
  readonly token: string;
  /** Logs and spools go here. */
  readonly folder: string;
}

/** Beacon processes on this machine: the same program that runs on others. */
export class LocalBeacons {
  readonly #children: Child[];

  constructor(options: LocalBeaconsOptions, onExit: (name: string, how: string) => void) {
    this.#children = options.beacons.map(({ name, labels }) => {
      const child = new Child({
        name,
        module: entryOf("beacon"),
        args: [
          "--overseer",
          options.overseerUrl,
          "--name",
          name,
          "--spool",
          join(options.folder, "spool", name),
          "--watch-stdin",
          ...Object.entries(labels).map(([key, value]) => `--label=${key}=${value}`),
        ],
        // Not on the command line, where every user of the machine could read it.
        env: { LOADSTONE_TOKEN: options.token },
        logFile: join(options.folder, `${name}.log`),
      });
      void child.exited.then(() => onExit(name, child.describeExit()));
      return child;
    });
  }

  get pids(): readonly number[] {
    return this.#children.flatMap((child) => child.pid ?? []);
  }

  async stop(graceMs: number): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop(graceMs)));
  }

  kill(): void {
    for (const child of this.#children) child.kill();
  }
}
