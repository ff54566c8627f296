import type { SetupStage } from "../../shared/chains/provisioning.ts";

/** Times in a row that the same stage is the first and no less is missing. */
const fruitlessRepeats = 3;
/**
 * Looks in a row without less missing than ever before. One stage may make work for another, as RAM that is sold brings
 * tokens to return, which frees RAM to sell: that takes four.
 */
const fruitlessLooks = 10;

/** Whether what is sent is of any use, judged by what each look at the chain finds missing. */
export class Headway {
  #stage: string | undefined;
  #steps = Number.POSITIVE_INFINITY;
  #least = Number.POSITIVE_INFINITY;
  #repeats = 0;
  #looks = 0;

  constructor(first: readonly SetupStage[]) {
    this.isMade(first);
  }

  /** False when going on would only repeat what has not helped. */
  isMade(stages: readonly SetupStage[]): boolean {
    const steps = stages.reduce((sum, stage) => sum + stage.steps, 0);
    const stage = stages[0]?.name;
    this.#repeats = steps < this.#steps || stage !== this.#stage ? 0 : this.#repeats + 1;
    this.#looks = steps < this.#least ? 0 : this.#looks + 1;
    this.#stage = stage;
    this.#steps = steps;
    this.#least = Math.min(this.#least, steps);
    return this.#repeats < fruitlessRepeats && this.#looks < fruitlessLooks;
  }
}
