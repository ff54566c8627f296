import { readFile } from "node:fs/promises";
import { AppError, messageOf, type Problem } from "../../shared/errors/app-error.ts";
import type { ContainerSelector } from "../../shared/scenario/observe-settings.ts";
import type { SecretSource } from "../../shared/scenario/secret-source.ts";
import { withDeadline } from "../../shared/time/wait.ts";
import { engineOnce } from "../deploy/engine.ts";
import { containerWatcher } from "../deploy/watch-containers.ts";
import { ResourceLog } from "../resources/resource-log.ts";
import type { ResourceWatcher } from "../resources/resource-sink.ts";
import { processWatcher } from "../resources/watch-process.ts";
import { prometheusWatcher, type TargetSecrets } from "../resources/watch-prometheus.ts";
import type { RunContext } from "./run-context.ts";

const endTimeoutMs = 5000;

export interface WatchedParts {
  /** In the order of the scenario's targets. */
  readonly secrets: readonly TargetSecrets[];
  /** Of the network's process on this machine; null where it has none. */
  readonly networkPid: number | null;
  /** Besides those that the scenario names. */
  readonly containers: readonly ContainerSelector[];
}

/**
 * Begins to look at containers, processes and what Prometheus tells. Nothing of it can fail the run. Resolves what is
 * returned once no more is written.
 */
export function watchResources(context: RunContext, parts: WatchedParts): () => Promise<void> {
  const { scenario, evidence } = context;
  const end = new AbortController();
  const log = new ResourceLog({
    elapsedMicros: () => (context.start === null ? null : context.elapsedMicros()),
    append: (record) => evidence.appendResource(record),
    onTrouble: (source, text) => context.tell("machine", "warning", source, `could not be looked at: ${text}`),
    onRecovery: (source) => context.tell("machine", "info", source, "can be looked at again"),
  });
  const running = watchersOf(context, parts).map((watcher) => watcher.watch(log, end.signal));
  // Told of when the run ends, not by Node as nobody's.
  for (const watcher of running) watcher.catch(() => undefined);
  const { containers, prometheus } = scenario.observe;
  const asked = containers.length + prometheus.length;
  if (asked > 0) context.progress.fact("Observing", `${asked} ${asked === 1 ? "target" : "targets"} besides beacons`);
  return async () => {
    end.abort();
    // Their failures are gaps: a defect of ours in one of them must not end the run either, but it must be seen.
    const late = (): Error => new Error("does not come to its end");
    for (const watcher of running) {
      await withDeadline(watcher, { timeoutMs: endTimeoutMs, onTimeout: late }).catch((error: unknown) => {
        context.tell("machine", "error", null, `a watch over machines failed: ${messageOf(error)}`);
      });
    }
  };
}

function watchersOf(
  { request, scenario, clock }: RunContext,
  { secrets, networkPid, containers }: WatchedParts,
): ResourceWatcher[] {
  const selectors = [...containers, ...scenario.observe.containers];
  const embedded = { name: "devnet", about: "the embedded network's process" };
  return [
    processWatcher({ name: "overseer", about: "this run's overseer", pid: process.pid }, clock),
    ...(networkPid === null ? [] : [processWatcher({ ...embedded, pid: networkPid }, clock)]),
    ...(selectors.length === 0 ? [] : [containerWatcher(engineOnce(request.engine), selectors)]),
    ...scenario.observe.prometheus.map((target, i) => prometheusWatcher(target, secrets[i] as TargetSecrets, clock)),
  ];
}

/** What the targets of `observe.prometheus` are shown. Throws CONFIGURATION_INVALID with all that is missing. */
export async function loadTargetSecrets({ scenario, request }: RunContext): Promise<readonly TargetSecrets[]> {
  const problems: Problem[] = [];
  const attempt = async (path: string, value: string, work: () => Promise<string>): Promise<string | null> => {
    try {
      return await work();
    } catch (error) {
      problems.push({ path, value, expected: messageOf(error) });
      return null;
    }
  };
  const secrets = await Promise.all(
    scenario.observe.prometheus.map(async ({ token, authority }, i): Promise<TargetSecrets> => {
      const path = `observe.prometheus[${i}]`;
      return {
        token:
          token === null
            ? null
            : await attempt(`${path}.token`, nameOf(token), () => readSecret(token, request.environment)),
        authority:
          authority === null ? null : await attempt(`${path}.ca`, authority, () => readFile(authority, "utf8")),
      };
    }),
  );
  if (problems.length === 0) return secrets;
  throw new AppError("CONFIGURATION_INVALID", "what is to be observed cannot be asked", { problems });
}

function nameOf(source: SecretSource): string {
  return source.kind === "file" ? source.path : source.variable;
}

async function readSecret(source: SecretSource, environment: RunContext["request"]["environment"]): Promise<string> {
  const text = source.kind === "file" ? await readFile(source.path, "utf8") : (environment[source.variable] ?? "");
  const secret = text.trim();
  // What a header can hold, and in one line: the name of a wrong file would send its contents away.
  if (/^[\x21-\x7e]{1,8192}$/.test(secret)) return secret;
  throw new Error(secret === "" ? "expected a token, and there is none" : "expected one line with a token");
}
