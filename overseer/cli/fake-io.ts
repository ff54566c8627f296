import type { CliIo } from "./io.ts";

/** An outside world that remembers what it was told, for tests of commands. */
export interface FakeIo extends CliIo {
  readonly stdout: string;
  readonly stderr: string;
}

export function createFakeIo(options: Partial<Pick<CliIo, "columns" | "color" | "interactive" | "env">> = {}): FakeIo {
  let stdout = "";
  let stderr = "";
  return {
    out(text) {
      stdout += text;
    },
    err(text) {
      stderr += text;
    },
    columns: 80,
    color: false,
    interactive: false,
    above: null,
    env: {},
    ...options,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
  };
}
