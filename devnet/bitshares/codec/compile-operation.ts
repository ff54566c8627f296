import { assertion } from "../chain/failure.ts";
import { dataFee, limitOrderCancelFee, limitOrderCreateFee, transferFee } from "../chain/fee-schedule.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { compileFields } from "./field-operations.ts";
import { isObject, type Json, type JsonObject, toTimeText } from "./json.ts";
import { packedMemoSize, writeMemo } from "./memo.ts";
import { type CompiledOperation, operationCount, operationTypes } from "./operation.ts";
import { compileOther } from "./other-operation.ts";
import { type Amount, badCast, readAmount, readInstance, readTime, toAmountJson, Unreadable } from "./read-value.ts";

/** Reads one `[type, body]`, writes its packed form, and keeps what evaluating it needs. */
export function compileOperation(given: Json | undefined, writer: ByteWriter, depth = 0): CompiledOperation {
  if (depth > deepestProposal) throw new Unreadable(tooDeep());
  if (!Array.isArray(given) || given.length !== 2) throw new Unreadable(badCast("get_array", "object_type", "Array"));
  const [type, body] = given as unknown as readonly [Json, Json];
  if (typeof type !== "number" || !Number.isInteger(type))
    throw new Unreadable(badCast("as_int64", "string_type", "int64"));
  if (type < 0 || type >= operationCount) throw new Unreadable(unknownType(type));
  if (!isObject(body)) throw new Unreadable(badCast("get_object", "array_type", "Object"));
  const compile = isPlain(body.extensions) ? handWritten[type] : undefined;
  if (compile === undefined) {
    const nested = (inner: Json | undefined) => compileOperation(inner, writer, depth + 1);
    return compileFields(type, body, writer, nested) ?? compileOther(type, body, writer);
  }
  writer.uint8(type);
  return compile(body, writer);
}

const handWritten: Readonly<Record<number, (body: JsonObject, writer: ByteWriter) => CompiledOperation>> = {
  [operationTypes.transfer]: compileTransfer,
  [operationTypes.limitOrderCreate]: compileLimitOrderCreate,
  [operationTypes.limitOrderCancel]: compileLimitOrderCancel,
};

/** Proposals may hold proposals; nodes refuse what is nested too deep while they read it. */
const deepestProposal = 24;

function tooDeep() {
  return assertion({ file: "variant.hpp", line: 651, method: "from_variant" }, { format: "_max_depth > 0: " });
}

function isPlain(extensions: Json | undefined): boolean {
  if (extensions === undefined) return true;
  if (Array.isArray(extensions)) return extensions.length === 0;
  return isObject(extensions) && Object.keys(extensions).length === 0;
}

function unknownType(type: number) {
  const format =
    "static_cast<size_t>(tag) < count(): Unable to set tag '{tag}' when the number of supported tags is {count}";
  return assertion(
    { file: "static_variant.hpp", line: 322, method: "set_which" },
    {
      format,
      text: format.replace("{tag}", String(type)).replace("{count}", String(operationCount)),
      data: JSON.stringify({ tag: type, count: operationCount }),
    },
  );
}

function writeAmount({ amount, asset }: Amount, writer: ByteWriter): void {
  writer.int64(amount);
  writer.varint(asset);
}

function compileTransfer(body: JsonObject, writer: ByteWriter): CompiledOperation {
  const fee = readAmount(body.fee);
  const from = readInstance(body.from, "1.2.");
  const to = readInstance(body.to, "1.2.");
  const amount = readAmount(body.amount);
  writeAmount(fee, writer);
  writer.varint(from);
  writer.varint(to);
  writeAmount(amount, writer);
  const memo = writeMemo(body.memo, writer);
  writer.uint8(0);
  const memoFee = memo === "" ? 0 : dataFee(operationTypes.transfer, 1 + packedMemoSize(body.memo));
  return {
    operation: {
      kind: "transfer",
      type: operationTypes.transfer,
      fee,
      payer: from,
      requiredFee: transferFee + memoFee,
      requiredActive: [from],
      requiredOwner: [],
      from,
      to,
      amount,
    },
    json: `[0,{"fee":${toAmountJson(fee)},"from":"1.2.${from}","to":"1.2.${to}","amount":${toAmountJson(amount)},${memo}"extensions":[]}]`,
  };
}

function compileLimitOrderCreate(body: JsonObject, writer: ByteWriter): CompiledOperation {
  const fee = readAmount(body.fee);
  const seller = readInstance(body.seller, "1.2.");
  const sell = readAmount(body.amount_to_sell);
  const receive = readAmount(body.min_to_receive);
  const expirationSeconds = body.expiration === undefined ? 0xffffffff : readTime(body.expiration);
  const fillOrKill = body.fill_or_kill === true;
  writeAmount(fee, writer);
  writer.varint(seller);
  writeAmount(sell, writer);
  writeAmount(receive, writer);
  writer.uint32(expirationSeconds);
  writer.uint8(fillOrKill ? 1 : 0);
  writer.uint8(0);
  return {
    operation: {
      kind: "limit-order-create",
      type: operationTypes.limitOrderCreate,
      fee,
      payer: seller,
      requiredFee: limitOrderCreateFee,
      requiredActive: [seller],
      requiredOwner: [],
      sell,
      receive,
      expirationSeconds,
      fillOrKill,
    },
    json: `[1,{"fee":${toAmountJson(fee)},"seller":"1.2.${seller}","amount_to_sell":${toAmountJson(sell)},"min_to_receive":${toAmountJson(receive)},"expiration":"${toTimeText(expirationSeconds)}","fill_or_kill":${fillOrKill},"extensions":{}}]`,
  };
}

function compileLimitOrderCancel(body: JsonObject, writer: ByteWriter): CompiledOperation {
  const fee = readAmount(body.fee);
  const account = readInstance(body.fee_paying_account, "1.2.");
  const order = readInstance(body.order, "1.7.");
  writeAmount(fee, writer);
  writer.varint(account);
  writer.varint(order);
  writer.uint8(0);
  return {
    operation: {
      kind: "limit-order-cancel",
      type: operationTypes.limitOrderCancel,
      fee,
      payer: account,
      requiredFee: limitOrderCancelFee,
      requiredActive: [account],
      requiredOwner: [],
      order,
    },
    json: `[2,{"fee":${toAmountJson(fee)},"fee_paying_account":"1.2.${account}","order":"1.7.${order}","extensions":[]}]`,
  };
}
