import { messageOf } from "../errors/app-error.ts";

/** What must be undone, in reverse order, however far the work got. All steps run; all failures are told. */
export class Teardown {
  #steps: { readonly name: string; readonly undo: () => void | Promise<void> }[] = [];

  defer(name: string, undo: () => void | Promise<void>): void {
    this.#steps.push({ name, undo });
  }

  /** Runs every step once; calling it again (also while it runs) does nothing more. Returns what failed. */
  async run(): Promise<string[]> {
    const failures: string[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.undo();
      } catch (error) {
        failures.push(`${step.name}: ${messageOf(error)}`);
      }
    }
    return failures;
  }
}
