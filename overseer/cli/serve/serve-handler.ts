import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { engineAddressOf } from "../../deploy/engine-address.ts";
import { ServedOverseer } from "../../serve/served-overseer.ts";
import { authorityFileOf, fileThere, joinCommands } from "../../server/join-command.ts";
import { doorOf, readToken } from "../door.ts";
import type { RunContext } from "../run/run-handler.ts";
import { withMetrics } from "../with-metrics.ts";
import type { ServeArguments } from "./serve-command.ts";

/** Serves until a signal comes; a run that goes on then ends as it would by Ctrl-C, with its report. */
export async function serve(args: ServeArguments, context: RunContext): Promise<ExitName> {
  const { io, signals, tool, chains, driverOf } = context;
  const tell = (text: string): void => io.err(`${new Date(systemClock.wallMillis()).toISOString()} ${text}\n`);
  const door = await doorOf(args, context);
  const operatorFile = args["operator-token-file"];
  const viewerFile = args["viewer-token-file"];
  const tokens = {
    operator: await readToken("--operator-token-file", operatorFile),
    viewer: viewerFile === undefined ? null : await readToken("--viewer-token-file", viewerFile),
  };
  let overseer: ServedOverseer | null = null;
  const wanted = {
    args,
    otherTokens: [door.token, tokens.operator, ...(tokens.viewer === null ? [] : [tokens.viewer])],
    connectedBeacons: () => overseer?.connectedBeacons ?? null,
  };
  return withMetrics<ExitName>(wanted, async (watch, metricsUrl) => {
    const { reports, keys = null, "secret-env": secretVariables } = args;
    const allowedMainNetwork = args.allowMainNetwork ?? null;
    const served = await ServedOverseer.start(
      {
        ...{ door, tokens, reports, keys, secretVariables, allowedMainNetwork, tool, environment: io.env },
        engine: engineAddressOf({}, io.env),
      },
      { chains, driverOf, clock: systemClock, watch, tell },
    );
    overseer = served;
    const line = (label: string, text: string): void => io.err(`${label.padEnd(9)} ${text}\n`);
    const [join, ...others] = joinCommands(served.url, door);
    const authority = authorityFileOf(door);
    const on = /--overseer (\S+)/.exec(join?.command ?? "")?.[1] ?? served.url;
    line("Serving", `${served.url}; Ctrl-C ends it`);
    for (const { label, command } of join === undefined ? others : [join, ...others]) line(label, command);
    line(
      "Run",
      `overseer run FILE --on ${on} --token-file ${fileThere(operatorFile, door.join)}${authority === null ? "" : ` --ca ${authority}`}`,
    );
    if (metricsUrl !== null) line("Metrics", metricsUrl);
    await aborted(signals.stop);
    if (served.currentRun !== null) tell(`run ${served.currentRun} is ended first`);
    await served.close(signals.kill);
    tell("ended");
    return "passed";
  });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
