import { AppError } from "../../errors/app-error.ts";
import { renderTemplate, type TemplateNode } from "../../workload/placeholders.ts";
import type { ByteWriter } from "../encoding/byte-writer.ts";
import { type AbiType, type ContractTypes, serializeAs } from "./abi.ts";
import type { Token } from "./chain-data.ts";
import { symbolWord } from "./names.ts";
import { drawUnits, templateScope, unitRange } from "./template-scope.ts";
import { type TransactionDraft, writeWord } from "./transaction-draft.ts";

/** Appends one value of an action's data. */
export type FieldWriter = (draft: TransactionDraft, counter: number) => void;

/** Bytes of the integers that the signing path writes itself, and the first number that is too large for each. */
const integers: Readonly<Record<string, { readonly bytes: number; readonly end: number }>> = {
  uint8: { bytes: 1, end: 2 ** 8 },
  uint16: { bytes: 2, end: 2 ** 16 },
  uint32: { bytes: 4, end: 2 ** 32 },
  uint64: { bytes: 8, end: 2 ** 53 },
};

const hexLengths: Readonly<Record<string, number>> = { checksum160: 20, checksum256: 32, checksum512: 64 };

/**
 * Turns a template into writers of its bytes: what is always the same is serialised once, the common placeholders have
 * writers of their own, and the rest goes through eosjs each time. All draw alike, so that either way gives the same
 * bytes.
 */
export class FieldCompiler {
  readonly #types: ContractTypes;
  readonly #tokens: readonly Token[];

  constructor(types: ContractTypes, tokens: readonly Token[]) {
    this.#types = types;
    this.#tokens = tokens;
  }

  /** Throws the library's error when a constant does not fit its type. */
  compile(node: TemplateNode, type: AbiType): FieldWriter {
    switch (node.kind) {
      case "constant":
        return constantWriter(serializeAs(type, node.value));
      case "object":
        return this.#struct(node, type) ?? this.throughLibrary(node, type);
      case "list":
        return this.#list(node.items, type) ?? this.throughLibrary(node, type);
      case "choice": {
        const options = node.options.map((option) => this.compile(option, type));
        return (draft, counter) => (options[draft.random.nextBelow(options.length)] as FieldWriter)(draft, counter);
      }
      default:
        return this.#placeholder(node, type) ?? this.throughLibrary(node, type);
    }
  }

  throughLibrary(node: TemplateNode, type: AbiType): FieldWriter {
    return (draft, counter) => {
      draft.data.append(serializeAs(type, renderTemplate(node, templateScope(draft, this.#tokens, counter))));
    };
  }

  #struct(node: TemplateNode & { kind: "object" }, type: AbiType): FieldWriter | null {
    const fields = this.#types.fieldsOf(type);
    if (fields === null) return null;
    const values = new Map(node.fields);
    if (values.size !== fields.length) return null;
    const writers: FieldWriter[] = [];
    for (const field of fields) {
      const value = values.get(field.name);
      if (value === undefined) return null;
      writers.push(this.compile(value, field.type));
    }
    return (draft, counter) => {
      for (const write of writers) write(draft, counter);
    };
  }

  #list(items: readonly TemplateNode[], type: AbiType): FieldWriter | null {
    const { arrayOf } = type;
    if (arrayOf === null) return null;
    const writers = items.map((item) => this.compile(item, arrayOf));
    return (draft, counter) => {
      draft.data.ensure(5);
      draft.data.varint(items.length);
      for (const write of writers) write(draft, counter);
    };
  }

  #placeholder(node: TemplateNode, type: AbiType): FieldWriter | null {
    switch (node.kind) {
      case "account":
        if (type.name !== "name") return null;
        return (draft) => {
          draft.data.ensure(8);
          writeWord(draft.data, draft.nameWordOf(draft.pick(node.which)));
        };
      case "integer":
      case "counter":
        return integerWriter(node, type);
      case "asset":
        return type.name === "asset" ? assetWriter(node, this.#tokens) : null;
      case "hex":
        return hexWriter(node.bytes, type);
      case "time":
        if (type.name !== "time_point_sec") return null;
        return (draft) => {
          draft.data.ensure(4);
          draft.data.uint32(draft.expirationSeconds + node.seconds);
        };
      default:
        return null;
    }
  }
}

function constantWriter(bytes: Uint8Array): FieldWriter {
  const kept = Uint8Array.from(bytes);
  return (draft) => draft.data.append(kept);
}

function integerWriter(node: TemplateNode & { kind: "integer" | "counter" }, type: AbiType): FieldWriter | null {
  const integer = integers[type.name];
  if (!integer) return null;
  const { bytes, end } = integer;
  if (node.kind === "integer") {
    const { minimum, maximum } = node;
    if (maximum >= end) return null;
    return (draft) => writeInteger(draft.data, minimum + draft.random.nextBelow(maximum - minimum + 1), bytes);
  }
  if (node.form !== "number") return null;
  return (draft, counter) => {
    const value = counter + node.start;
    if (value >= end) throw new AppError("PLAN_IMPOSSIBLE", `the counter ${value} is too large for ${type.name}`);
    writeInteger(draft.data, value, bytes);
  };
}

function writeInteger(target: ByteWriter, value: number, bytes: number): void {
  target.ensure(bytes);
  if (bytes === 8) target.uint64(value);
  else if (bytes === 4) target.uint32(value);
  else if (bytes === 2) target.uint16(value);
  else target.byte(value);
}

function assetWriter(node: TemplateNode & { kind: "asset" }, tokens: readonly Token[]): FieldWriter {
  const units = unitRange(node.range, tokens);
  const symbol = symbolWord(units.token.symbol, units.token.precision);
  return (draft) => {
    draft.data.ensure(16);
    draft.data.uint64(drawUnits(units, draft.random));
    writeWord(draft.data, symbol);
  };
}

/** Draws as `$hex` does: eight digits, which are four bytes, at a time. */
function hexWriter(bytes: number, type: AbiType): FieldWriter | null {
  const prefixed = type.name === "bytes";
  if (!prefixed && hexLengths[type.name] !== bytes) return null;
  return ({ data, random }) => {
    data.ensure(bytes + 8);
    if (prefixed) data.varint(bytes);
    const end = data.length + bytes;
    while (data.length < end) data.append(bigEndian(random.nextWord()));
    data.length = end;
  };
}

const wordBytes = Buffer.alloc(4);

function bigEndian(word: number): Uint8Array {
  wordBytes.writeUInt32BE(word);
  return wordBytes;
}
