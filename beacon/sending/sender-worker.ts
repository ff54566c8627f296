import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { driverOf } from "../../shared/chains/registry.ts";
import { systemClock } from "../../shared/time/clock.ts";
import type { SenderCommand, SenderSetup } from "./sender-messages.ts";
import { SendingLoop } from "./sending-loop.ts";

const port = parentPort as MessagePort;
const setup = workerData as SenderSetup;
const loop = new SendingLoop(setup, {
  driver: driverOf(setup.chain),
  clock: systemClock,
  tell: (news) => port.postMessage(news),
});
port.on("message", (command: SenderCommand) => loop.obey(command));
await loop.open();
