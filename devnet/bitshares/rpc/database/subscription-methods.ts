import { readUnsigned } from "../arguments.ts";
import type { Method } from "../method.ts";

export const subscriptionMethods: Readonly<Record<string, Method>> = {
  set_subscribe_callback: {
    required: 2,
    run: ([callback], { session }) => {
      session.subscribeCallback = readUnsigned(callback);
      session.watched.clear();
      return "null";
    },
  },
  set_auto_subscription: { required: 1, run: () => "null" },
  set_pending_transaction_callback: {
    required: 1,
    run: ([callback], { session }) => {
      session.pendingCallback = readUnsigned(callback);
      return "null";
    },
  },
  set_block_applied_callback: {
    required: 1,
    run: ([callback], { session }) => {
      session.blockCallback = readUnsigned(callback);
      return "null";
    },
  },
  cancel_all_subscriptions: {
    required: 0,
    run: (_args, { session }) => {
      session.subscribeCallback = null;
      session.pendingCallback = null;
      session.blockCallback = null;
      session.watched.clear();
      return "null";
    },
  },
};
