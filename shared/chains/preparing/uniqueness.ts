import { AppError, type Problem } from "../../errors/app-error.ts";

/** Problems of the mix entries that cannot begin as many different transactions as the run has. */
export function uniquenessProblems(
  names: readonly string[],
  writers: readonly { readonly capacity: number }[],
  transactions: number | undefined,
): Problem[] {
  const needed = transactions ?? 1;
  return writers.flatMap((writer, i) =>
    writer.capacity < needed ? [repetitionProblem(names[i] as string, writer.capacity, needed)] : [],
  );
}

export function repetitionProblem(name: string, capacity: number, needed: number): Problem {
  return {
    path: `mix.${name}`,
    value: `${capacity} different transactions`,
    expected: `expected a range of amounts wide enough for at least ${needed}`,
  };
}

export function tooFewDistinct(problems: readonly Problem[]): AppError {
  return new AppError("PLAN_IMPOSSIBLE", "the run would need the same transaction twice, which a node refuses", {
    problems,
    hint: "Widen the range of amounts, or use more accounts.",
  });
}
