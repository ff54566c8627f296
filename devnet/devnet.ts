import type { DevnetConfig, DevnetReady } from "../shared/devnet/config.ts";
import { AppError } from "../shared/errors/app-error.ts";
import { BitsharesNetwork } from "./bitshares/bitshares-network.ts";
import { NodeServer } from "./bitshares/rpc/node-server.ts";
import { ControlDoor } from "./control/control-door.ts";
import { SystemScheduler } from "./network/scheduler.ts";

export interface RunningDevnet {
  readonly ready: DevnetReady;
  readonly network: BitsharesNetwork;
  /** May be called more than once; every call waits for the end. */
  stop(): Promise<void>;
}

/** Starts every node and the control door; throws what keeps one of them from listening, and leaves nothing behind. */
export async function startDevnet(
  config: DevnetConfig,
  onStopRequest: () => void = () => undefined,
): Promise<RunningDevnet> {
  if (config.chain !== "bitshares")
    throw new AppError("CONFIGURATION_INVALID", `there is no embedded ${config.chain} network`);
  const scheduler = new SystemScheduler();
  const network = new BitsharesNetwork(config, scheduler, Date.now());
  const servers = network.nodes.map((node) => new NodeServer(network, node));
  const door = new ControlDoor(network, onStopRequest);
  const close = async (): Promise<void> => {
    network.stop();
    await Promise.all([...servers.map((server) => server.close()), door.close()]);
    scheduler.close();
  };
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= close();
    return stopping;
  };
  const listening = await Promise.allSettled(
    servers.map((server, index) => server.listen(config.host, config.ports[index]!)),
  );
  const failed = listening.find((result) => result.status === "rejected");
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const urls = listening.map((result) => (result as PromiseFulfilledResult<string>).value);
  const control = await door.listen();
  network.startFaults();
  return {
    network,
    stop,
    ready: {
      event: "ready",
      chainId: network.parameters.chainId.toString("hex"),
      nodes: network.nodes.map(({ name }, index) => ({ name, url: urls[index]! })),
      control,
    },
  };
}
