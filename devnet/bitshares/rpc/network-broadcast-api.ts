import type { BitsharesVerdict } from "../bitshares-network.ts";
import { assertion, type ChainFailure } from "../chain/failure.ts";
import type { Json } from "../codec/json.ts";
import { toNotice } from "./answer.ts";
import { readUnsigned } from "./arguments.ts";
import type { Answer, Api, Call, Method } from "./method.ts";

function send(given: Json | undefined, { node, session }: Call): Promise<BitsharesVerdict> {
  session.queued += 1;
  return new Promise((resolve) => {
    node.broadcast(given, resolve, () => {
      session.queued -= 1;
      session.onServed();
    });
  });
}

async function broadcast(given: Json | undefined, call: Call): Promise<string | ChainFailure> {
  const { failure } = await send(given, call);
  return failure ?? "null";
}

async function broadcastWithCallback(args: readonly Json[], call: Call): Promise<string | ChainFailure> {
  const callback = readUnsigned(args[0]);
  const { transaction, failure } = await send(args[1], call);
  if (failure !== null) return failure;
  call.session.inclusionCallbacks.set(transaction!.id, (trx) => call.session.send(toNotice(callback, trx)));
  return "null";
}

/** Answers when the transaction is in a block; never, if it never is. */
async function broadcastSynchronous(given: Json | undefined, call: Call): Promise<string | ChainFailure> {
  const { transaction, failure } = await send(given, call);
  if (failure !== null) return failure;
  return new Promise((resolve) => {
    call.session.inclusionCallbacks.set(transaction!.id, resolve);
  });
}

function refuseBlock(): Answer {
  return assertion(
    { file: "db_block.cpp", line: 85, method: "_push_block" },
    { format: "false: this devnet takes blocks only from its own witnesses" },
  );
}

export const networkBroadcastApi: Api = new Map<string, Method>([
  ["broadcast_transaction", { required: 1, run: ([transaction], call) => broadcast(transaction, call) }],
  ["broadcast_transaction_with_callback", { required: 2, run: broadcastWithCallback }],
  [
    "broadcast_transaction_synchronous",
    { required: 1, run: ([transaction], call) => broadcastSynchronous(transaction, call) },
  ],
  ["broadcast_block", { required: 1, run: refuseBlock }],
]);
