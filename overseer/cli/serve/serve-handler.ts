import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { engineAddressOf } from "../../deploy/engine-address.ts";
import { ServedOverseer } from "../../serve/served-overseer.ts";
import { authorityFileOf, joinCommands } from "../../server/join-command.ts";
import { doorOf, readToken } from "../door.ts";
import type { RunContext } from "../run/run-handler.ts";
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
  const { reports, keys = null, "secret-env": secretVariables } = args;
  const allowedMainNetwork = args.allowMainNetwork ?? null;
  const overseer = await ServedOverseer.start(
    {
      ...{ door, tokens, reports, keys, secretVariables, allowedMainNetwork, tool, environment: io.env },
      engine: engineAddressOf({}, io.env),
    },
    { chains, driverOf, clock: systemClock, tell },
  );
  const line = (label: string, text: string): void => io.err(`${label.padEnd(9)} ${text}\n`);
  const [join, ...others] = joinCommands(overseer.url, door);
  const authority = authorityFileOf(door);
  const on = /--overseer (\S+)/.exec(join?.command ?? "")?.[1] ?? overseer.url;
  line("Serving", `${overseer.url}; Ctrl-C ends it`);
  for (const { label, command } of join === undefined ? others : [join, ...others]) line(label, command);
  line(
    "Run",
    `overseer run FILE --on ${on} --token-file ${operatorFile}${authority === null ? "" : ` --ca ${authority}`}`,
  );
  await aborted(signals.stop);
  if (overseer.currentRun !== null) tell(`run ${overseer.currentRun} is ended first`);
  await overseer.close(signals.kill);
  tell("ended");
  return "passed";
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
