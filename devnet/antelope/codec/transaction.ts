import { PackedReader, RangeExceeded } from "./packed-reader.ts";

export interface PermissionLevel {
  readonly actor: string;
  readonly permission: string;
}

export interface Action {
  readonly account: string;
  readonly name: string;
  readonly authorization: readonly PermissionLevel[];
  readonly data: Buffer;
  /** The whole action in its binary form. */
  readonly packed: Buffer;
}

export interface Transaction {
  readonly expirationSeconds: number;
  readonly refBlockNumber: number;
  readonly refBlockPrefix: number;
  /** 0: no limit. */
  readonly maximumNetWords: number;
  readonly maximumCpuMillis: number;
  readonly delaySeconds: number;
  readonly contextFreeActions: readonly Action[];
  readonly actions: readonly Action[];
  readonly extensions: readonly (readonly [type: number, data: Buffer])[];
}

/** Why the bytes are no transaction: the stream's own words, and the field at which it ended. */
export interface BrokenTransaction {
  readonly message: string;
  readonly field: string;
}

export function readTransaction(packed: Buffer): Transaction | BrokenTransaction {
  const reader = new PackedReader(packed);
  let field = "";
  const read = <Value>(name: string, take: () => Value): Value => {
    field = name;
    return take();
  };
  try {
    return {
      expirationSeconds: read("expiration", () => reader.uint32()),
      refBlockNumber: read("ref_block_num", () => reader.uint16()),
      refBlockPrefix: read("ref_block_prefix", () => reader.uint32()),
      maximumNetWords: read("max_net_usage_words", () => reader.varuint32()),
      maximumCpuMillis: read("max_cpu_usage_ms", () => reader.uint8()),
      delaySeconds: read("delay_sec", () => reader.varuint32()),
      contextFreeActions: read("context_free_actions", () => reader.list(() => readAction(reader))),
      actions: read("actions", () => reader.list(() => readAction(reader))),
      extensions: read("transaction_extensions", () =>
        reader.list(() => [reader.uint16(), reader.lengthAndBytes()] as const),
      ),
    };
  } catch (error) {
    if (error instanceof RangeExceeded) return { message: error.message, field };
    throw error;
  }
}

function readAction(reader: PackedReader): Action {
  const start = reader.offset;
  const account = reader.name();
  const name = reader.name();
  const authorization = reader.list(() => ({ actor: reader.name(), permission: reader.name() }));
  const data = reader.lengthAndBytes();
  return { account, name, authorization, data, packed: reader.bytes.subarray(start, reader.offset) };
}
