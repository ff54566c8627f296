import { assertion, type ChainFailure } from "./failure.ts";

export function missingObject(id: string): ChainFailure {
  return assertion(
    { file: "index.hpp", line: 113, method: "get" },
    {
      format: "maybe_found != nullptr: Unable to find Object {id}",
      text: `maybe_found != nullptr: Unable to find Object ${id}`,
      data: JSON.stringify({ id }),
    },
  );
}
