import { mkdir } from "node:fs/promises";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import { labelsText } from "../../shared/scenario/labels.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import type { DoorRequest } from "../run/run-request.ts";
import { BeaconGateway } from "../server/beacon-gateway.ts";
import type { BeaconSession } from "../server/beacon-session.ts";
import { OperatorAccess, type OperatorTokens } from "./operator-access.ts";
import { serveOperatorNamespace } from "./operator-namespace.ts";
import { serveOperatorRoutes } from "./operator-routes.ts";
import { RunDesk, type RunDeskDependencies, type RunDeskOptions } from "./run-desk.ts";

export interface ServeOptions extends RunDeskOptions {
  readonly door: DoorRequest;
  readonly tokens: OperatorTokens;
}

export type ServeDependencies = Omit<RunDeskDependencies, "gateway">;

const leastTokenLength = 16;

/** An overseer that stays: beacons keep their connection between runs, and operators bring the scenarios. */
export class ServedOverseer {
  readonly url: string;
  readonly #gateway: BeaconGateway;
  readonly #desk: RunDesk;

  private constructor(url: string, gateway: BeaconGateway, desk: RunDesk) {
    this.url = url;
    this.#gateway = gateway;
    this.#desk = desk;
  }

  /** Throws CONFIGURATION_INVALID or PORT_IN_USE; nothing listens then. */
  static async start(options: ServeOptions, dependencies: ServeDependencies): Promise<ServedOverseer> {
    const { door, tokens, reports } = options;
    checkTokens(door.token, tokens);
    await makeFolder(reports);
    const { tell, clock } = dependencies;
    const onRefusal = (name: string, cause: string): void => tell(`${name} was refused: ${cause}`);
    const gateway = new BeaconGateway(door, { clock, onRefusal, onArrival: (session) => tellArrival(session, tell) });
    const desk = new RunDesk(options, { ...dependencies, gateway });
    const access = new OperatorAccess(tokens, gateway.guard);
    serveOperatorRoutes(gateway.door.app, { gateway, access, desk, onRefusal });
    serveOperatorNamespace(gateway.door.io, { access, desk, onRefusal });
    try {
      return new ServedOverseer(await gateway.listen(), gateway, desk);
    } catch (error) {
      await gateway.close();
      throw error;
    }
  }

  /** The run that goes on; null for none. */
  get currentRun(): string | null {
    return this.#desk.currentId;
  }

  get connectedBeacons(): number {
    return [...this.#gateway.sessions.values()].filter(({ connected }) => connected).length;
  }

  /** Whoever followed the run fetches its report now. */
  async #seeOperatorsOff(kill: AbortSignal): Promise<void> {
    const { sockets } = this.#gateway.door.io.of("/operators");
    await waitUntil(() => sockets.size === 0, {
      timeoutMs: farewellMs,
      signal: kill,
      onTimeout: () => new AppError("STOPPED", "operators are still there"),
    }).catch(() => undefined);
  }

  /** Ends what goes on as Ctrl-C would, and parts from everybody. */
  async close(kill: AbortSignal): Promise<void> {
    const wasBusy = this.currentRun !== null;
    await this.#desk.close(kill);
    if (wasBusy) await this.#seeOperatorsOff(kill);
    await this.#gateway.close();
  }
}

/** Enough to fetch a report over a slow line, not to keep a machine from going down. */
const farewellMs = 20_000;

/** One that leaks must not open the others' doors. */
function checkTokens(beacons: string, { operator, viewer }: OperatorTokens): void {
  const all = [beacons, operator, ...(viewer === null ? [] : [viewer])];
  if (all.some((token) => token.length < leastTokenLength)) {
    throw new AppError("CONFIGURATION_INVALID", `tokens must have at least ${leastTokenLength} characters`);
  }
  if (new Set(all).size < all.length) {
    throw new AppError("CONFIGURATION_INVALID", "beacons, operators and viewers must have tokens of their own");
  }
}

async function makeFolder(reports: string): Promise<void> {
  try {
    await mkdir(reports, { recursive: true });
  } catch (error) {
    throw new AppError("REPORT_FAILED", `the folder ${reports} cannot be made: ${messageOf(error)}`, { cause: error });
  }
}

function tellArrival({ name, hello }: BeaconSession, tell: (text: string) => void): void {
  const labels = labelsText(hello.labels);
  tell(`beacon ${name} joined from ${hello.host.hostname}${labels === "" ? "" : `, ${labels}`}`);
}
