import { ChainFailure, fail, kinds } from "../chain/failure.ts";
import {
  type Account,
  activePermission,
  ownerPermission,
  type Permission,
  type PermissionLink,
} from "../chain/objects.ts";
import { isAccountName } from "../codec/names.ts";
import { assertion, type Call, type Handler, readData, requireAuthority } from "./call.ts";
import { isValidAuthority, permissionBytes, readAuthority } from "./read-authority.ts";

const file = "eosio_contract.cpp";
/** `overhead_per_account_ram_bytes` and the account's own objects. */
export const accountBytes = 2236;
/** `billable_size_v<permission_link_object>`. */
const linkBytes = 136;
/** Stands for any permission, without being one. */
const anyPermission = "eosio.any";
const linkSource = { file, method: "apply_eosio_linkauth" };
const accountQuery = [3_060_002, "account_query_exception", "Account Query Exception"] as const;

function newaccount(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({
    creator: data.name(),
    name: data.name(),
    owner: readAuthority(data),
    active: readAuthority(data),
  }));
  if (read instanceof ChainFailure) return read;
  const { creator, name, owner, active } = read;
  const source = { file, line: 84, method: "apply_eosio_newaccount" };
  const missing = requireAuthority(call, creator);
  if (missing !== null) return missing;
  if (!isValidAuthority(owner)) return fail(kinds.actionInvalid, source, "Invalid owner authority");
  if (!isValidAuthority(active)) return fail(kinds.actionInvalid, source, "Invalid active authority");
  if (!isAccountName(name)) return fail(kinds.actionInvalid, source, "account name cannot be empty");
  if (call.state.accounts.get(name) !== undefined) {
    const taken = "Cannot create account named {name}, as that name is already taken";
    return fail(kinds.accountExists, { ...source, line: 108 }, taken, { name });
  }
  const limit = call.parameters.newAccountsHaveNothing ? 0 : null;
  call.state.accounts.set(name, {
    name,
    createdMillis: call.readTime(),
    isPrivileged: false,
    permissions: [
      { name: activePermission, parent: ownerPermission, authority: active },
      { name: ownerPermission, parent: "", authority: owner },
    ],
    links: [],
    // Null as on a network where nobody has set limits; what is bought or staked for it later changes nothing then.
    cpuMicrosPerDay: limit,
    netBytesPerDay: limit,
    ramBytes: limit,
  });
  call.addRam(name, accountBytes + permissionBytes(owner) + permissionBytes(active));
  return null;
}

function updateauth(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({
    account: data.name(),
    permission: data.name(),
    parent: data.name(),
    authority: readAuthority(data),
  }));
  if (read instanceof ChainFailure) return read;
  const { account: owner, permission: name, parent, authority } = read;
  const account = requireAccount(call, owner);
  if (account instanceof ChainFailure) return account;
  const source = { file, line: 250, method: "apply_eosio_updateauth" };
  if (!isValidAuthority(authority))
    return fail(kinds.actionInvalid, source, "Invalid authority: {auth}", { auth: name });
  const wrong = wrongPlace(name, parent);
  if (wrong !== null) return fail(kinds.actionInvalid, source, wrong);
  if (name !== ownerPermission && !account.permissions.some((permission) => permission.name === parent))
    return missingPermission(owner, parent);
  const before = account.permissions.find((permission) => permission.name === name);
  // Or permissions could stand above each other in a ring.
  if (before !== undefined && before.parent !== parent)
    return fail(kinds.actionInvalid, source, "Changing parent authority is not currently supported");
  const permission: Permission = { name, parent, authority };
  setAccount(call, {
    ...account,
    permissions: [...account.permissions.filter((other) => other !== before), permission].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    ),
  });
  call.addRam(owner, permissionBytes(authority) - (before === undefined ? 0 : permissionBytes(before.authority)));
  return null;
}

/** Why a permission of that name cannot stand there; `null` when it can. */
function wrongPlace(name: string, parent: string): string | null {
  if (name === "") return "Cannot create authority with empty name";
  if (name.startsWith("eosio.")) return "Permission names that start with 'eosio.' are reserved";
  if (name === parent) return "Cannot set an authority as its own parent";
  if (name === activePermission && parent !== ownerPermission)
    return "Cannot change active authority's parent from owner";
  if (name === ownerPermission) return parent === "" ? null : "Cannot change owner authority's parent";
  return parent === "" ? "Only owner permission can have empty parent" : null;
}

function deleteauth(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({ account: data.name(), permission: data.name() }));
  if (read instanceof ChainFailure) return read;
  const account = requireAccount(call, read.account);
  if (account instanceof ChainFailure) return account;
  const source = { file, line: 345, method: "apply_eosio_deleteauth" };
  const { permission: name } = read;
  if (name === ownerPermission || name === activePermission)
    return fail(kinds.actionInvalid, source, `Cannot delete ${name} authority`);
  const found = account.permissions.find((permission) => permission.name === name);
  if (found === undefined) return missingPermission(read.account, name);
  if (account.links.some(({ permission }) => permission === name))
    return fail(kinds.actionInvalid, source, "Cannot delete a linked authority. Unlink the authority first.");
  if (account.permissions.some(({ parent }) => parent === name)) {
    const source = { file: "authorization_manager.cpp", line: 202, method: "remove_permission" };
    return fail(
      kinds.actionInvalid,
      source,
      "Cannot remove a permission which has children. Remove the children first.",
    );
  }
  setAccount(call, { ...account, permissions: account.permissions.filter((permission) => permission !== found) });
  call.addRam(read.account, -permissionBytes(found.authority));
  return null;
}

function linkauth(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({
    account: data.name(),
    contract: data.name(),
    action: data.name(),
    permission: data.name(),
  }));
  if (read instanceof ChainFailure) return read;
  const { account: name, contract, action, permission } = read;
  const account = requireAccount(call, name);
  if (account instanceof ChainFailure) return account;
  if (permission === "")
    return fail(kinds.actionInvalid, { ...linkSource, line: 392 }, "Required permission cannot be empty");
  if (call.state.accounts.get(contract) === undefined) {
    return fail(accountQuery, { ...linkSource, line: 401 }, "Failed to retrieve code for account: {account}", {
      account: contract,
    });
  }
  const isKnown = permission === anyPermission || account.permissions.some((known) => known.name === permission);
  if (!isKnown) return missingPermission(name, permission);
  const link: PermissionLink = { contract, action, permission };
  const others = otherLinks(account, link);
  const before =
    account.links.length === others.length ? null : account.links.find((known) => isSameAction(known, link));
  if (before?.permission === permission) {
    const message = "Attempting to update required authority, but new requirement is same as old";
    return fail(kinds.actionInvalid, { ...linkSource, line: 424 }, message);
  }
  setAccount(call, { ...account, links: [...others, link] });
  if (before === null) call.addRam(name, linkBytes);
  return null;
}

function unlinkauth(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({ account: data.name(), contract: data.name(), action: data.name() }));
  if (read instanceof ChainFailure) return read;
  const account = requireAccount(call, read.account);
  if (account instanceof ChainFailure) return account;
  const links = otherLinks(account, read);
  if (links.length === account.links.length)
    return fail(
      kinds.actionInvalid,
      { file, line: 461, method: "apply_eosio_unlinkauth" },
      "Attempting to unlink authority, but no link found",
    );
  setAccount(call, { ...account, links });
  call.addRam(read.account, -linkBytes);
  return null;
}

function otherLinks({ links }: Account, { contract, action }: Pick<PermissionLink, "contract" | "action">) {
  return links.filter((link) => !isSameAction(link, { contract, action }));
}

function isSameAction(
  a: Pick<PermissionLink, "contract" | "action">,
  b: Pick<PermissionLink, "contract" | "action">,
): boolean {
  return a.contract === b.contract && a.action === b.action;
}

function requireAccount(call: Call, name: string): Account | ChainFailure {
  return requireAuthority(call, name) ?? call.state.accounts.get(name) ?? assertion("account does not exist");
}

function setAccount(call: Call, account: Account): void {
  call.state.accounts.set(account.name, account);
}

function missingPermission(actor: string, permission: string): ChainFailure {
  return fail(
    [3_060_001, "permission_query_exception", "Permission Query Exception"],
    { file: "authorization_manager.cpp", line: 228, method: "get_permission" },
    "Failed to retrieve permission: {level}",
    { level: { actor, permission } },
  );
}

export const permissionActions: readonly (readonly [string, Handler])[] = Object.entries({
  newaccount,
  updateauth,
  deleteauth,
  linkauth,
  unlinkauth,
});
