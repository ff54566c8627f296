export interface WorkerLocation {
  readonly filename: string;
  readonly execArgv: string[];
}

/**
 * Where a worker lies that stands beside `from` (an `import.meta.url`). TypeScript does not rewrite such names, so the
 * extension is the one of the file that asks; sources need a loader in the new thread.
 */
export function workerLocation(name: string, from: string): WorkerLocation {
  const fromSources = from.endsWith(".ts");
  return {
    filename: new URL(`./${name}${fromSources ? ".ts" : ".js"}`, from).href,
    execArgv: fromSources ? ["--import", "tsx"] : [],
  };
}
