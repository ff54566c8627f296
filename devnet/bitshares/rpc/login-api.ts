import { assertion, type ChainFailure } from "../chain/failure.ts";
import { databaseApi } from "./database-api.ts";
import { historyApi } from "./history-api.ts";
import { loginConfigJson } from "./login-config.ts";
import type { Api, Call, Method } from "./method.ts";
import { networkBroadcastApi } from "./network-broadcast-api.ts";
import type { Session } from "./session.ts";

function hands(name: string, api: Api): Method {
  return { required: 0, run: (_args, { session }: Call) => String(session.register(name, api)) };
}

/** Nodes give out these only to users of their configuration. */
function denied(method: string, line: number): Method {
  return {
    required: 0,
    run: (): ChainFailure => assertion({ file: "api.cpp", line, method }, { format: "is_allowed: Access denied" }),
  };
}

const nothing: Api = new Map();

export const loginApi: Api = new Map<string, Method>([
  ["login", { required: 2, run: () => "true" }],
  ["logout", { required: 0, run: () => "true" }],
  ["get_info", { required: 0, run: () => '""' }],
  ["get_config", { required: 0, run: () => loginConfigJson }],
  [
    "get_available_api_sets",
    {
      required: 0,
      run: () => '["custom_operations_api","database_api","history_api","network_broadcast_api","orders_api"]',
    },
  ],
  ["block", denied("block", 257)],
  ["network_broadcast", hands("network_broadcast", networkBroadcastApi)],
  ["database", hands("database", databaseApi)],
  ["history", hands("history", historyApi)],
  ["network_node", denied("network_node", 268)],
  ["crypto", denied("crypto", 274)],
  ["asset", denied("asset", 280)],
  ["orders", hands("orders", nothing)],
  ["debug", denied("debug", 292)],
  ["custom_operations", hands("custom_operations", nothing)],
]);

/** Nodes register the database first and login second, before the client says anything. */
export function openSession(session: Session<Api>): Session<Api> {
  session.register("database", databaseApi);
  session.register("login", loginApi);
  return session;
}
