import type { BitsharesNetwork, BitsharesNode } from "../bitshares-network.ts";
import type { ChainFailure } from "../chain/failure.ts";
import type { Json } from "../codec/json.ts";
import type { Session } from "./session.ts";

/** JSON text, a refusal, or either of them later. */
export type Answer = string | ChainFailure | Promise<string | ChainFailure>;

export interface Call {
  readonly network: BitsharesNetwork;
  readonly node: BitsharesNode;
  readonly session: Session<Api>;
}

export interface Method {
  /** Arguments that must be there; more are allowed. */
  readonly required: number;
  readonly run: (args: readonly Json[], call: Call) => Answer;
}

/** In the order in which the node registered them: errors list the positions. */
export type Api = ReadonlyMap<string, Method>;
