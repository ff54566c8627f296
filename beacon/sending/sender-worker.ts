import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { driverOf } from "../../shared/chains/registry.ts";
import { clockWith } from "../faults.ts";
import type { SenderCommand, SenderSetup } from "./sender-messages.ts";
import { SendingLoop } from "./sending-loop.ts";

const port = parentPort as MessagePort;
const setup = workerData as SenderSetup;
const loop = new SendingLoop(setup, {
  driver: driverOf(setup.chain),
  clock: clockWith(setup.faults),
  tell: (news) => port.postMessage(news),
});
port.on("message", (command: SenderCommand) => loop.obey(command));
await loop.open();
