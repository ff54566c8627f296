import { Numeric, Serialize } from "eosjs";
import type { Abi } from "eosjs/dist/eosjs-rpc-interfaces.js";
import { contracts } from "../chain/contract.ts";

type Type = Serialize.Type;

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { fatal: true });
const abiTypes = Serialize.getTypesFromAbi(Serialize.createAbiTypes());

/** How a node writes what the library writes otherwise: hexadecimal in small letters, small integers as numbers. */
function createNodeTypes(): Map<string, Type> {
  const types = Serialize.createInitialTypes();
  const rewrite = (name: string, write: (value: unknown) => unknown): void => {
    const type = types.get(name);
    if (type === undefined) return;
    types.set(name, { ...type, deserialize: (buffer) => write(type.deserialize(buffer)) });
  };
  for (const name of ["bytes", "checksum160", "checksum256", "checksum512"]) {
    rewrite(name, (value) => String(value).toLowerCase());
  }
  for (const name of ["uint64", "int64"]) rewrite(name, toNodeInteger);
  rewrite("public_key", toLegacyKey);
  return types;
}

function toNodeInteger(value: unknown): number | string {
  const number = Number(value);
  return Math.abs(number) <= 0xffff_ffff ? number : String(value);
}

function toLegacyKey(value: unknown): string {
  const key = Numeric.stringToPublicKey(String(value));
  return key.type === Numeric.KeyType.k1 ? Numeric.publicKeyToLegacyString(key) : String(value);
}

/** A contract's ABI as its account keeps it, and what can be read with it. */
export class ContractInterface {
  /** The ABI as `get_abi` tells it. */
  readonly definition: Omit<Abi, "kv_tables">;
  readonly #actionTypes = new Map<string, Type>();

  constructor(raw: Uint8Array) {
    const { kv_tables: _, ...abi } = abiTypes.get("abi_def")!.deserialize(toBuffer(raw)) as Abi;
    this.definition = abi;
    const types = Serialize.getTypesFromAbi(createNodeTypes(), abi as Abi);
    for (const { name, type } of (abi as Abi).actions) {
      const found = types.get(type);
      if (found !== undefined) this.#actionTypes.set(name, found);
    }
  }

  /** Names of its tables. */
  get tables(): readonly string[] {
    return this.definition.tables.map(({ name }) => name);
  }

  /** Throws what the library throws when the fields do not fit the action; `null` when there is no such action. */
  packAction(action: string, fields: unknown): Uint8Array | null {
    const type = this.#actionTypes.get(action);
    if (type === undefined) return null;
    // Given an empty array to begin with, the library would never stop doubling it.
    const buffer = new Serialize.SerialBuffer({ textEncoder, textDecoder });
    type.serialize(buffer, fields);
    return buffer.asUint8Array();
  }

  /** Null: the ABI does not know the action, or its data do not fit. */
  readAction(action: string, data: Uint8Array): unknown {
    const type = this.#actionTypes.get(action);
    if (type === undefined) return null;
    try {
      return type.deserialize(toBuffer(data));
    } catch {
      return null;
    }
  }
}

function toBuffer(array: Uint8Array): Serialize.SerialBuffer {
  return new Serialize.SerialBuffer({ textEncoder, textDecoder, array });
}

const interfaces = new Map<string, ContractInterface>();

/** `null` for accounts without a contract. */
export function interfaceOf(account: string): ContractInterface | null {
  const known = interfaces.get(account);
  if (known !== undefined) return known;
  const contract = contracts.get(account);
  if (contract === undefined) return null;
  const read = new ContractInterface(contract.rawAbi);
  interfaces.set(account, read);
  return read;
}
