import { type RpcInterfaces, Serialize } from "eosjs";
import type { ContractAbi } from "./chain-data.ts";

export type Abi = RpcInterfaces.Abi;
export type AbiType = Serialize.Type;

const abiTypes = Serialize.getTypesFromAbi(Serialize.createAbiTypes());
const initialTypes = Serialize.createInitialTypes();

/** Of a contract's account, as `get_raw_abi` has it. Throws the library's error when it is no ABI. */
export function decodeAbi(raw: Uint8Array): Abi {
  const buffer = toBuffer(raw);
  if (!Serialize.supportedAbiVersion(buffer.getString())) throw new Error("unsupported version of the ABI");
  buffer.restartRead();
  return typeIn(abiTypes, "abi_def").deserialize(buffer) as Abi;
}

/** What an account keeps of an ABI that is written as JSON; lists that are left out are empty. */
export function encodeAbi(abi: Partial<Abi> & Pick<Abi, "version">): Uint8Array {
  const empty = {
    types: [],
    structs: [],
    actions: [],
    tables: [],
    ricardian_clauses: [],
    error_messages: [],
    abi_extensions: [],
    variants: [],
    action_results: [],
  };
  return serializeAs(typeIn(abiTypes, "abi_def"), { ...empty, ...abi });
}

/** The types of one contract. */
export class ContractTypes {
  readonly actions: ReadonlyMap<string, AbiType>;
  readonly #variants: ReadonlySet<string>;

  /** Throws the library's error when the ABI cannot be read or names types that it lacks. */
  constructor({ raw }: ContractAbi) {
    const abi = decodeAbi(Buffer.from(raw, "hex"));
    const types = Serialize.getTypesFromAbi(initialTypes, abi);
    this.actions = new Map(abi.actions.map(({ name, type }) => [name, typeIn(types, type)]));
    this.#variants = new Set((abi.variants ?? []).map((variant) => variant.name));
  }

  /** Fields in the order of their bytes, those of its base first; null for what is not a struct. */
  fieldsOf(type: AbiType): readonly Serialize.Field[] | null {
    if (this.#variants.has(type.name)) return null;
    const base = type.base ? this.fieldsOf(type.base) : [];
    const isStruct = type.base !== null || type.fields.length > 0;
    return isStruct && base !== null ? [...base, ...type.fields] : null;
  }
}

/** Throws the library's error when the value does not fit the type. */
export function serializeAs(type: AbiType, value: unknown): Uint8Array {
  const buffer = toBuffer();
  type.serialize(buffer, value);
  return buffer.asUint8Array();
}

function typeIn(types: Map<string, AbiType>, name: string): AbiType {
  return Serialize.getType(types, name);
}

function toBuffer(array?: Uint8Array): Serialize.SerialBuffer {
  const codecs = { textEncoder: new TextEncoder(), textDecoder: new TextDecoder() };
  return new Serialize.SerialBuffer(array ? { ...codecs, array } : codecs);
}
