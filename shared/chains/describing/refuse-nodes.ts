import { AppError, type ErrorCode, type Problem } from "../../errors/app-error.ts";
import type { DescribeOptions } from "../driver.ts";

/** A node as far as it decides whether it can be used together with the others. */
export interface NodeView {
  readonly endpoint: string;
  readonly chainId: string;
  readonly headNumber: number;
  readonly headTimeMs: number;
}

export interface WrongNode {
  readonly code: ErrorCode;
  readonly problem: Problem;
  readonly hint?: string;
}

/** The worst comes first: it decides the code of the one error for all endpoints. */
const severity: readonly ErrorCode[] = [
  "NETWORK_UNREACHABLE",
  "RPC_FAILED",
  "NETWORK_TOO_OLD",
  "NETWORK_MISMATCH",
  "NETWORK_NOT_READY",
];

/**
 * Throws one AppError for all that is wrong: what was found so far, nodes of another chain, and those whose head is old.
 * `wrong` may also tell of a node among `views`; then nothing more is told of it.
 */
export function refuseNodes(
  views: readonly NodeView[],
  wrong: readonly WrongNode[],
  options: Pick<DescribeOptions, "expectedChainId" | "maximumHeadAgeMs">,
): void {
  const told = new Set(wrong.map(({ problem }) => problem.path));
  const others = [...mismatches(views, options.expectedChainId), ...stale(views, options.maximumHeadAgeMs)];
  const all = [...wrong, ...others.filter(({ problem }) => !told.has(problem.path))];
  if (all.length > 0 || views.length === 0) throw networkError(all);
}

function mismatches(views: readonly NodeView[], expectedChainId: string | null): WrongNode[] {
  const wanted = expectedChainId ?? mostCommon(views.map((view) => view.chainId));
  return views
    .filter((view) => view.chainId !== wanted)
    .map((view) => ({
      code: "NETWORK_MISMATCH",
      problem: { path: view.endpoint, value: `chain id ${view.chainId}`, expected: `expected chain id ${wanted}` },
    }));
}

function mostCommon(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function stale(views: readonly NodeView[], maximumHeadAgeMs: number): WrongNode[] {
  const now = Date.now();
  return views
    .filter((view) => now - view.headTimeMs > maximumHeadAgeMs)
    .map(({ endpoint, headNumber, headTimeMs }) => ({
      code: "NETWORK_NOT_READY",
      problem: {
        path: endpoint,
        value: `head block ${headNumber} is ${Math.round((now - headTimeMs) / 1000)} s old`,
        expected: `expected a head at most ${Math.round(maximumHeadAgeMs / 1000)} s old`,
      },
    }));
}

function networkError(wrong: readonly WrongNode[]): AppError {
  const code = severity.find((candidate) => wrong.some((one) => one.code === candidate)) ?? "NETWORK_UNREACHABLE";
  const problems = wrong.map((one) => one.problem);
  const nodes = new Set(problems.map((problem) => problem.path)).size;
  const hint = wrong.find((one) => one.hint !== undefined)?.hint;
  return new AppError(code, `${nodes} of the network's nodes cannot be used`, {
    problems,
    ...(hint === undefined ? {} : { hint }),
  });
}
