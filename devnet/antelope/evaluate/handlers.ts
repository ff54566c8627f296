import { burnerAccount } from "../../../shared/devnet/burner-abi.ts";
import { systemAccount, tokenAccount } from "../chain/objects.ts";
import { burnerActions } from "./burner.ts";
import type { Handler } from "./call.ts";
import { permissionActions } from "./permissions.ts";
import { resourceActions } from "./resources.ts";
import { tokenActions } from "./token.ts";

const handlers: ReadonlyMap<string, ReadonlyMap<string, Handler>> = new Map([
  [systemAccount, new Map([...permissionActions, ...resourceActions])],
  [tokenAccount, tokenActions],
  [burnerAccount, burnerActions],
]);

/** Undefined for actions that nobody heeds: contracts ignore what they do not know, and so do accounts without code. */
export function handlerOf(account: string, action: string): Handler | undefined {
  return handlers.get(account)?.get(action);
}
