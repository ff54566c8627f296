import type { Amount } from "../../surveying/summarise-stages.ts";
import type { Party, Scene } from "./scene.ts";

/** An account with the permission that its key satisfies. */
export type Actor = Pick<Party, "name" | "permission" | "privateKey">;

/** An action with its data as bytes. */
export interface ActionCall {
  readonly contract: string;
  readonly action: string;
  /** In the order of their authorizations: the first of a transaction's first action is billed. */
  readonly actors: readonly Actor[];
  readonly data: Uint8Array;
}

/** A single thing that is made; its actions stay in one transaction. */
export interface Step {
  /** Whose tokens it takes. */
  readonly sender: Party;
  /** Null as long as an account or token that it names is not there: an earlier stage makes it. */
  readonly actions: readonly ActionCall[] | null;
  readonly spends: readonly Amount[];
  readonly gains?: readonly Amount[];
}

export interface Stage {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** The funding account signs first: where networks bill the first one only, accounts need no CPU time of their own. */
export function signers({ funder }: Pick<Scene, "funder">, party: Party): Party[] {
  return [funder, party];
}
