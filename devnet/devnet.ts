import type {
  AntelopeDevnetConfig,
  BitsharesDevnetConfig,
  DevnetConfig,
  DevnetReady,
} from "../shared/devnet/config.ts";
import type { AntelopeNetwork } from "./antelope/antelope-network.ts";
import type { BitsharesNetwork } from "./bitshares/bitshares-network.ts";
import { ControlDoor } from "./control/control-door.ts";
import { embeddedChain } from "./embedded-chains.ts";
import type { ObservedNetwork } from "./network/observed-network.ts";
import { SystemScheduler } from "./network/scheduler.ts";

export interface RunningDevnet<Network extends ObservedNetwork = ObservedNetwork> {
  readonly ready: DevnetReady;
  readonly network: Network;
  /** May be called more than once; every call waits for the end. */
  stop(): Promise<void>;
}

type OnStopRequest = () => void;

/** Starts every node and the control door; throws what keeps one of them from listening, and leaves nothing behind. */
export function startDevnet(
  config: BitsharesDevnetConfig,
  onStopRequest?: OnStopRequest,
): Promise<RunningDevnet<BitsharesNetwork>>;
export function startDevnet(
  config: AntelopeDevnetConfig,
  onStopRequest?: OnStopRequest,
): Promise<RunningDevnet<AntelopeNetwork>>;
export function startDevnet(config: DevnetConfig, onStopRequest?: OnStopRequest): Promise<RunningDevnet>;
export async function startDevnet(
  config: DevnetConfig,
  onStopRequest: OnStopRequest = () => undefined,
): Promise<RunningDevnet> {
  const scheduler = new SystemScheduler();
  const { network, openDoor } = embeddedChain(config).create(config, scheduler, Date.now());
  const served = network.nodes.filter(({ index }) => servesClients(config, index));
  const doors = served.map(({ index }) => openDoor(index));
  const control = new ControlDoor(network, onStopRequest);
  const close = async (): Promise<void> => {
    network.stop();
    await Promise.all([...doors.map((door) => door.close()), control.close()]);
    scheduler.close();
  };
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= close();
    return stopping;
  };
  const listening = await Promise.allSettled(
    doors.map((door, position) => door.listen(config.host, config.ports[served[position]!.index]!)),
  );
  const failed = listening.find((result) => result.status === "rejected");
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const urls = listening.map((result) => (result as PromiseFulfilledResult<string>).value);
  const controlUrl = await control.listen();
  network.startFaults();
  return {
    network,
    stop,
    ready: {
      event: "ready",
      chainId: network.chainId,
      nodes: served.map(({ name }, position) => ({ name, url: urls[position]! })),
      control: controlUrl,
    },
  };
}

/** Producers hide behind other nodes, as they do on public networks, and seeds are there for nodes only. */
function servesClients({ topology }: DevnetConfig, node: number): boolean {
  return topology === null || topology.roles[node] === "full";
}
