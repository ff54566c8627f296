import { AppError } from "../../../errors/app-error.ts";
import { type Abi, ContractTypes, encodeAbi, serializeAs } from "../abi.ts";
import type { Token } from "../chain-data.ts";
import { systemAccount } from "../named-actions.ts";
import type { Party, Scene } from "./scene.ts";
import type { ActionCall, Actor } from "./step.ts";

/** nodeos itself carries it out, so it has this form also where no system contract says so. */
const nativeAbi: Partial<Abi> & Pick<Abi, "version"> = {
  version: "eosio::abi/1.1",
  structs: [
    struct("permission_level", { actor: "name", permission: "name" }),
    struct("key_weight", { key: "public_key", weight: "uint16" }),
    struct("permission_level_weight", { permission: "permission_level", weight: "uint16" }),
    struct("wait_weight", { wait_sec: "uint32", weight: "uint16" }),
    struct("authority", {
      ...{ threshold: "uint32", keys: "key_weight[]" },
      ...{ accounts: "permission_level_weight[]", waits: "wait_weight[]" },
    }),
    struct("updateauth", { account: "name", permission: "name", parent: "name", auth: "authority" }),
    struct("newaccount", { creator: "name", name: "name", owner: "authority", active: "authority" }),
  ],
  actions: ["newaccount", "updateauth"].map((name) => ({ name, type: name, ricardian_contract: "" })),
};

function struct(name: string, fields: Readonly<Record<string, string>>): Abi["structs"][number] {
  return { name, base: "", fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })) };
}

const nativeTypes = new ContractTypes({ raw: Buffer.from(encodeAbi(nativeAbi)).toString("hex") });

/** Throws RESOURCES_MISSING where the contract has no such action. */
export function actionOf(
  types: ContractTypes | undefined,
  call: Omit<ActionCall, "data"> & { readonly fields: Readonly<Record<string, unknown>> },
): ActionCall {
  const { contract, action, actors, fields } = call;
  const type = types?.actions.get(action);
  if (type === undefined) throw new AppError("RESOURCES_MISSING", `the contract ${contract} has no action ${action}`);
  return { contract, action, actors, data: serializeAs(type, fields) };
}

export function newAccount(creator: Actor, { name, publicKey }: Pick<Party, "name" | "publicKey">): ActionCall {
  const authority = { threshold: 1, keys: [{ key: publicKey, weight: 1 }], accounts: [], waits: [] };
  const fields = { creator: creator.name, name, owner: authority, active: authority };
  return actionOf(nativeTypes, { contract: systemAccount, action: "newaccount", actors: [creator], fields });
}

/** A permission that whoever satisfies `active` satisfies: needs no key of its own. */
export function updateAuth({ name }: Party, permission: string, actors: readonly Party[]): ActionCall {
  const level = { permission: { actor: name, permission: "active" }, weight: 1 };
  const fields = {
    ...{ account: name, permission, parent: "active" },
    auth: { threshold: 1, keys: [], accounts: [level], waits: [] },
  };
  return actionOf(nativeTypes, { contract: systemAccount, action: "updateauth", actors, fields });
}

export function systemAction(
  { system }: Scene,
  action: string,
  actors: readonly Party[],
  fields: Readonly<Record<string, unknown>>,
): ActionCall {
  return actionOf(system ?? undefined, { contract: systemAccount, action, actors, fields });
}

export function tokenAction(
  { types }: Scene,
  { contract }: Token,
  action: string,
  actors: readonly Party[],
  fields: Readonly<Record<string, unknown>>,
): ActionCall {
  return actionOf(types.get(contract), { contract, action, actors, fields });
}

/** Such as `1.0000 EOS`. */
export function quantity(
  units: bigint,
  { symbol, precision }: { readonly symbol: string; readonly precision: number },
): string {
  const digits = units.toString().padStart(precision + 1, "0");
  const whole = digits.slice(0, digits.length - precision);
  return `${precision === 0 ? whole : `${whole}.${digits.slice(-precision)}`} ${symbol}`;
}
