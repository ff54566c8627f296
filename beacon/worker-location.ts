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
    execArgv: fromSources ? ["--import", sourceLoader()] : [],
  };
}

/** `--import tsx` alone registers in the main thread only (before Node 22), so the registration is asked for by name. */
function sourceLoader(): string {
  const api = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  return `data:text/javascript,import { register } from ${api}; register();`;
}
