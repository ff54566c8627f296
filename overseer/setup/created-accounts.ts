import { randomBytes } from "node:crypto";
import secp256k1 from "secp256k1";
import type { AccountKey, ChainDriver } from "../../shared/chains/driver.ts";
import type { Provisioning } from "../../shared/chains/provisioning.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import type { CreatedAccounts } from "../../shared/scenario/scenario.ts";
import { loadAccountKeys, readKeySource } from "../run/account-keys.ts";
import { derivePrivateKeys } from "./derive-keys.ts";
import { type KeysByName, readKeyFile, writeKeyFile } from "./key-file.ts";

export interface SetupKeys {
  readonly funder: AccountKey;
  readonly accounts: readonly AccountKey[];
  /**
   * Writes the keys that were made into the scenario's key file; does nothing where all were there. To be awaited before
   * anything is sent, and not before it is known that nothing speaks against it. Throws ACCOUNT_KEY.
   */
  keep(): Promise<void>;
}

export interface LoadOptions {
  readonly driver: ChainDriver;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of accounts that have no key in the scenario's key file: made anew, or refused. */
  readonly absentKeys: "make" | "require";
}

export function provisioningOf(driver: ChainDriver): Provisioning {
  if (driver.provisioning !== undefined) return driver.provisioning;
  throw new AppError("SCENARIO_INVALID", `accounts of ${driver.chain} cannot be made`);
}

/** Names and keys of the accounts that a scenario makes, and of the one that pays for them. Throws ACCOUNT_KEY. */
export async function loadCreatedAccounts(wanted: CreatedAccounts, options: LoadOptions): Promise<SetupKeys> {
  const { driver, environment } = options;
  const provisioning = provisioningOf(driver);
  const named = provisioning.nameAccounts(wanted.prefix, wanted.count);
  if ("expected" in named) throw new AppError("SCENARIO_INVALID", `accounts.create.prefix: ${named.expected}`);
  const [funder] = await loadAccountKeys([wanted.funder.name], wanted.funder.key, environment);
  const { keys, keep } = await keysOf(wanted, named.names, provisioning, options);
  return {
    funder: funder as AccountKey,
    accounts: named.names.map((name) => ({ name, privateKey: keys[name] as string })),
    keep,
  };
}

async function keysOf(
  { keys }: CreatedAccounts,
  names: readonly string[],
  { keyText }: Provisioning,
  { driver, environment, absentKeys }: LoadOptions,
): Promise<{ readonly keys: KeysByName; readonly keep: SetupKeys["keep"] }> {
  if (keys.kind === "phrase") {
    const phrase = await readKeySource(keys.source, environment);
    const derived = await derivePrivateKeys(phrase, driver.chain, names);
    return { keys: Object.fromEntries(names.map((name, i) => [name, keyText(derived[i] as Buffer)])), keep: nothing };
  }
  const known = await readKeyFile(keys.path);
  const absent = names.filter((name) => known?.[name] === undefined);
  if (known !== null && absent.length === 0) return { keys: known, keep: nothing };
  if (absentKeys === "require") {
    const problems = absent.map((name) => ({ path: "accounts.keys", value: name, expected: "expected a key for it" }));
    throw new AppError("ACCOUNT_KEY", `the key file ${keys.path} lacks keys of the accounts`, { problems });
  }
  const made = Object.fromEntries(absent.map((name) => [name, keyText(randomPrivateKey())]));
  const all = { ...known, ...made };
  let written: Promise<void> | null = null;
  const keep = (): Promise<void> => {
    written ??= writeKeyFile(keys.path, known, all);
    return written;
  };
  return { keys: all, keep };
}

function nothing(): Promise<void> {
  return Promise.resolve();
}

function randomPrivateKey(): Buffer {
  for (;;) {
    const bytes = randomBytes(32);
    if (secp256k1.privateKeyVerify(bytes)) return bytes;
  }
}
